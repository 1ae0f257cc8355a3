"""Attacks that worked on a system like this one, each run again: none may work here.

The numbers are those of the study the policies were written after: attacks 0 to 25, holes H1 to H20.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from db.scope import STRANGER, Claims
from tests.make import TOMORROW, insert
from tests.personas import (
    Database,
    World,
    as_person,
    as_superuser,
    as_worker,
    frame,
    ids,
    really,
    refused,
)

TENANT_TABLES = (
    "user_org_memberships",
    "api_keys",
    "events",
    "schedules",
    "schedule_availabilities",
    "scheduling_settings",
    "profiles",
    "meetings",
    "records",
    "payment_transfers",
    "audit_logs",
    "audit_log_exports",
    "audit_stats",
    "idempotency_keys",
)


@dataclass(frozen=True)
class Attack:
    """One statement of `who`, in acme. `outcome`: an SQLSTATE, or how many rows it may reach."""

    name: str
    who: str
    statement: str
    outcome: str


FORGED = "insert into app.audit_logs (org_id, actor_type, actor_id, action, resource_type, created_at)"
ATTACKS = (
    Attack("2: rewrite another organization's guest", "owner", "update app.meetings set guest_email = 'x@y'", "42501"),
    Attack("3: plant a meeting elsewhere", "member", "insert into app.meetings (org_id) values ('{b}')", "42501"),
    Attack("3: plant a clinical note elsewhere", "member", "insert into app.records (org_id) values ('{b}')", "42501"),
    Attack("4: move a meeting elsewhere", "member", "update app.meetings set org_id = '{b}'", "42501"),
    Attack(
        "5: read the other organization one belongs to", "both", "select from app.records where org_id = '{b}'", "0"
    ),
    Attack("7: rename another organization", "owner", "update app.organizations set name = 'x' where id = '{b}'", "0"),
    Attack("7: rename blindly", "member", "update app.organizations set name = 'pwned'", "0"),
    Attack(
        "8: forge the trail",
        "member",
        f"{FORGED} values ('{{b}}', 'user', 'bob', 'A_B', 'event', '2020-01-01')",
        "42501",
    ),
    Attack("10: shadow the memberships", "member", "create temp table user_org_memberships (role text)", "42501"),
    Attack("10: shadow them in a schema", "member", "create table app.shadow (role text)", "42501"),
    Attack("10: shadow them in public", "member", "create table public.user_org_memberships (role text)", "42501"),
    Attack("12: call oneself identified", "member", "update app.users set stripe_identity_verified = true", "42501"),
    Attack("12: call oneself an admin", "member", "update app.users set platform_role = 'superadmin'", "42501"),
    Attack("12: call oneself verified", "member", "update app.profiles set is_verified = true", "42501"),
    Attack("13: read a profile elsewhere", "member", "select from app.profiles where org_id = '{b}'", "0"),
    Attack(
        "13: read the address of an agreement",
        "owner",
        "select practitioner_agreement_ip_address from app.profiles",
        "42501",
    ),
    Attack("15: delete what others hang on", "owner", "delete from app.meetings", "42501"),
    Attack("15: delete an event", "owner", "delete from app.events", "42501"),
    Attack(
        "16: try a payment that may exist", "owner", "update app.meetings set stripe_payment_intent_id = 'pi'", "42501"
    ),
    Attack("20: empty the trail", "owner", "truncate app.audit_logs", "42501"),
    Attack("20: edit the trail", "owner", "update app.audit_logs set action = 'X_Y'", "42501"),
    Attack("24: read the planner's samples", "owner", "select from pg_catalog.pg_stats where schemaname = 'app'", "0"),
    Attack("H4: write the categories", "owner", "insert into app.categories (slug, name) values ('x', 'x')", "42501"),
    Attack("H6: act on a role that was suspended", "member", "select where app.has_org_role('{b}', 'owner')", "0"),
    Attack("H12: found an organization", "owner", "insert into app.organizations (name) values ('x')", "42501"),
    Attack("H13: stamp the trail oneself", "owner", "select app.insert_audit_row('{b}', '{{}}', 'success')", "42501"),
    Attack("H16: define a function", "owner", "create function app.may(text) returns bool return true", "42501"),
    Attack("H18: become the definer", "member", "set role orgraph_definer", "42501"),
    Attack("H18: become the owner", "member", "set role orgraph_owner", "42501"),
    Attack("H18: become the worker", "member", "set role orgraph_worker", "42501"),
    Attack("H18: switch the policies off", "member", "alter table app.meetings disable row level security", "42501"),
    Attack("H18: become a superuser", "member", "set session authorization postgres", "42501"),
    Attack("H20: call oneself the system", "member", "select app.record_system_audit('{b}', '[]')", "42501"),
    Attack("keep bytes where no policy is", "owner", "select lo_from_bytea(0, 'for globex')", "42501"),
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_an_attack_fails(database: Database, world: World, attack: Attack) -> None:
    person = world.both if attack.who == "both" else getattr(world.acme, attack.who)
    statement = attack.statement.format(b=world.globex.id)
    async with as_person(database, person, world.acme) as attacker:
        if attack.outcome == "0":
            assert (await attacker.execute(statement)).split()[-1] == "0"
        else:
            async with refused(attacker, attack.outcome):
                await attacker.execute(statement)
    assert await really(database, "select name from app.organizations where id = $1", world.globex.id) == "Globex"


async def test_attack_1_the_owner_of_the_tables_sees_nothing(database: Database, world: World) -> None:
    async with as_superuser(database) as superuser:
        assert await ids(superuser, "records")
        await superuser.execute("set role orgraph_owner")
        for table in (*TENANT_TABLES, "organizations", "users", "categories"):
            assert await superuser.fetch(f"select from app.{table}") == []


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_hole_1_no_row_names_its_organization(database: Database, world: World, table: str) -> None:
    """The organization is a default: nobody holds the right to write it, neither in a new row nor in an old one."""
    async with as_person(database, world.both, world.acme) as both:
        for statement in (
            f"insert into app.{table} (org_id) values ('{world.globex.id}')",
            f"update app.{table} set org_id = '{world.globex.id}'",
        ):
            async with refused(both):
                await both.execute(statement)


async def test_attack_6_a_suspended_member_is_refused_at_the_door(database: Database, world: World) -> None:
    for person, org in ((world.acme.suspended, world.acme), (world.acme.owner, world.globex)):
        with pytest.raises(asyncpg.PostgresError, match="not an active member") as caught:
            async with as_person(database, person, org):
                pass
        assert caught.value.sqlstate == STRANGER


async def test_an_unknown_organization_is_refused_in_the_same_words(database: Database, world: World) -> None:
    connection = await asyncpg.connect(database.api)
    try:
        said = []
        for claimed in (world.globex.workos_id, "org_unknown"):
            with pytest.raises(asyncpg.PostgresError, match="not an active member") as caught:
                await connection.execute(frame(Claims(user_id=world.acme.owner, workos_org_id=claimed)))
            await connection.execute("rollback")
            said.append((str(caught.value), caught.value.detail, caught.value.hint))
    finally:
        await connection.close()
    assert said[0] == said[1]


@pytest.mark.parametrize("status", ["suspended", "inactive", "pending"])
async def test_attack_7_who_is_suspended_meanwhile_sees_and_writes_nothing_more(
    database: Database, world: World, status: str
) -> None:
    acme = world.acme
    async with as_person(database, acme.admin, acme) as admin:
        assert await ids(admin, "meetings")
        async with as_worker(database) as worker:
            change = "update app.user_org_memberships set status = $2 where workos_user_id = $1"
            await worker.execute(change, acme.admin, status)
        for table in ("organizations", "user_org_memberships", "events", "meetings", "records", "audit_logs"):
            assert await ids(admin, table) == set()
        assert await ids(admin, "users", "workos_user_id") == {acme.admin}
        for statement in (
            "update app.organizations set name = 'pwned'",
            "update app.meetings set status = 'no_show'",
            "update app.events set position = 7",
            "delete from app.schedule_availabilities",
        ):
            assert (await admin.execute(statement)).endswith(" 0")
        async with refused(admin):
            await admin.execute(
                "insert into app.events (workos_user_id, name, slug, duration_in_minutes) values ($1, 'x', 'x', 30)",
                acme.admin,
            )
    untouched = "select count(*) from app.meetings where org_id = $1 and status = 'confirmed'"
    assert await really(database, untouched, acme.id) == len(acme.rows["meetings"])


async def test_attack_9_a_used_connection_leaves_nobody_behind(database: Database, world: World) -> None:
    """After its first use a setting reads '' and not null, on the same connection: that is nobody too."""
    connection = await asyncpg.connect(database.api)
    try:
        await connection.execute(frame(Claims(user_id=world.acme.owner, workos_org_id=world.acme.workos_id)))
        assert await ids(connection, "meetings")
        await connection.execute("commit")
        assert await connection.fetchval("select current_setting('app.user_id')") == ""
        await connection.execute("begin")
        async with refused(connection):
            await connection.fetch("select from app.meetings")
        for role in ("orgraph_guest", "orgraph_member", "orgraph_manager", "orgraph_officer", "orgraph_partner"):
            await connection.execute(f"set local role {role}")
            for table in ("organizations", "user_org_memberships", "users"):
                assert await ids(connection, table) == set()
            async with refused(connection):
                await connection.execute("insert into app.categories (slug, name) values ('x', 'x')")
            async with refused(connection):
                await connection.fetch("""select app.record_audit('[{"action": "A_B", "resource_type": "event"}]')""")
        await connection.execute("rollback")
    finally:
        await connection.close()


async def test_no_scope_sees_nothing(database: Database, world: World) -> None:
    """Code that forgets the scope gets 42501 and not an empty page."""
    connection = await asyncpg.connect(database.api)
    try:
        for table in (*TENANT_TABLES, "organizations", "users", "categories"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"select from app.{table}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("select app.current_org_id()")
    finally:
        await connection.close()


async def test_a_worker_without_a_reason_sees_nothing(database: Database, world: World) -> None:
    async with as_worker(database, reason=None) as worker:
        for table in (*TENANT_TABLES, "organizations", "users", "categories"):
            if table != "audit_logs":
                assert await worker.fetch(f"select from app.{table}") == []


async def test_attack_11_an_organization_that_is_set_by_hand_is_nobodys(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        await owner.execute("select set_config('app.org_id', $1, true)", str(world.globex.id))
        assert await ids(owner, "meetings") == set()
        assert await owner.fetchval("select app.current_org_id()") is None
        assert await owner.execute("update app.organizations set name = 'pwned'") == "UPDATE 0"
    assert await really(database, "select name from app.organizations where id = $1", world.globex.id) == "Globex"


async def test_attack_11_a_role_that_is_taken_by_hand_adds_nothing(database: Database, world: World) -> None:
    acme = world.acme
    async with as_person(database, acme.member, acme) as member:
        await member.execute("select set_config('role', 'orgraph_manager', true)")
        for table in ("meetings", "audit_stats", "audit_log_exports"):
            assert await member.fetch(f"select from app.{table}") == []
        for table in ("records", "payment_transfers"):
            assert await ids(member, table) == {acme.rows[table][acme.member]}
        assert await member.fetchval("select count(*) from app.audit_logs where actor_id <> $1", acme.member) == 0
        assert await member.execute("update app.events set position = 7") == "UPDATE 1"


async def test_a_malformed_organization_fails_and_never_falls_through(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner, refused(owner, "22P02"):
        await owner.execute("select set_config('app.org_id', 'acme', true)")
        await owner.fetch("select from app.meetings")


async def test_attack_14_an_event_elsewhere_and_one_that_is_nowhere_fail_alike(
    database: Database, world: World
) -> None:
    person = world.both
    book = """insert into app.meetings
        (event_id, workos_user_id, guest_email, guest_name, guest_timezone, start_time, end_time)
        values ($1, $2, 'g@guests.test', 'G', 'UTC', $3, $4)"""
    span = (TOMORROW + timedelta(days=9), TOMORROW + timedelta(days=9, hours=1))
    async with as_person(database, person, world.acme) as both:
        async with refused(both, "23503") as elsewhere:
            await both.execute(book, world.globex.rows["events"][person], person, *span)
        async with refused(both, "23503") as nowhere:
            await both.execute(book, uuid4(), person, *span)
    assert elsewhere.words == nowhere.words


async def test_hole_17_a_persons_row_elsewhere_holds_no_row_here(database: Database, world: World) -> None:
    """The worker, who sees everything, cannot join two organizations either."""
    acme, globex = world.acme, world.globex
    guest = {"guest_email": "g@guests.test", "guest_name": "G", "guest_timezone": "UTC"}
    span: dict[str, Any] = {
        "start_time": TOMORROW + timedelta(days=9),
        "end_time": TOMORROW + timedelta(days=9, hours=1),
    }
    async with as_worker(database) as worker:
        async with refused(worker, "23503"):
            event = globex.rows["events"][world.both]
            await insert(worker, "meetings", org_id=acme.id, event_id=event, workos_user_id=world.both, **guest, **span)
        async with refused(worker, "23503"):
            event = acme.rows["events"][acme.member]
            await insert(worker, "meetings", org_id=acme.id, event_id=event, workos_user_id=acme.owner, **guest, **span)


async def test_attack_16_one_payment_may_be_in_two_organizations(database: Database, world: World) -> None:
    """Unique within an organization: an id that exists elsewhere answers like one that does not."""
    async with as_worker(database) as worker:
        for org in (world.acme, world.globex):
            pay = "update app.meetings set stripe_payment_intent_id = 'pi_same' where id = $1"
            assert await worker.execute(pay, org.rows["meetings"][org.member]) == "UPDATE 1"
        async with refused(worker, "23505"):
            await worker.execute(pay, world.acme.rows["meetings"][world.acme.owner])


async def test_hole_6_a_role_outside_the_list_cannot_be_stored(database: Database, world: World) -> None:
    async with as_worker(database) as worker:
        for column in ("role", "status"):
            async with refused(worker, "23514"):
                await worker.execute(f"update app.user_org_memberships set {column} = 'anything'")


async def test_attack_20_the_owner_of_the_trail_neither_edits_nor_empties_it(database: Database, world: World) -> None:
    async with as_superuser(database) as superuser:
        await superuser.execute("begin; set local role orgraph_owner")
        assert await superuser.execute("update app.audit_logs set action = 'X_Y'") == "UPDATE 0"
        assert await superuser.execute("delete from app.audit_logs") == "DELETE 0"
        async with refused(superuser):
            await superuser.execute("truncate app.audit_logs")
    assert await really(database, "select count(*) from app.audit_logs where org_id = $1", world.acme.id)


async def test_attack_21_copy_reads_what_is_seen_and_writes_nothing(database: Database, world: World) -> None:
    written: list[bytes] = []

    async def keep(chunk: bytes) -> None:
        written.append(chunk)

    async with as_person(database, world.acme.member, world.acme) as member:
        await member.copy_from_table("meetings", schema_name="app", columns=["id"], output=keep)
        async with refused(member, "42501"):
            await member.copy_records_to_table(
                "events", schema_name="app", columns=["org_id"], records=[(world.globex.id,)]
            )
        async with refused(member, "0A000"):
            await member.copy_records_to_table("events", schema_name="app", columns=["name"], records=[("x",)])
    assert b"".join(written).decode().split() == [str(world.acme.rows["meetings"][world.acme.member])]


async def test_attack_22_a_condition_that_fails_on_hidden_rows_never_meets_them(
    database: Database, world: World
) -> None:
    async with as_person(database, world.acme.member, world.acme) as member:
        loud = "select id from app.meetings where 1 / (workos_user_id = $1)::int = 1"
        assert len(await member.fetch(loud, world.acme.member)) == 1
    async with as_superuser(database) as superuser:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await superuser.fetch(loud, world.acme.member)


async def test_attack_23_a_scope_ends_with_its_transaction(database: Database, world: World) -> None:
    connection = await asyncpg.connect(database.api)
    try:
        for end in ("commit", "rollback"):
            await connection.execute(frame(Claims(user_id=world.acme.owner, workos_org_id=world.acme.workos_id)))
            await connection.execute(end)
            assert await connection.fetchval("select current_user") == "orgraph_api"
            assert not await connection.fetchval("select current_setting('app.user_id', true)")
            assert not await connection.fetchval("select current_setting('app.org_id', true)")
    finally:
        await connection.close()


async def test_the_door_writes_nothing_and_opens_in_a_read_only_snapshot(database: Database, world: World) -> None:
    connection = await asyncpg.connect(database.api)
    try:
        claims = Claims(user_id=world.acme.owner, workos_org_id=world.acme.workos_id)
        begin = "begin isolation level repeatable read read only"
        await connection.execute(frame(claims).replace("begin", begin, 1))
        assert await ids(connection, "meetings") == set(world.acme.rows["meetings"].values())
        async with refused(connection, "25006"):
            await connection.execute("update app.organizations set name = 'x'")
        await connection.execute("rollback")
    finally:
        await connection.close()
