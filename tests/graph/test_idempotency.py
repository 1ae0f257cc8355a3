"""Idempotency keys: whose they are, how long they hold, what they remember, and what they never keep.

That every mutation takes one and is done once with it: test_every_mutation. That it holds in a race: test_booking_race.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from graph.ids import parsed
from tests.graph.asking import Acting, World, document_of
from tests.make import TOMORROW, unique

START = TOMORROW + timedelta(days=4)
MEETING = "... on Meeting { id guestName startTime status }"
EVENT = "... on Event { id name host { id } }"


def key() -> dict[str, str]:
    return {"idempotencyKey": f"key-{unique()}"}


def an_event(**values: Any) -> dict[str, Any]:
    return {"name": "Knees", "slug": f"knees-{unique()}", "durationInMinutes": 30, **values}


def a_booking(acting: Acting, whose: str = "member", **values: Any) -> dict[str, Any]:
    return {
        "eventId": acting.id_of("Event", "events", whose),
        "startTime": START.isoformat(),
        "guestName": "Rui Costa",
        "guestEmail": "rui@guests.test",
        "guestTimezone": "Europe/Lisbon",
        "guestNotes": "left knee",
        **values,
    }


@pytest.mark.parametrize("wrong", ["", "seven-7", "k" * 256, "schlüssel", "line\nbreak", "null\0byte"])
async def test_a_key_is_8_to_255_printable_ascii_characters(acme: Acting, wrong: str) -> None:
    stored = await acme.contents()

    answer = await acme.owner.do("createEvent", **an_event(idempotencyKey=wrong))

    assert answer == {
        "__typename": "InvalidInput",
        "code": "INVALID_INPUT",
        "fields": [{"path": "input.idempotencyKey"}],
    }
    assert await acme.contents() == stored


@pytest.mark.parametrize("right", ["eight--8", "k" * 255, " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"])
async def test_the_shortest_the_longest_and_the_strangest_key_are_taken(acme: Acting, right: str) -> None:
    values = an_event(idempotencyKey=right)

    first = await acme.owner.do("createEvent", EVENT, **values)

    assert first["__typename"] == "Event"
    assert await acme.owner.do("createEvent", EVENT, **values) == first


async def test_without_a_key_what_is_asked_twice_is_tried_twice(acme: Acting) -> None:
    values = an_event()

    assert (await acme.owner.do("createEvent", **values))["__typename"] == "Event"
    assert (await acme.owner.do("createEvent", **values))["__typename"] == "AlreadyExists"


async def test_a_key_is_its_persons_its_mutations_and_its_organizations(world: World) -> None:
    shared = key()
    booking = {**a_booking(world.acme, "both"), **shared}
    both_here, both_there = world.acme.both, world.globex.both

    event = await both_here.do("createEvent", EVENT, **an_event(), **shared)
    meeting = await both_here.do("bookMeeting", MEETING, **booking)
    colleagues = await world.acme.owner.do("createEvent", EVENT, **an_event(), **shared)
    elsewhere = await both_there.do("createEvent", EVENT, **an_event(), **shared)

    assert meeting["__typename"] == "Meeting"
    assert [one["__typename"] for one in (event, colleagues, elsewhere)] == ["Event"] * 3
    assert len({one["id"] for one in (event, colleagues, elsewhere)}) == 3


async def test_a_key_holds_for_48_hours_and_no_longer(acme: Acting) -> None:
    kept = key()
    values = {**a_booking(acme), **kept}
    first = await acme.member.do("bookMeeting", MEETING, **values)
    age = "update app.idempotency_keys set created_at = now() - $2::interval where key = $1 returning key"

    await acme.truth(age, kept["idempotencyKey"], timedelta(hours=47, minutes=59))
    assert await acme.member.do("bookMeeting", MEETING, **values) == first

    await acme.truth(age, kept["idempotencyKey"], timedelta(hours=48, minutes=1))
    assert (await acme.member.do("bookMeeting", MEETING, **values))["__typename"] == "SlotTaken"


async def test_what_failed_keeps_no_key(acme: Acting) -> None:
    taken = await acme.member.do("bookMeeting", MEETING, **a_booking(acme))
    values = {**a_booking(acme, guestName="Second"), **key()}

    assert (await acme.member.do("bookMeeting", **values))["__typename"] == "SlotTaken"
    assert await acme.truth("select count(*) from app.idempotency_keys where key = $1", values["idempotencyKey"]) == 0
    await acme.member.do("cancelMeeting", id=taken["id"])
    assert (await acme.member.do("bookMeeting", MEETING, **values))["guestName"] == "Second"


async def test_a_key_of_a_document_that_was_rolled_back_is_free_again(
    acme: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {**an_event(), **key()}

    async def fails(*_: Any) -> None:
        raise RuntimeError("the trail cannot be written")

    with monkeypatch.context() as patched:
        patched.setattr("graph.audit.Trail.write", fails)
        body = await acme.owner.body(document_of("createEvent", EVENT), input=values)
    assert [error["extensions"]["code"] for error in body["errors"]] == ["INTERNAL"]
    assert "data" not in body

    asked = await acme.owner.body(document_of("createEvent", EVENT), input=values)
    assert asked["data"]["createEvent"]["name"] == "Knees"
    assert "extensions" not in asked


async def test_the_same_moment_and_the_same_fields_in_another_spelling_are_the_same_input(acme: Acting) -> None:
    values = {**a_booking(acme), **key()}
    first = await acme.member.do("bookMeeting", MEETING, **values)

    moved = START.isoformat().replace("T09:00:00+00:00", "T11:30:00+02:30")
    again = dict(reversed({**values, "startTime": moved}.items()))

    assert moved != values["startTime"]
    assert await acme.member.do("bookMeeting", MEETING, **again) == first


async def test_a_replay_answers_the_thing_as_it_is_now(acme: Acting) -> None:
    values = {**a_booking(acme), **key()}
    first = await acme.member.do("bookMeeting", MEETING, **values)
    await acme.member.do("cancelMeeting", id=first["id"])

    assert await acme.member.do("bookMeeting", MEETING, **values) == {**first, "status": "CANCELLED"}


async def test_a_replay_shows_nothing_that_its_caller_may_no_longer_see(acme: Acting) -> None:
    values = {**a_booking(acme), **key()}
    first = await acme.admin.do("bookMeeting", MEETING, **values)
    demote = "update app.user_org_memberships set role = 'member' where workos_user_id = $1 returning role"
    await acme.truth(demote, acme.admin.user_id)

    assert await acme.admin.do("bookMeeting", MEETING, **values) == {"__typename": "NotFound", "code": "NOT_FOUND"}
    assert await acme.owner.listed("meetings", filter={"eventId": values["eventId"]}) == [
        first["id"],
        acme.id_of("Meeting", "meetings"),
    ]


async def test_a_replay_is_answered_to_who_still_sees_it_and_may_no_longer_change_it(acme: Acting) -> None:
    kept = key()
    first = await acme.admin.do("updateOrganization", "... on Organization { name }", name="Globex", **kept)
    demote = "update app.user_org_memberships set role = 'member' where workos_user_id = $1 returning role"
    await acme.truth(demote, acme.admin.user_id)
    await acme.owner.do("updateOrganization", name="Initech")

    again = await acme.admin.do("updateOrganization", "... on Organization { name }", name="Globex", **kept)
    anew = await acme.admin.do("updateOrganization", name="Globex", **key())

    assert (first["name"], again["name"]) == ("Globex", "Initech")
    assert anew == {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}
    assert len(await acme.audited("ORG_SETTINGS_UPDATED")) == 2


async def test_a_replay_of_a_new_order_answers_it_whole(acme: Acting) -> None:
    events = [acme.id_of("Event", "events", whose) for whose in ("colleague", "owner", "member")]
    values = {"ids": events, **key()}
    fields = "... on EventList { events { id position } }"

    first = await acme.owner.do("reorderEvents", fields, **values)
    await acme.owner.do("reorderEvents", ids=events[::-1])
    again = await acme.owner.do("reorderEvents", fields, **values)

    assert [event["id"] for event in first["events"]] == [event["id"] for event in again["events"]] == events
    positions = [event["position"] for event in again["events"]]
    assert positions == sorted(positions, reverse=True)  # as they are now, after the other order


async def test_a_key_remembers_type_and_id_and_no_word_of_what_was_said(acme: Acting) -> None:
    values = {**a_booking(acme), **key()}
    booked = await acme.member.do("bookMeeting", MEETING, **values)

    about = values["idempotencyKey"]
    result = await acme.truth("select result::text from app.idempotency_keys where key = $1", about)
    row = await acme.truth("select k::text from app.idempotency_keys k where key = $1", about)

    assert orjson.loads(result) == {"entity": "MeetingRow", "ids": [str(parsed(booked["id"])[1])], "list": False}
    assert not any(word in row for word in ("Rui", "rui@", "left knee", "Lisbon"))


async def test_two_mutations_of_one_document_may_each_have_their_key(acme: Acting) -> None:
    document = """mutation($one: CreateEventInput!, $two: CreateEventInput!) {
        one: createEvent(input: $one) { ... on Event { id } } two: createEvent(input: $two) { ... on Event { id } }
    }"""
    one, two = {**an_event(), **key()}, {**an_event(), **key()}

    first = await acme.owner.ask(document, one=one, two=two)
    again = await acme.owner.body(document, one=one, two=two)

    assert first["one"] != first["two"]
    assert again == {"data": first, "extensions": {"replayed": True}}


async def test_whoever_comes_second_with_a_key_waits_for_the_first(acme: Acting) -> None:
    values = {**a_booking(acme), **key()}

    answers = await asyncio.gather(*(acme.member.do("bookMeeting", MEETING, **values) for _ in range(6)))

    assert len({answer["id"] for answer in answers}) == 1
    assert len(await acme.audited("APPOINTMENT_CREATED")) == 1
