"""The steps that make the database itself: its owner, who may connect, its extension, its schemas, their readers."""

from __future__ import annotations

import asyncpg

from db.bootstrap.roles import API, BACKUP, DEFINER, MIGRATOR, OWNER, SCHEMA_USAGE, SCHEMAS, WORKER
from db.bootstrap.steps import Step, literal, quoted

EXTENSION = "btree_gist"
# Sorted by bytes, in the same order on every machine and after every upgrade of its C library.
CREATED = "template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'"
CONNECT = (API, BACKUP, MIGRATOR, WORKER)
SENTENCES = {
    "app": "Every table and the functions that policies are written in.",
    "entrance": "The one function that the server may execute before it has a role.",
    "migration": "What was applied to this database, and when.",
}
# How the statement that takes a right away names who holds it.
HOLDER = "case a.grantee when 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) end"


async def database_steps(admin: asyncpg.Connection[asyncpg.Record], database: str) -> list[Step]:
    """The database, its owner and who may connect."""
    row = await admin.fetchrow(
        f"""
        select pg_catalog.pg_get_userbyid(d.datdba) as owner,
               array(select x.privilege_type from pg_catalog.aclexplode(
                   coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) x where x.grantee = 0) as public,
               array(select {HOLDER} from pg_catalog.aclexplode(d.datacl) a
                     where a.privilege_type = 'CONNECT' and a.grantee <> d.datdba) as connects,
               coalesce((select s.setconfig from pg_catalog.pg_db_role_setting s
                         where s.setdatabase = d.oid and s.setrole = 0), '{{}}') as settings
        from pg_catalog.pg_database d where d.datname = $1
        """,
        database,
    )
    name = quoted(database)
    steps = []
    if row is None:
        steps.append(
            Step(
                f"create the database {database}, owned by {OWNER}",
                (f"create database {name} owner {OWNER} {CREATED}",),
            )
        )
    elif row["owner"] != OWNER:
        steps.append(Step(f"give the database {database} to {OWNER}", (f"alter database {name} owner to {OWNER}",)))
    if row is None or row["public"]:
        steps.append(Step("let nobody connect who was not named", (f"revoke all on database {name} from public",)))
    missing = [role for role in CONNECT if row is None or role not in row["connects"]]
    if missing:
        who = ", ".join(missing)
        steps.append(Step(f"let {who} connect", (f"grant connect on database {name} to {who}",)))
    # For people: they find the tables without a schema's name. Our logins have a search_path of their own, empty.
    if row is None or "search_path=app" not in row["settings"]:
        steps.append(Step("let people find the tables in app", (f"alter database {name} set search_path = app",)))
    return steps


async def inside_steps(inside: asyncpg.Connection[asyncpg.Record]) -> list[Step]:
    """The extension and the schemas, in the database itself; and what Postgres lets everyone do in it."""
    return [
        *await schema_steps(inside),
        *await extension_steps(inside),
        *await grant_steps(inside),
        *await large_object_steps(inside),
    ]


async def schema_steps(inside: asyncpg.Connection[asyncpg.Record]) -> list[Step]:
    rows = await inside.fetch(
        "select nspname, pg_catalog.pg_get_userbyid(nspowner) as owner from pg_catalog.pg_namespace"
    )
    owners = {row["nspname"]: row["owner"] for row in rows}
    steps = []
    if "extensions" not in owners:
        steps.append(Step("create the schema extensions", ("create schema extensions",)))
    for schema in SCHEMAS:
        if schema not in owners:
            steps.append(
                Step(
                    f"create the schema {schema}, owned by {OWNER}",
                    (
                        f"create schema {schema} authorization {OWNER}",
                        f"comment on schema {schema} is {literal(SENTENCES[schema])}",
                    ),
                )
            )
        elif owners[schema] != OWNER:
            steps.append(Step(f"give the schema {schema} to {OWNER}", (f"alter schema {schema} owner to {OWNER}",)))
    return steps


