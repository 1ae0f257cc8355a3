"""Who knows of the exports of the trail, and who asks for one."""

from __future__ import annotations

from datetime import timedelta

from tests.make import TOMORROW
from tests.personas import Database, World, as_partner, as_person, ids, really, refused

ASK = """insert into app.audit_log_exports (workos_user_id, start_date, end_date, reason)
    values ($1, $2, $3, 'inspection') returning org_id"""
SPAN = (TOMORROW - timedelta(days=30), TOMORROW)


async def test_who_may_view_the_audit_sees_every_export_of_the_organization(database: Database, world: World) -> None:
    async with as_person(database, world.acme.admin, world.acme) as admin:
        assert await ids(admin, "audit_log_exports") == set(world.acme.rows["audit_log_exports"].values())


async def test_nobody_else_sees_an_export(database: Database, world: World) -> None:
    for who in ("receptionist", "billing"):
        async with as_person(database, getattr(world.acme, who), world.acme) as caller:
            assert await ids(caller, "audit_log_exports") == set()
    for who in ("member", "restricted"):
        async with as_person(database, getattr(world.acme, who), world.acme) as caller, refused(caller):
            await ids(caller, "audit_log_exports")
    async with as_partner(database, world.acme.key, world.acme) as partner, refused(partner):
        await ids(partner, "audit_log_exports")
    assert await really(database, "select count(*) from app.audit_log_exports where org_id = $1", world.acme.id) > 1


async def test_an_export_is_asked_for_in_ones_own_name(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        assert await owner.fetchval(ASK, world.acme.owner, *SPAN) == world.acme.id
        async with refused(owner):
            await owner.execute(ASK, world.acme.member, *SPAN)


async def test_without_the_permission_no_export_is_asked_for(database: Database, world: World) -> None:
    for who in ("receptionist", "restricted", "member", "billing"):
        person = getattr(world.acme, who)
        async with as_person(database, person, world.acme) as caller, refused(caller):
            await caller.execute(ASK, person, *SPAN)


async def test_what_became_of_an_export_is_not_the_askers_to_say(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for statement in (
            "update app.audit_log_exports set status = 'ready'",
            "insert into app.audit_log_exports (status, sha256) values ('ready', '')",
            "delete from app.audit_log_exports",
        ):
            async with refused(owner):
                await owner.execute(statement)
