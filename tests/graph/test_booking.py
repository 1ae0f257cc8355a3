"""Booking a meeting: who may book with whom, what is refused and how, and what the trail keeps of it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from graph.ids import global_id, parsed
from tests.graph.asking import Acting, World
from tests.make import TOMORROW

START = TOMORROW + timedelta(days=4)
MEETING = """... on Meeting {
    id status startTime endTime guestName guestEmail guestTimezone amountCents currency event { id } host { id }
}"""


def values(acting: Acting, whose: str = "member", **changed: Any) -> dict[str, Any]:
    """A booking with this person, on a day that is free."""
    return {
        "eventId": acting.id_of("Event", "events", whose),
        "startTime": START.isoformat(),
        "guestName": "Rui Costa",
        "guestEmail": "Rui@guests.test",
        "guestTimezone": "America/Sao_Paulo",
        **changed,
    }


async def test_a_booking_takes_its_length_and_price_from_the_event(acme: Acting) -> None:
    await acme.put("events", acme.row("events"), duration_in_minutes=45, price_cents=7_000)

    booked = await acme.member.do("bookMeeting", MEETING, **values(acme, guestName="  Rui Costa "))

    assert booked == {
        "__typename": "Meeting",
        "id": booked["id"],
        "status": "CONFIRMED",
        "startTime": f"{START:%Y-%m-%d}T09:00:00.000Z",
        "endTime": f"{START:%Y-%m-%d}T09:45:00.000Z",
        "guestName": "Rui Costa",
        "guestEmail": "Rui@guests.test",
        "guestTimezone": "America/Sao_Paulo",
        "amountCents": 7_000,
        "currency": "eur",
        "event": {"id": acme.id_of("Event", "events")},
        "host": {"id": await acme.user_id_of("member")},
    }
    assert booked["id"] in await acme.member.listed("meetings")


async def test_the_trail_says_what_was_booked_and_health_data_only_as_a_digest(acme: Acting) -> None:
    booked = await acme.member.do("bookMeeting", MEETING, **values(acme, guestNotes="left knee"))

    [row] = await acme.audited("APPOINTMENT_CREATED", parsed(booked["id"])[1])

    assert row["old_values"] is None
    assert row["new_values"]["guest_notes"] == {
        "sha256": hashlib.sha256(orjson.dumps([row["resource_id"], "guest_notes", "left knee"])).hexdigest()
    }
    assert row["new_values"]["guest_name"] == "Rui Costa"
    assert row["new_values"]["start_time"] == START.isoformat()
    assert row["new_values"]["workos_user_id"] == acme.member.user_id
    assert "left knee" not in str(row)
    # The notes were stored all the same.
    assert (
        await acme.truth("select guest_notes from app.meetings where id = $1", parsed(booked["id"])[1]) == "left knee"
    )


@pytest.mark.parametrize("part", ["owner", "admin"])
async def test_who_may_manage_appointments_books_for_everyone(acme: Acting, part: str) -> None:
    for whose in ("member", "colleague", "billing", part):
        answer = await acme.askers[part].do("bookMeeting", MEETING, **values(acme, whose))
        assert (answer["__typename"], answer["host"]["id"]) == ("Meeting", await acme.user_id_of(whose))


@pytest.mark.parametrize("part", ["member", "billing", "receptionist", "both"])
async def test_a_host_books_for_themselves_and_for_nobody_else(acme: Acting, part: str) -> None:
    own = await acme.askers[part].do("bookMeeting", **values(acme, part))
    others = await acme.askers[part].do("bookMeeting", **values(acme, "colleague"))

    assert own["__typename"] == "Meeting"
    assert others == {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}
    [denial] = await acme.denied("bookMeeting")
    assert (denial["outcome"], denial["actor_id"]) == ("denied", acme.askers[part].user_id)
    [booked] = await acme.audited("APPOINTMENT_CREATED")
    assert booked["xmin"] != denial["xmin"]


async def test_an_admin_without_permissions_books_their_own_events_and_nobody_elses(acme: Acting) -> None:
    own = await acme.restricted.do("bookMeeting", **values(acme, "restricted"))
    a_colleagues = await acme.restricted.do("bookMeeting", **values(acme, "member"))

    assert own["__typename"] == "Meeting"
    assert a_colleagues == {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}
    assert len(await acme.denied("bookMeeting")) == 1
    assert (
        await acme.truth("select count(*) from app.meetings where start_time = $1 and org_id = $2", START, acme.rows.id)
        == 1
    )


async def test_nobody_is_booked_with_a_suspended_host(acme: Acting) -> None:
    answer = await acme.owner.do("bookMeeting", **values(acme, "suspended"))

    assert answer == {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}


@pytest.mark.parametrize("minutes", [-59, -30, 0, 30, 59])
async def test_a_time_that_overlaps_the_hosts_other_meeting_is_taken(acme: Acting, minutes: int) -> None:
    # The host's meeting of the world is at TOMORROW, for an hour.
    start = (TOMORROW + timedelta(minutes=minutes)).isoformat()

    answer = await acme.member.do("bookMeeting", **values(acme, startTime=start))

    assert answer == {"__typename": "SlotTaken", "code": "SLOT_TAKEN"}
    assert await acme.audited("APPOINTMENT_CREATED") == []


@pytest.mark.parametrize("minutes", [-60, 60])
async def test_meetings_may_touch(acme: Acting, minutes: int) -> None:
    start = (TOMORROW + timedelta(minutes=minutes)).isoformat()

    assert (await acme.member.do("bookMeeting", **values(acme, startTime=start)))["__typename"] == "Meeting"


async def test_another_hosts_time_is_free_while_one_is_busy(acme: Acting) -> None:
    await acme.owner.do("bookMeeting", **values(acme, "member"))

    assert (await acme.owner.do("bookMeeting", **values(acme, "colleague")))["__typename"] == "Meeting"


async def test_a_host_is_busy_in_every_organization_at_once(world: World) -> None:
    # In globex the person of both has a meeting at noon; in acme nobody sees it.
    noon = (TOMORROW + timedelta(hours=3)).isoformat()
    query = {"startsFrom": noon, "startsBefore": (TOMORROW + timedelta(hours=4)).isoformat()}

    for asker in (world.acme.owner, world.acme.both):
        answer = await asker.do("bookMeeting", **values(world.acme, "both", startTime=noon))
        assert answer == {"__typename": "SlotTaken", "code": "SLOT_TAKEN"}
        assert await asker.listed("meetings", filter=query) == []
    assert world.globex.id_of("Meeting", "meetings", "both") in await world.globex.both.listed("meetings", filter=query)


@pytest.mark.parametrize("status", ["completed", "cancelled", "no_show", "expired", "conflict"])
async def test_a_closed_meeting_leaves_its_time_free(acme: Acting, status: str) -> None:
    at = datetime.now(UTC) if status == "cancelled" else None
    await acme.put("meetings", acme.row("meetings"), status=status, cancelled_at=at)

    answer = await acme.member.do("bookMeeting", **values(acme, startTime=TOMORROW.isoformat()))

    assert answer["__typename"] == "Meeting"


@pytest.mark.parametrize("closed", [{"is_active": False}, {"is_active": False, "archived_at": datetime.now(UTC)}])
async def test_an_event_that_is_archived_or_switched_off_takes_no_booking(acme: Acting, closed: dict[str, Any]) -> None:
    await acme.put("events", acme.row("events"), **closed)

    answer = await acme.owner.do("bookMeeting", **values(acme))

    assert answer == {"__typename": "EventArchived", "code": "EVENT_ARCHIVED"}


WRONG = {
    "no name": ({"guestName": ""}, "guestName"),
    "a name of spaces": ({"guestName": "   "}, "guestName"),
    "a name of 201 characters": ({"guestName": "x" * 201}, "guestName"),
    "a name with a line break": ({"guestName": "Rui\nCosta"}, "guestName"),
    "a name that turns the line round": ({"guestName": "Rui\u202eCosta"}, "guestName"),
    "a name with a NUL": ({"guestName": "Rui\0"}, "guestName"),
    "notes of 5001 characters": ({"guestNotes": "x" * 5_001}, "guestNotes"),
    "notes with a NUL": ({"guestNotes": "knee\0"}, "guestNotes"),
    "a time that is over": ({"startTime": (datetime.now(UTC) - timedelta(seconds=1)).isoformat()}, "startTime"),
    "a time in three years": ({"startTime": (TOMORROW + timedelta(days=1_095)).isoformat()}, "startTime"),
    "an id that is none": ({"eventId": "x"}, "eventId"),
    "an id of another type": ({"eventId": global_id("Meeting", uuid4())}, "eventId"),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_not_acceptable_is_named_by_its_place_and_nothing_is_stored(acme: Acting, wrong: str) -> None:
    changed, path = WRONG[wrong]
    stored = await acme.contents()

    answer = await acme.owner.do("bookMeeting", **values(acme, **changed))

    assert answer == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "fields": [{"path": f"input.{path}"}]}
    assert await acme.contents() == stored


async def test_everything_that_is_wrong_is_said_at_once(acme: Acting) -> None:
    answer = await acme.owner.do(
        "bookMeeting", **values(acme, guestName="", guestNotes="\0", startTime="2020-01-01T00:00:00Z")
    )

    assert [field["path"] for field in answer["fields"]] == ["input.guestName", "input.guestNotes", "input.startTime"]


async def test_the_longest_name_and_notes_are_stored_as_they_are(acme: Acting) -> None:
    name, notes = "å" * 200, "• knee\n\thip " * 416

    booked = await acme.member.do("bookMeeting", MEETING, **values(acme, guestName=name, guestNotes=notes))

    assert booked["guestName"] == name
    assert await acme.truth("select guest_notes from app.meetings where id = $1", parsed(booked["id"])[1]) == notes


async def test_a_host_of_two_organizations_books_each_ones_events_there_only(world: World) -> None:
    theirs = world.globex.id_of("Event", "events", "both")

    here = await world.acme.both.do("bookMeeting", **values(world.acme, eventId=theirs))
    there = await world.globex.both.do("bookMeeting", **values(world.globex, eventId=theirs))

    assert here == {"__typename": "NotFound", "code": "NOT_FOUND"}
    assert there["__typename"] == "Meeting"
