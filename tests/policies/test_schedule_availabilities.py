"""Who sees and writes the windows of a schedule."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.personas import Database, World, as_person, ids, really, refused

TABLE = "schedule_availabilities"
ADD = f"""insert into app.{TABLE} (schedule_id, day_of_week, start_minute, end_minute)
    values ($1, 'tuesday', 0, 60) returning id"""


async def test_colleagues_see_each_others_windows_and_strangers_do_not(database: Database, world: World) -> None:
    windows = set(world.acme.rows[TABLE].values())
    async with as_person(database, world.acme.member, world.acme) as member:
        assert await ids(member, TABLE) == windows
    async with as_person(database, world.globex.owner, world.globex) as stranger:
        assert not await ids(stranger, TABLE) & windows


async def test_a_host_replaces_their_own_windows(database: Database, world: World) -> None:
    for who in ("member", "billing", "receptionist"):
        person = getattr(world.acme, who)
        async with as_person(database, person, world.acme) as caller:
            assert await caller.execute(f"delete from app.{TABLE}") == "DELETE 1"
            assert await caller.fetchval(ADD, world.acme.rows["schedules"][person])
            assert await caller.execute(f"update app.{TABLE} set end_minute = 120") == "UPDATE 1"
    # Everyone else's are still there.
    untouched = world.acme.rows[TABLE][world.acme.colleague]
    assert await really(database, f"select end_minute from app.{TABLE} where id = $1", untouched) == 1020


async def test_a_member_adds_nothing_to_a_colleagues_schedule(database: Database, world: World) -> None:
    for who in ("member", "billing", "receptionist"):
        async with as_person(database, getattr(world.acme, who), world.acme) as caller, refused(caller):
            await caller.execute(ADD, world.acme.rows["schedules"][world.acme.colleague])


async def test_who_may_manage_schedules_writes_everyones(database: Database, world: World) -> None:
    async with as_person(database, world.acme.admin, world.acme) as admin:
        assert await admin.execute(f"delete from app.{TABLE}") == f"DELETE {len(world.acme.rows[TABLE])}"
        assert await admin.fetchval(ADD, world.acme.rows["schedules"][world.acme.member])
    left: Any = await really(database, f"select count(*) from app.{TABLE} where org_id = $1", world.globex.id)
    assert left == len(world.globex.rows[TABLE])


async def test_a_schedule_elsewhere_and_one_that_is_nowhere_fail_alike(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        async with refused(owner, "23503") as elsewhere:
            await owner.execute(ADD, world.globex.rows["schedules"][world.globex.member])
        async with refused(owner, "23503") as nowhere:
            await owner.execute(ADD, uuid4())
    assert elsewhere.words == nowhere.words


async def test_a_window_stays_with_its_schedule(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for column in ("schedule_id", "org_id", "id"):
            async with refused(owner):
                await owner.execute(f"update app.{TABLE} set {column} = default")
