"""What the catalog says of every table at once: holes that no single table shows."""

from __future__ import annotations

from db import repeatable
from tests.personas import Connection, Database, as_superuser

OURS = "('app'::regnamespace, 'entrance'::regnamespace)"


async def rows(database: Database, question: str) -> list[str]:
    async with as_superuser(database) as superuser:
        return [row[0] for row in await superuser.fetch(question)]


async def test_holes_2_and_14_row_security_is_forced_on_every_table_and_month(database: Database) -> None:
    question = f"""select relname from pg_class where relnamespace in {OURS} and relkind in ('r', 'p')
        and not (relrowsecurity and relforcerowsecurity)"""
    assert await rows(database, question) == []


async def test_a_wall_stands_around_every_tenant_table(database: Database) -> None:
    """One restrictive policy for all verbs and all five roles, with a check of its own."""
    question = """select c.relname from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
        where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'wall'
              and not p.polpermissive and p.polcmd = '*' and cardinality(p.polroles) = 5
              and pg_get_expr(p.polwithcheck, c.oid) like '%org_id = ( SELECT app.current_org_id() AS%')"""
    assert await rows(database, question) == []


async def test_hole_20_every_policy_names_its_roles(database: Database) -> None:
    assert await rows(database, "select polname from pg_policy where 0 = any (polroles)") == []


async def test_every_policy_that_writes_says_what_it_checks(database: Database) -> None:
    question = "select polname from pg_policy where polcmd in ('a', 'w', '*') and polwithcheck is null"
    assert await rows(database, question) == []


async def test_one_role_has_one_policy_for_one_command(database: Database) -> None:
    """Two would be joined by an `or`, which reads a whole organization for a first page."""
    question = """select c.relname || ' ' || p.polcmd::text || ' ' || r::regrole from pg_policy p
        join pg_class c on c.oid = p.polrelid cross join unnest(p.polroles) r
        where p.polpermissive group by 1, c.relname, p.polcmd, r having count(*) > 1"""
    assert await rows(database, question) == []


async def test_every_policy_of_the_worker_demands_a_reason(database: Database) -> None:
    reason = "%SELECT app.reason() AS reason) IS NOT NULL%"
    question = f"""select polrelid::regclass || '.' || polname from pg_policy
        where 'orgraph_worker'::regrole = any (polroles)
          and (coalesce(pg_get_expr(polqual, polrelid), '{reason}') not like '{reason}'
            or coalesce(pg_get_expr(polwithcheck, polrelid), '{reason}') not like '{reason}')"""
    assert await rows(database, question) == []


async def test_hole_15_public_holds_nothing(database: Database) -> None:
    tables = f"""select relname from pg_class, aclexplode(relacl) a where relnamespace in {OURS} and a.grantee = 0"""
    functions = f"""select p.oid::regprocedure::text from pg_proc p
        where pronamespace in {OURS} and has_function_privilege('public', p.oid, 'execute')"""
    assert await rows(database, tables) == []
    assert await rows(database, functions) == []


async def test_no_role_of_ours_stores_or_reads_large_objects(database: Database) -> None:
    """They know no policies, and who made one is a role of every organization. The owner may do no more than others."""
    functions = "from pg_proc p where pronamespace = 'pg_catalog'::regnamespace and proname ~ '^(lo_|loread|lowrite)'"
    question = f"""select r.rolname || ' ' || p.proname {functions.replace("pg_proc p", "pg_proc p, pg_roles r")}
        and r.rolname ~ '^orgraph_' and has_function_privilege(r.oid, p.oid, 'execute')"""
    assert await rows(database, question) == []
    assert len(await rows(database, f"select p.proname {functions}")) >= 20


async def test_nobody_but_the_owner_truncates_references_or_hangs_on_triggers(database: Database) -> None:
    question = f"""select relname || ' ' || a.privilege_type || ' ' || a.grantee::regrole
        from pg_class, aclexplode(relacl) a where relnamespace in {OURS} and a.grantee <> relowner
          and a.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')"""
    assert await rows(database, question) == []


async def test_request_roles_write_by_named_columns_and_never_the_three_that_are_given(database: Database) -> None:
    wholesale = """select relname || ' ' || a.grantee::regrole from pg_class, aclexplode(relacl) a
        where relnamespace = 'app'::regnamespace and a.privilege_type in ('INSERT', 'UPDATE')
          and a.grantee::regrole::text ~ 'manager|member|billing|partner|guest'"""
    given = """select t.attrelid::regclass || '.' || t.attname from pg_attribute t, aclexplode(t.attacl) a
        where t.attname in ('org_id', 'id', 'created_at') and a.privilege_type in ('INSERT', 'UPDATE')
          and a.grantee::regrole::text ~ 'manager|member|billing|partner|guest'"""
    assert await rows(database, wholesale) == []
    assert await rows(database, given) == []


async def test_hole_16_every_function_pins_its_search_path(database: Database) -> None:
    question = f"""select oid::regprocedure::text from pg_proc where pronamespace in {OURS}
        and not coalesce('search_path=""' = any (proconfig), false)"""
    assert await rows(database, question) == []


async def test_hole_14_who_serves_requests_is_no_superuser_and_owns_nothing(database: Database) -> None:
    special = """select rolname from pg_roles where rolname ~ '^orgraph_' and rolname <> 'orgraph_backup'
        and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)"""
    owning = "select relname from pg_class where relowner::regrole::text in ('orgraph_api', 'orgraph_worker')"
    login = """select rolname from pg_roles where rolcanlogin
        and rolname ~ '^orgraph_(owner|definer|manager|member|billing|partner|guest)$'"""
    for question in (special, owning, login):
        assert await rows(database, question) == []


async def test_attacks_17_and_19_there_are_no_sequences_and_no_views(database: Database) -> None:
    question = f"select relname from pg_class where relnamespace in {OURS} and relkind in ('S', 'v', 'm', 'f')"
    assert await rows(database, question) == []


async def test_attack_15_only_the_windows_of_a_schedule_go_with_it(database: Database) -> None:
    question = """select conname from pg_constraint
        where connamespace = 'app'::regnamespace and contype = 'f' and confdeltype in ('c', 'n', 'd')"""
    assert await rows(database, question) == ["schedule_availabilities_schedule_fkey"]


async def test_attack_25_nothing_is_told_to_whoever_listens(database: Database) -> None:
    question = f"select proname from pg_proc where pronamespace in {OURS} and prosrc ~* 'notify'"
    assert await rows(database, question) == []


async def test_the_backup_reads_everything_and_writes_nothing(database: Database) -> None:
    reads = f"""select relname from pg_class where relnamespace in {OURS} and relkind in ('r', 'p')
        and not has_table_privilege('orgraph_backup', oid, 'select')"""
    writes = f"""select relname from pg_class where relnamespace in {OURS} and relkind in ('r', 'p')
        and has_any_column_privilege('orgraph_backup', oid, 'insert, update')"""
    assert await rows(database, reads) == []
    assert await rows(database, writes) == []


async def test_hole_19_every_policy_file_says_the_same_when_it_is_run_again(alone: Connection) -> None:
    catalog = """select array_agg(policy::text order by policy::text) || (
            select array_agg(relname || relacl::text order by relname) from pg_class
            where relnamespace = 'app'::regnamespace and relacl is not null)
        from pg_policies policy where schemaname = 'app'"""
    before = await alone.fetchval(catalog)
    await alone.execute("set local role orgraph_owner")
    for file in repeatable.files("policies"):
        await repeatable.apply_policies(alone, file)
    assert await alone.fetchval(catalog) == before
    assert len(before) > 100
