"""Fifty guests, one slot: exactly one gets it, whatever else happens at the same time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from db.engine import create_engine
from graph.operation import Graph
from tests.graph.asking import Asker, World
from tests.make import TOMORROW, unique
from tests.personas import Database

GUESTS = 50
ROUNDS = 20


@pytest.fixture
async def crowd(graph: Graph, database: Database) -> AsyncIterator[Graph]:
    """A graph whose pool lets everybody wait their turn: what is tried is the race, not the pool."""
    engine = create_engine(database.api, size=25, wait_s=20)
    yield replace(graph, engine=engine)
    await engine.dispose()


def booking(event: str, start: Any, guest: int) -> dict[str, Any]:
    return {
        "eventId": event,
        "startTime": start.isoformat(),
        "guestName": f"Guest {guest}",
        "guestEmail": f"guest-{guest}@guests.test",
        "guestTimezone": "Europe/Lisbon",
    }


async def answers_of(asker: Asker, inputs: list[dict[str, Any]]) -> Counter[str]:
    """How often each answer came when all of it is asked at once."""
    found = await asyncio.gather(*(asker.do("bookMeeting", **one) for one in inputs))
    return Counter(one["__typename"] for one in found)


async def test_of_fifty_who_want_one_slot_one_gets_it_and_the_others_slot_taken(world: World, crowd: Graph) -> None:
    acme = world.acme
    owner = replace(acme.owner, graph=crowd)
    event, host = acme.id_of("Event", "events"), acme.member.user_id

    for number in range(ROUNDS):
        start = TOMORROW + timedelta(days=2 + number)
        answers = await answers_of(owner, [booking(event, start, guest) for guest in range(GUESTS)])

        assert answers == {"Meeting": 1, "SlotTaken": GUESTS - 1}
        booked = "select count(*) from app.meetings where workos_user_id = $1 and start_time = $2"
        assert await acme.truth(booked, host, start) == 1

    assert len(await acme.audited("APPOINTMENT_CREATED")) == ROUNDS
    assert await acme.denied("bookMeeting") == []


async def test_slots_that_overlap_without_being_equal_race_as_well(world: World, crowd: Graph) -> None:
    acme = world.acme
    owner = replace(acme.owner, graph=crowd)
    event = acme.id_of("Event", "events")
    start = TOMORROW + timedelta(days=2)
    # An hour each, two minutes apart: within 59 minutes no two of them have room beside each other.
    inputs = [booking(event, start + timedelta(minutes=2 * (guest % 30)), guest) for guest in range(GUESTS)]

    assert await answers_of(owner, inputs) == {"Meeting": 1, "SlotTaken": GUESTS - 1}


async def test_a_host_of_two_organizations_is_booked_once_when_both_race(world: World, crowd: Graph) -> None:
    start = TOMORROW + timedelta(days=2)
    asked = []
    for acting in (world.acme, world.globex):
        owner = replace(acting.owner, graph=crowd)
        event = acting.id_of("Event", "events", "both")
        asked += [owner.do("bookMeeting", **booking(event, start, guest)) for guest in range(GUESTS // 2)]

    answers = Counter(one["__typename"] for one in await asyncio.gather(*asked))

    assert answers == {"Meeting": 1, "SlotTaken": len(asked) - 1}


async def test_hosts_who_are_booked_at_once_do_not_stand_in_each_others_way(world: World, crowd: Graph) -> None:
    acme = world.acme
    owner = replace(acme.owner, graph=crowd)
    start = TOMORROW + timedelta(days=2)
    hosts = ("owner", "admin", "member", "colleague", "billing", "receptionist", "both")

    inputs = [booking(acme.id_of("Event", "events", host), start, at) for at, host in enumerate(hosts)]

    assert await answers_of(owner, inputs) == {"Meeting": len(hosts)}


async def test_thirty_with_the_same_key_at_once_are_one_booking_and_one_answer(world: World, crowd: Graph) -> None:
    acme = world.acme
    owner = replace(acme.owner, graph=crowd)
    values = booking(acme.id_of("Event", "events"), TOMORROW + timedelta(days=2), 1)
    document = """mutation($input: BookMeetingInput!) {
        bookMeeting(input: $input) { __typename ... on Meeting { id createdAt } }
    }"""

    key = f"race-{unique()}"
    bodies = await asyncio.gather(*(owner.body(document, input={**values, "idempotencyKey": key}) for _ in range(30)))

    assert [body for body in bodies if "errors" in body] == []
    assert len({body["data"]["bookMeeting"].get("id") for body in bodies}) == 1
    assert Counter(body.get("extensions", {}).get("replayed", False) for body in bodies) == {False: 1, True: 29}
    assert len(await acme.audited("APPOINTMENT_CREATED")) == 1
