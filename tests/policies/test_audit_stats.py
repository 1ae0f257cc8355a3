"""Who reads the counts of the trail."""

from __future__ import annotations

from tests.personas import Database, World, as_partner, as_person, ids, really, refused


async def test_who_may_view_the_audit_reads_the_counts_of_the_organization(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        assert await ids(owner, "audit_stats", "org_id") == {world.acme.id}
    assert await really(database, "select count(*) from app.audit_stats where org_id = $1", world.globex.id) == 1


async def test_nobody_else_reads_them(database: Database, world: World) -> None:
    for who in ("receptionist", "billing"):
        async with as_person(database, getattr(world.acme, who), world.acme) as caller:
            assert await ids(caller, "audit_stats") == set()
    for who in ("member", "restricted"):
        async with as_person(database, getattr(world.acme, who), world.acme) as caller, refused(caller):
            await ids(caller, "audit_stats")
    async with as_partner(database, world.acme.key, world.acme) as partner, refused(partner):
        await ids(partner, "audit_stats")
    assert await really(database, "select count(*) from app.audit_stats where org_id = $1", world.acme.id) == 1


async def test_nobody_who_serves_requests_counts(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for statement in (
            "insert into app.audit_stats (date) values ('2030-01-01')",
            "update app.audit_stats set mass_exports = 0",
            "delete from app.audit_stats",
        ):
            async with refused(owner):
                await owner.execute(statement)
