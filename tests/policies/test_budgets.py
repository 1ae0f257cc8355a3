"""What each credential may still spend: told to the database by workers, read by nobody."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tests.make import unique
from tests.personas import Connection, Database, World, as_person, as_superuser, as_worker, really, refused

SETTLE = "select remaining from app.settle_budgets(jsonb_build_object($1::text, $2::int), 1000, 100)"


def bucket() -> str:
    return sha256(unique().encode()).hexdigest()


@pytest.mark.parametrize("statement", ["select * from app.budgets", "delete from app.budgets"])
async def test_nobody_reads_or_empties_the_buckets(statement: str, database: Database, world: World) -> None:
    name = bucket()
    async with as_person(database, None, None) as guest:
        await guest.fetchval(SETTLE, name, 10)
    for person, org in ((None, None), (world.acme.owner, world.acme)):
        async with as_person(database, person, org) as caller, refused(caller):
            await caller.execute(statement)
    async with as_worker(database) as worker, refused(worker):
        await worker.execute(statement)
    assert await really(database, "select remaining from app.budgets where name = $1", name) == 990


async def test_whoever_acts_in_an_organization_settles_nothing(database: Database, world: World) -> None:
    name = bucket()
    async with as_person(database, world.acme.owner, world.acme) as owner, refused(owner):
        await owner.fetchval(SETTLE, name, 10)
    assert await really(database, "select count(*) from app.budgets where name = $1", name) == 0


async def test_time_fills_a_bucket_and_no_further(database: Database) -> None:
    name = bucket()
    assert await spent(database, name, 900) == 100
    async with as_superuser(database) as superuser:
        await passes(superuser, name, seconds=4)
        assert 490 <= await spent(database, name, 10) < 520
        await passes(superuser, name, seconds=3600)
    assert await spent(database, name, 1) == 999


async def test_a_debt_is_paid_back_and_is_never_more_than_a_bucket_holds(database: Database) -> None:
    name = bucket()
    assert await spent(database, name, 1_500) == -500
    async with as_superuser(database) as superuser:
        await passes(superuser, name, seconds=2)
    assert -300 <= await spent(database, name, 0) < -250
    assert await spent(database, name, 100_000) == -1000


async def test_what_comes_back_fills_a_bucket_and_no_further(database: Database) -> None:
    name = bucket()
    assert await spent(database, name, 500) == 500
    assert 600 <= await spent(database, name, -100) < 650
    assert await spent(database, name, -100_000) == 1000
    assert await spent(database, bucket(), -100_000) == 1000


async def test_what_was_touched_lately_is_not_forgotten(database: Database) -> None:
    old, young = bucket(), bucket()
    for name in (old, young):
        await spent(database, name, 10)
    async with as_superuser(database) as superuser:
        await passes(superuser, old, seconds=7200)
    async with as_person(database, None, None) as guest:
        assert await guest.fetchval("select app.forget_budgets('1 hour')") >= 1
    there = "select array_agg(name) from app.budgets where name = any ($1)"
    assert await really(database, there, [old, young]) == [young]


async def spent(database: Database, name: str, points: int) -> float:
    """What is left after these points."""
    async with as_person(database, None, None) as guest:
        found: float = await guest.fetchval(SETTLE, name, points)
    return found


async def passes(superuser: Connection, name: str, *, seconds: int) -> None:
    """Time, for one bucket."""
    statement = "update app.budgets set counted_at = counted_at - make_interval(secs => $2) where name = $1"
    await superuser.execute(statement, name, seconds)
