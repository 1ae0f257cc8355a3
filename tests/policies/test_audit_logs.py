"""Who reads the trail; and that nobody writes it but the functions that stamp it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from db.scope import Claims
from tests.personas import (
    Connection,
    Database,
    World,
    as_partner,
    as_person,
    as_superuser,
    as_worker,
    ids,
    really,
    refused,
    scoped,
)
from tests.policies.test_organizations import PLATFORM

ENTRY = """[{"action": "EVENT_UPDATED", "resource_type": "event", "resource_id": "e1",
    "actor_id": "user_forged", "org_id": "00000000-0000-7000-8000-000000000000", "created_at": "2020-01-01"}]"""


async def actors(connection: Connection) -> set[str]:
    return await ids(connection, "audit_logs", "actor_id")


async def test_a_member_sees_what_they_did_themselves(database: Database, world: World) -> None:
    for who in ("member", "billing"):
        person = getattr(world.acme, who)
        async with as_person(database, person, world.acme) as caller:
            assert await actors(caller) == {person}
    everyone = "select count(distinct actor_id) from app.audit_logs where org_id = $1"
    assert await really(database, everyone, world.acme.id) > 2


async def test_who_may_view_the_audit_sees_the_whole_trail_of_the_organization(
    database: Database, world: World
) -> None:
    everyone = {*world.acme.people.values(), world.both}
    async with as_person(database, world.acme.owner, world.acme) as owner:
        assert await actors(owner) == everyone
    async with as_partner(database, world.acme.key, world.acme) as partner:
        assert await actors(partner) == everyone


async def test_a_manager_who_may_not_view_the_audit_sees_what_they_did_themselves(
    database: Database, world: World
) -> None:
    for who in ("receptionist", "restricted"):
        person = getattr(world.acme, who)
        async with as_person(database, person, world.acme) as caller:
            assert await actors(caller) == {person}
    async with as_partner(database, world.acme.bare_key, world.acme) as partner:
        assert await actors(partner) == set()


async def test_a_row_is_stamped_from_the_scope_whatever_it_claims(database: Database, world: World) -> None:
    async with as_person(database, world.acme.member, world.acme) as member:
        assert await member.fetchval("select app.record_audit($1::jsonb)", ENTRY) == 1
    async with as_superuser(database) as superuser:
        row = await superuser.fetchrow(
            """select org_id, actor_id, actor_type, outcome, created_at from app.audit_logs
            where actor_id = $1 and action = 'EVENT_UPDATED'""",
            world.acme.member,
        )
    assert row is not None
    assert tuple(row)[:4] == (world.acme.id, world.acme.member, "user", "success")
    assert datetime.now(UTC) - row["created_at"] < timedelta(minutes=1)
    assert not await really(database, "select count(*) from app.audit_logs where actor_id = 'user_forged'")


async def test_nobody_writes_the_trail_by_hand(database: Database, world: World) -> None:
    statements = (
        "insert into app.audit_logs (actor_type, action, resource_type) values ('user', 'EVENT_CREATED', 'event')",
        "update app.audit_logs set actor_id = 'user_other'",
        "delete from app.audit_logs",
        "truncate app.audit_logs",
    )
    async with as_person(database, world.acme.owner, world.acme) as owner, as_worker(database) as worker:
        for connection in (owner, worker):
            for statement in statements:
                async with refused(connection):
                    await connection.execute(statement)


async def test_the_stamping_function_is_nobodys_to_call(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for call in (
            "select app.insert_audit_row(app.current_org_id(), '{}', 'success')",
            "select app.record_system_audit(app.current_org_id(), '[]')",
            "select app.ensure_audit_partitions(1)",
        ):
            async with refused(owner):
                await owner.fetch(call)


async def test_not_even_a_superuser_changes_the_trail(database: Database, world: World) -> None:
    async with as_superuser(database) as superuser:
        await superuser.execute("begin")
        for statement in (
            "update app.audit_logs set actor_id = 'user_other'",
            "delete from app.audit_logs",
            "truncate app.audit_logs",
            f"truncate app.{await this_month(superuser)}",
        ):
            async with refused(superuser):
                await superuser.execute(statement)


async def this_month(connection: Connection) -> str:
    partition: str = await connection.fetchval("select 'audit_logs_' || to_char(now() at time zone 'UTC', 'YYYY_MM')")
    return partition


async def test_a_month_is_read_through_the_trail_only(database: Database, world: World) -> None:
    async with as_superuser(database) as superuser:
        partitions = [
            row[0]
            for row in await superuser.fetch(
                """select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                where i.inhparent = 'app.audit_logs'::regclass"""
            )
        ]
    assert len(partitions) >= 14
    async with as_person(database, world.acme.owner, world.acme) as owner, as_worker(database) as worker:
        for connection in (owner, worker):
            for partition in partitions:
                async with refused(connection):
                    await connection.fetch(f"select from app.{partition}")


async def test_a_denial_is_recorded_under_the_organization_that_was_claimed(database: Database, world: World) -> None:
    denial = """[{"action": "UNAUTHORIZED_ACCESS_ATTEMPT", "resource_type": "security", "outcome": "success"}]"""
    question = "select org_id::text || ' ' || outcome from app.audit_logs where actor_id = $1 and outcome <> 'success'"
    for person, org in ((world.acme.suspended, str(world.acme.id)), (world.globex.member, PLATFORM)):
        # As production does after a refusal: no organization at the door, then the claim is put back.
        async with scoped(database, Claims(user_id=person)) as guest:
            await guest.execute("select set_config('app.workos_org_id', $1, true)", world.acme.workos_id)
            await guest.execute("select app.record_denial($1::jsonb)", denial)
        assert await really(database, question, person) == f"{org} denied"


async def test_a_guest_records_nothing_but_denials(database: Database, world: World) -> None:
    async with as_person(database, world.both, None) as guest, refused(guest):
        await guest.fetch("select app.record_audit($1::jsonb)", ENTRY)


async def test_the_worker_records_only_with_a_reason(database: Database, world: World) -> None:
    async with as_worker(database, reason=None) as worker, refused(worker):
        await worker.execute("select app.record_system_audit($1, $2::jsonb)", world.acme.id, ENTRY)