async def extension_steps(inside: asyncpg.Connection[asyncpg.Record]) -> list[Step]:
    schema = await inside.fetchval(
        "select extnamespace::pg_catalog.regnamespace::text from pg_catalog.pg_extension where extname = $1", EXTENSION
    )
    if schema is None:
        return [
            Step(
                f"create the extension {EXTENSION}, which keeps a host from being booked twice",
                (f"create extension {EXTENSION} schema extensions",),
            )
        ]
    if schema != "extensions":
        return [
            Step(
                f"move the extension {EXTENSION} from {schema} to extensions",
                (f"alter extension {EXTENSION} set schema extensions",),
            )
        ]
    return []


async def grant_steps(inside: asyncpg.Connection[asyncpg.Record]) -> list[Step]:
    """Who may look into which schema; and that a new function is nobody's until it is granted."""
    rows = await inside.fetch(
        f"""
        select n.nspname as schema, {HOLDER} as holder, a.privilege_type as privilege
        from pg_catalog.pg_namespace n
        cross join pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a
        where n.nspname = any ($1) and a.grantee <> n.nspowner
        """,
        [*SCHEMAS, "extensions", "public"],
    )
    held = {(row["schema"], row["holder"], row["privilege"]) for row in rows}
    wanted = {(schema, role, "USAGE") for schema, holders in SCHEMA_USAGE.items() for role in holders}
    steps = []
    for schema, holders in SCHEMA_USAGE.items():
        missing = [role for role in holders if (schema, role, "USAGE") not in held]
        if missing:
            who = ", ".join(missing)
            steps.append(Step(f"let {who} look into {schema}", (f"grant usage on schema {schema} to {who}",)))
    for schema, holder, privilege in sorted(held - wanted):
        if schema != "public" or holder == "public":
            steps.append(
                Step(
                    f"take {privilege.lower()} on the schema {schema} from {holder}",
                    (f"revoke {privilege.lower()} on schema {schema} from {holder}",),
                )
            )
    settled = {
        row["role"]
        for row in await inside.fetch("""
            select pg_catalog.pg_get_userbyid(d.defaclrole) as role from pg_catalog.pg_default_acl d
            where d.defaclnamespace = 0 and d.defaclobjtype = 'f'
              and not exists (select from pg_catalog.aclexplode(d.defaclacl) a where a.grantee = 0)
        """)
    }
    steps += [
        Step(
            f"let nobody execute a new function of {role} until it is granted",
            (f"alter default privileges for role {role} revoke execute on functions from public",),
        )
        for role in (OWNER, DEFINER)
        if role not in settled
    ]
    return steps


async def large_object_steps(inside: asyncpg.Connection[asyncpg.Record]) -> list[Step]:
    """Large objects know no row security, and every request role is one role for all organizations: nobody stores any.

    The functions belong to Postgres itself, so that only a superuser can take them from PUBLIC.
    """
    rows = await inside.fetch(f"""
        select {HOLDER} as holder, pg_catalog.pg_has_role(p.proowner, 'USAGE') as ours,
               array_agg(distinct pg_catalog.format(
                   'pg_catalog.%I(%s)', p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid))) as functions
        from pg_catalog.pg_proc p
        cross join pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
        left join pg_catalog.pg_roles r on r.oid = a.grantee
        where p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
          and (starts_with(p.proname, 'lo_') or p.proname in ('loread', 'lowrite'))
          and a.grantee <> p.proowner and (a.grantee = 0 or starts_with(r.rolname, 'orgraph_'))
        group by 1, 2 order by 1
    """)
    return [
        Step(
            f"take the functions of large objects from {row['holder']}",
            (f"revoke execute on function {', '.join(row['functions'])} from {row['holder']}",),
        )
        if row["ours"]
        # Without the right, Postgres would warn and do nothing.
        else Step(f"large objects stay open to {row['holder']}: this admin may not take their functions away", ())
        for row in rows
    ]
