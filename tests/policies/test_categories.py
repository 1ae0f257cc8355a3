"""Fields of practice: read by everyone, written by the worker."""

from __future__ import annotations

from tests.make import insert, unique
from tests.personas import Database, World, as_partner, as_person, as_worker, ids, refused


async def test_everyone_reads_the_categories(database: Database, world: World) -> None:
    async with as_worker(database) as worker:
        made = await insert(worker, "categories", slug=unique(), name=unique())
    for person, org in (
        (world.acme.owner, world.acme),
        (world.acme.member, world.acme),
        (world.both, None),
        (None, None),
    ):
        async with as_person(database, person, org) as caller:
            assert made in await ids(caller, "categories")
    async with as_partner(database, world.acme.bare_key, world.acme) as partner:
        assert made in await ids(partner, "categories")


async def test_nobody_who_serves_requests_writes_a_category(database: Database, world: World) -> None:
    for person, org in ((world.acme.owner, world.acme), (None, None)):
        async with as_person(database, person, org) as caller:
            for statement in (
                "insert into app.categories (slug, name) values ('mine', 'Mine')",
                "update app.categories set name = 'Mine'",
                "delete from app.categories",
            ):
                async with refused(caller):
                    await caller.execute(statement)
