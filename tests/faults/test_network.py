"""The network to Postgres breaks, in every way a network has: nobody waits for ever, and nobody is lied to."""

from __future__ import annotations

import asyncio
import socket

import pytest

from db.engine import KEEPALIVE, create_engine
from graph.operation import GRACE_S, Asked, Graph, run
from graph.schema import build
from tests import make
from tests.faults.asking import Person, Told
from tests.faults.proxy import Proxy
from tests.graph.asking import world_of
from tests.make import unique
from tests.personas import Database

DEADLINE_S = 1.5  # of the site
LONGEST_S = 6.0


async def test_an_operation_is_three_round_trips(person: Person, network: Proxy) -> None:
    await asyncio.gather(person.read(), person.read())  # each connection has prepared it
    before = network.turns

    assert (await person.read()).status == 200

    assert network.turns - before == 3


async def test_connections_that_were_reset_are_noticed_by_nobody(person: Person, network: Proxy) -> None:
    for ask in (person.read, person.write):
        network.reset()
        told = await ask()
        assert told.status == 200, told.body
    assert told.body["data"]["createEvent"]["__typename"] == "Event"


async def test_who_cannot_connect_is_told_at_once(person: Person, network: Proxy) -> None:
    network.refusing = True
    network.reset()

    for told in (await person.read(), await person.write()):
        assert (told.status, told.code) == (503, "DB_UNAVAILABLE")
        assert told.is_honest
        assert told.seconds < 1
    network.heal()
    await person.recovered()


async def test_silence_ends_with_the_deadline_and_nothing_is_stored(person: Person, network: Proxy) -> None:
    network.silent = True
    slug = unique()

    answers = await asyncio.gather(*(person.read() for _ in range(3)), *(person.write(slug) for _ in range(3)))

    assert all(told.is_honest and told.status == 503 for told in answers), answers
    assert max(told.seconds for told in answers) < DEADLINE_S + GRACE_S + 0.5
    network.heal()
    await person.recovered()
    assert await person.stored(slug) == 0


async def test_what_was_silent_and_speaks_again_is_used_again(person: Person, network: Proxy) -> None:
    network.silent = True
    assert (await person.read()).status != 200
    network.silent = False

    await person.recovered()


async def test_who_finds_no_free_connection_is_told_to_come_back(person: Person, network: Proxy) -> None:
    network.silent = True

    answers = await asyncio.gather(*(person.read() for _ in range(6)))

    assert {told.code for told in answers} == {"OVERLOADED", "TIMEOUT"}
    assert all(told.is_honest for told in answers)
    assert [told.code for told in answers].count("TIMEOUT") == 2
    network.heal()
    await person.recovered()


CUTS = [0, 1, 5, 20, 60, 100, 140, 180, 220, 260, 300, 340, 380, 420, 500, 700, 1_000, 1_500, 2_000]


@pytest.mark.parametrize("bytes_passed", CUTS)
async def test_an_answer_cut_off_is_a_whole_answer_or_none(bytes_passed: int, person: Person, network: Proxy) -> None:
    network.cut_after = bytes_passed
    read = await person.read()
    network.heal()
    assert read.is_honest, read.body

    slug, key = unique(), unique()
    network.cut_after = bytes_passed
    written = await person.write(slug, idempotencyKey=key)
    network.heal()
    assert written.is_honest, written.body
    await told_the_truth(person, slug, written)

    again = await person.write(slug, idempotencyKey=key)
    assert again.body["data"] == {"createEvent": {"__typename": "Event", "slug": slug}}
    assert await person.stored(slug) == 1


async def told_the_truth(person: Person, slug: str, told: Told) -> None:
    """What was said to be stored is, and what was said not to be is not."""
    if told.code != "COMMIT_UNKNOWN":
        assert await person.stored(slug) == (told.status == 200), told.body


@pytest.mark.parametrize("silent", [False, True], ids=["reset", "silent"])
async def test_the_answer_to_commit_lost_is_not_a_no(silent: bool, person: Person, network: Proxy) -> None:
    network.heal()
    before = network.answered
    assert (await person.write()).status == 200
    whole = network.answered - before

    slug = unique()
    network.heal()
    network.then_silent = silent
    network.cut_after = whole - len("C....COMMIT.")
    told = await person.write(slug)
    network.heal()

    assert (told.status, told.code) == (503, "COMMIT_UNKNOWN")
    assert told.is_honest
    assert await person.stored(slug) == 1


async def test_with_the_limits_of_production_nobody_waits_longer_than_six_seconds(
    database: Database, network: Proxy
) -> None:
    engine = create_engine(network.url(database.api), size=2)
    graph = Graph.over(build(), engine)
    owner = world_of(database, graph, await make.world(database)).acme.owner
    await asyncio.gather(*(owner.ask("{ viewer { role } }") for _ in range(2)))
    clock = asyncio.get_running_loop().time
    began = clock()
    network.silent = True
    try:
        answers = await asyncio.gather(
            *(run(graph, owner.principal, Asked("{ viewer { role } }")) for _ in range(3)),
            owner.answer("mutation($i: ArchiveEventInput!) { archiveEvent(input: $i) { __typename } }", i={"id": "x"}),
        )
    finally:
        network.heal()

    assert clock() - began < LONGEST_S
    assert {answered.outcome for answered in answers} == {"unavailable"}
    assert {answered.code for answered in answers} == {"DB_UNAVAILABLE", "OVERLOADED"}
    assert await owner.ask("{ viewer { role } }")
    await engine.dispose()


async def test_a_connection_that_lies_in_the_pool_is_watched_by_the_kernel(database: Database, network: Proxy) -> None:
    engine = create_engine(network.url(database.api), size=1)
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        there: socket.socket = raw.driver_connection._transport.get_extra_info("socket")  # type: ignore[union-attr]
        watched = {name: there.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name, _ in KEEPALIVE}
        assert there.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    await engine.dispose()

    assert watched == dict(KEEPALIVE)
