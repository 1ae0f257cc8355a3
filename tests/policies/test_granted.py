"""What a plain member gains by one permission, and what they do not."""

from __future__ import annotations

import pytest

from tests.personas import Database, World, as_person, as_worker, ids


async def granted(database: Database, world: World, *permissions: str) -> str:
    """A member of acme who may this and nothing else."""
    person = world.acme.member
    async with as_worker(database) as worker:
        await worker.execute(
            "update app.user_org_memberships set permissions = $2 where workos_user_id = $1", person, list(permissions)
        )
    return person


async def test_who_was_granted_the_audit_sees_the_whole_trail_and_no_meeting_of_another(
    database: Database, world: World
) -> None:
    officer = await granted(database, world, "audit:view")
    async with as_person(database, officer, world.acme) as caller:
        assert await ids(caller, "audit_logs", "actor_id") == {*world.acme.people.values(), world.both}
        assert await ids(caller, "meetings") == {world.acme.rows["meetings"][officer]}
        assert await ids(caller, "payment_transfers") == {world.acme.rows["payment_transfers"][officer]}
        assert await ids(caller, "records") == {world.acme.rows["records"][officer]}


@pytest.mark.parametrize(("permission", "table"), [("payments:view", "payment_transfers"), ("records:read", "records")])
async def test_who_was_granted_one_sight_sees_everyones_of_that_and_their_own_of_the_rest(
    database: Database, world: World, permission: str, table: str
) -> None:
    person = await granted(database, world, permission)
    async with as_person(database, person, world.acme) as caller:
        assert await ids(caller, table) == set(world.acme.rows[table].values())
        assert await ids(caller, "meetings") == {world.acme.rows["meetings"][person]}
        assert await ids(caller, "audit_logs", "actor_id") == {person}


async def test_who_may_manage_appointments_sees_and_moves_everyones(database: Database, world: World) -> None:
    person = await granted(database, world, "appointments:manage")
    async with as_person(database, person, world.acme) as caller:
        assert await ids(caller, "meetings") == set(world.acme.rows["meetings"].values())
        theirs = world.acme.rows["meetings"][world.acme.colleague]
        assert await caller.execute("update app.meetings set status = 'completed' where id = $1", theirs) == "UPDATE 1"


@pytest.mark.parametrize(
    ("permission", "table", "change"),
    [
        ("events:manage", "events", "position = 7"),
        ("schedules:manage", "schedules", "timezone = 'UTC'"),
        ("schedules:manage", "scheduling_settings", "before_event_buffer = 5"),
        ("profiles:manage", "profiles", "headline = 'Hello'"),
    ],
)
async def test_who_may_manage_something_changes_a_colleagues_and_who_may_not_does_not(
    database: Database, world: World, permission: str, table: str, change: str
) -> None:
    theirs = world.acme.rows[table][world.acme.colleague]
    statement = f"update app.{table} set {change} where id = $1"
    async with as_person(database, world.acme.member, world.acme) as member:
        assert await member.execute(statement, theirs) == "UPDATE 0"

    person = await granted(database, world, permission)
    async with as_person(database, person, world.acme) as caller:
        assert await caller.execute(statement, theirs) == "UPDATE 1"
