"""Places: as many operations as connections, a bounded number that waits, and one deadline for the whole of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from db.engine import create_engine
from graph.errors import Overloaded
from graph.limits.waiting import Places
from graph.operation import Answered, Graph
from tests.graph.asking import Acting, Asker
from tests.graph.said import said
from tests.personas import Database


@pytest.fixture
async def narrow(graph: Graph, database: Database) -> AsyncIterator[Graph]:
    """One connection, and room for one that waits."""
    engine = create_engine(database.api, size=1)
    yield Graph.over(graph.schema, engine, deadline_s=60, places=Places(running=1, waiting=1, wait_s=0.05))
    await engine.dispose()


async def until(places: Places, *, waiting: int) -> None:
    for _ in range(1_000):
        if places.waiting == waiting:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"{places.waiting} wait, not {waiting}")


async def test_who_waits_is_served_in_turn() -> None:
    places = Places(running=1, waiting=5, wait_s=60)
    served = []

    async def one(number: int) -> None:
        async with places:
            served.append(number)

    async with places:
        tasks = [asyncio.create_task(one(number)) for number in range(5)]
        await until(places, waiting=5)
        assert served == []
    await asyncio.gather(*tasks)
    assert served == [0, 1, 2, 3, 4]
    assert (places.running, places.waiting, places.shed) == (0, 0, 0)


async def test_where_too_many_wait_the_next_is_told_at_once() -> None:
    places = Places(running=1, waiting=0, wait_s=60)
    async with places:
        with pytest.raises(Overloaded):
            async with places:
                pass
    async with places:
        assert places.shed == 1


async def test_who_gives_up_waiting_leaves_no_place_taken() -> None:
    places = Places(running=1, waiting=1, wait_s=60)

    async def one() -> None:
        async with places:
            pass

    async with places:
        task = asyncio.create_task(one())
        await until(places, waiting=1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (places.running, places.waiting) == (0, 0)
    async with places:
        assert places.running == 1


async def test_a_place_that_is_given_to_who_has_just_left_is_given_on() -> None:
    places = Places(running=1, waiting=2, wait_s=60)
    served = []

    async def one(name: str) -> None:
        async with places:
            served.append(name)

    async with places:
        leaving, staying = (asyncio.create_task(one(name)) for name in ("leaving", "staying"))
        await until(places, waiting=2)
    leaving.cancel()  # it has its place by now, and has not been told
    await asyncio.wait([leaving, staying])
    assert served == ["staying"]
    assert (places.running, places.waiting) == (0, 0)


async def test_a_pool_of_one_serves_one_lets_one_wait_and_refuses_the_rest(acme: Acting, narrow: Graph) -> None:
    assert narrow.places is not None
    asker = Asker(narrow, acme.owner.principal)
    async with narrow.places:
        answers = [asyncio.create_task(asker.answer("{ viewer { role } }")) for _ in range(3)]
        refused: list[Answered] = list(await asyncio.gather(*answers))
    assert {(answered.outcome, answered.code) for answered in refused} == {("unavailable", "OVERLOADED")}
    assert narrow.places.shed == 3
    assert (await asker.answer("{ viewer { role } }")).outcome == "ok"


async def test_of_many_at_once_each_is_answered_or_told_that_it_was_not(acme: Acting, narrow: Graph) -> None:
    asker = Asker(replace(narrow, places=Places(running=1, waiting=10, wait_s=30)), acme.owner.principal)
    answered = await asyncio.gather(*(asker.answer("{ events { nodes { id } } }") for _ in range(30)))
    outcomes = [one.outcome for one in answered]
    assert outcomes.count("ok") == 11
    assert outcomes.count("unavailable") == 19


async def test_postgres_is_given_what_waiting_has_left_of_the_deadline(acme: Acting, narrow: Graph) -> None:
    places = Places(running=1, waiting=1, wait_s=60)
    asker = Asker(replace(narrow, places=places, deadline_s=30), acme.owner.principal)
    with said(narrow.engine) as at_once:
        assert (await asker.answer("{ viewer { role } }")).outcome == "ok"
    with said(narrow.engine) as after_a_while:
        async with places:
            task = asyncio.create_task(asker.answer("{ viewer { role } }"))
            await until(places, waiting=1)
            await asyncio.sleep(0.2)  # it is time that is taken away
        assert (await task).outcome == "ok"
    assert 29_000 < timeout_ms(at_once) <= 30_000
    assert timeout_ms(after_a_while) <= 29_800


def timeout_ms(statements: Sequence[str]) -> int:
    """What Postgres was told at the beginning."""
    found = re.search(r"set_config\('statement_timeout', E?'(\d+)'", statements[0])
    assert found, statements[0]
    return int(found[1])
