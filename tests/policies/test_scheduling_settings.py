"""Who sees and writes how a host wants to be booked."""

from __future__ import annotations

from tests.personas import Database, World, as_person, as_worker, ids, really, refused

SAVE = """insert into app.scheduling_settings (workos_user_id, minimum_notice) values ($1, $2)
    on conflict (org_id, workos_user_id) do update set minimum_notice = excluded.minimum_notice returning id"""


async def test_colleagues_see_each_others_settings_and_strangers_do_not(database: Database, world: World) -> None:
    settings = set(world.acme.rows["scheduling_settings"].values())
    async with as_person(database, world.acme.member, world.acme) as member:
        assert await ids(member, "scheduling_settings") == settings
    async with as_person(database, world.globex.owner, world.globex) as stranger:
        assert not await ids(stranger, "scheduling_settings") & settings


async def test_a_host_saves_their_own_and_nobody_elses(database: Database, world: World) -> None:
    for who in ("member", "billing", "receptionist"):
        person = getattr(world.acme, who)
        async with as_person(database, person, world.acme) as caller:
            assert await caller.fetchval(SAVE, person, 60) == world.acme.rows["scheduling_settings"][person]
            async with refused(caller):
                await caller.execute(SAVE, world.acme.colleague, 60)
            assert await caller.execute("update app.scheduling_settings set minimum_notice = 60") == "UPDATE 1"
    question = "select minimum_notice from app.scheduling_settings where id = $1"
    assert await really(database, question, world.acme.rows["scheduling_settings"][world.acme.colleague]) == 1440


async def test_who_may_manage_schedules_saves_those_of_active_hosts(database: Database, world: World) -> None:
    async with as_person(database, world.acme.admin, world.acme) as admin:
        assert await admin.fetchval(SAVE, world.acme.member, 60)
        for host in (world.acme.suspended, world.globex.owner):
            async with refused(admin):
                await admin.execute(SAVE, host, 60)


async def test_settings_are_never_deleted_or_given_away(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for statement in ("delete from app.scheduling_settings", "update app.scheduling_settings set org_id = default"):
            async with refused(owner):
                await owner.execute(statement)
    async with as_worker(database) as worker, refused(worker):
        await worker.execute("delete from app.scheduling_settings")
