"""Who sees and writes working hours."""

from __future__ import annotations

from tests.personas import Database, World, as_partner, as_person, as_worker, ids, really, refused

SAVE = """insert into app.schedules (workos_user_id, timezone) values ($1, $2)
    on conflict (org_id, workos_user_id) do update set timezone = excluded.timezone returning id"""


async def test_colleagues_see_each_others_schedules(database: Database, world: World) -> None:
    for who in ("owner", "member", "billing", "restricted"):
        async with as_person(database, getattr(world.acme, who), world.acme) as caller:
            assert await ids(caller, "schedules") == set(world.acme.rows["schedules"].values())


async def test_nobody_else_sees_them(database: Database, world: World) -> None:
    async with as_partner(database, world.acme.key, world.acme) as partner, refused(partner):
        await ids(partner, "schedules")
    async with as_person(database, world.globex.owner, world.globex) as stranger:
        assert not await ids(stranger, "schedules") & set(world.acme.rows["schedules"].values())


async def test_a_host_saves_their_own_schedule_again_and_again(database: Database, world: World) -> None:
    async with as_person(database, world.acme.member, world.acme) as member:
        for zone in ("Europe/Madrid", "Europe/Paris"):
            saved = await member.fetchval(SAVE, world.acme.member, zone)
            assert saved == world.acme.rows["schedules"][world.acme.member]
    assert await really(database, "select timezone from app.schedules where id = $1", saved) == "Europe/Paris"


async def test_an_admin_saves_a_members_schedule(database: Database, world: World) -> None:
    async with as_person(database, world.acme.admin, world.acme) as admin:
        saved = await admin.fetchval(SAVE, world.acme.member, "UTC")
    assert saved == world.acme.rows["schedules"][world.acme.member]


async def test_a_member_saves_nobody_elses(database: Database, world: World) -> None:
    for who in ("member", "billing", "receptionist"):
        async with as_person(database, getattr(world.acme, who), world.acme) as caller:
            async with refused(caller):
                await caller.execute(SAVE, world.acme.colleague, "UTC")
            assert await caller.execute("update app.schedules set timezone = 'UTC'") == "UPDATE 1"
    question = "select timezone from app.schedules where id = $1"
    schedule = world.acme.rows["schedules"][world.acme.colleague]
    assert await really(database, question, schedule) == "Europe/Lisbon"


async def test_a_host_who_is_not_active_gets_no_schedule(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for host in (world.acme.suspended, world.globex.owner):
            async with refused(owner):
                await owner.execute(SAVE, host, "UTC")


async def test_a_schedule_is_never_deleted_or_given_away(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for statement in ("delete from app.schedules", "update app.schedules set workos_user_id = 'user_x'"):
            async with refused(owner):
                await owner.execute(statement)
    async with as_worker(database) as worker, refused(worker):
        await worker.execute("delete from app.schedules")
