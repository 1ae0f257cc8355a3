"""Moving a meeting: where it fits, who may, and that two that change places cannot both be taken."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.graph.asking import Acting, World
from tests.make import TOMORROW

MEETING = "... on Meeting { id startTime endTime status }"
TAKEN = {"__typename": "SlotTaken", "code": "SLOT_TAKEN"}


def to(acting: Acting, whose: str = "member", **after: float) -> dict[str, Any]:
    """This person's meeting, moved to so long after TOMORROW."""
    return {
        "id": acting.id_of("Meeting", "meetings", whose),
        "startTime": (TOMORROW + timedelta(**after)).isoformat(),
    }


async def second_meeting(acme: Acting, **after: float) -> str:
    """Another meeting of the member; its global id."""
    booked = await acme.member.do(
        "bookMeeting",
        "... on Meeting { id }",
        eventId=acme.id_of("Event", "events"),
        startTime=(TOMORROW + timedelta(**after)).isoformat(),
        guestName="Rui",
        guestEmail="rui@guests.test",
        guestTimezone="UTC",
    )
    found: str = booked["id"]
    return found


async def test_a_moved_meeting_stays_as_long_as_it_was_and_the_trail_has_both_times(acme: Acting) -> None:
    await acme.put("events", acme.row("events"), duration_in_minutes=15)

    moved = await acme.member.do("rescheduleMeeting", MEETING, **to(acme, days=2))

    day = (TOMORROW + timedelta(days=2)).date().isoformat()
    assert moved == {
        "__typename": "Meeting",
        "id": acme.id_of("Meeting", "meetings"),
        "startTime": f"{day}T09:00:00.000Z",
        "endTime": f"{day}T10:00:00.000Z",
        "status": "CONFIRMED",
    }
    [row] = await acme.audited("APPOINTMENT_UPDATED", acme.row("meetings"))
    hours = {"start_time": timedelta(0), "end_time": timedelta(hours=1)}
    assert row["old_values"] == {name: (TOMORROW + length).isoformat() for name, length in hours.items()}
    later = TOMORROW + timedelta(days=2)
    assert row["new_values"] == {name: (later + length).isoformat() for name, length in hours.items()}


@pytest.mark.parametrize("minutes", [-30, 0, 59])
async def test_it_does_not_move_into_a_time_that_is_taken(acme: Acting, minutes: int) -> None:
    await second_meeting(acme, days=1)
    stored = await acme.contents()

    assert await acme.member.do("rescheduleMeeting", **to(acme, days=1, minutes=minutes)) == TAKEN
    assert await acme.contents() == stored


async def test_it_may_move_over_its_own_time(acme: Acting) -> None:
    moved = await acme.member.do("rescheduleMeeting", MEETING, **to(acme, minutes=30))

    assert (moved["__typename"], moved["startTime"][11:16]) == ("Meeting", "09:30")


async def test_a_time_that_is_taken_elsewhere_is_taken_here(world: World) -> None:
    # In globex the person of both has a meeting at noon.
    moved = await world.acme.owner.do("rescheduleMeeting", **to(world.acme, "both", hours=3))

    assert moved == TAKEN


async def test_what_moved_away_leaves_its_time_free(acme: Acting) -> None:
    await acme.member.do("rescheduleMeeting", **to(acme, days=2))

    assert await second_meeting(acme, hours=0)


async def test_two_meetings_that_want_each_others_time_stay_where_they_are(acme: Acting) -> None:
    other = await second_meeting(acme, days=1)
    there, back = to(acme, days=1), {**to(acme), "id": other}

    answers = await asyncio.gather(
        *(acme.owner.do("rescheduleMeeting", **values) for _ in range(3) for values in (there, back))
    )

    assert Counter(answer["__typename"] for answer in answers) == {"SlotTaken": 6}


async def test_two_meetings_that_race_for_one_time_are_not_both_moved(acme: Acting) -> None:
    other = await second_meeting(acme, days=1)

    answers = await asyncio.gather(
        acme.owner.do("rescheduleMeeting", **to(acme, days=5)),
        acme.member.do("rescheduleMeeting", **{**to(acme, days=5, minutes=30), "id": other}),
    )

    assert sorted(answer["__typename"] for answer in answers) == ["Meeting", "SlotTaken"]


@pytest.mark.parametrize("part", ["owner", "admin", "member"])
async def test_the_host_and_who_manages_appointments_may(acme: Acting, part: str) -> None:
    assert (await acme.askers[part].do("rescheduleMeeting", **to(acme, days=2)))["__typename"] == "Meeting"


async def test_who_only_views_appointments_may_not_and_the_attempt_is_kept(acme: Acting) -> None:
    answer = await acme.receptionist.do("rescheduleMeeting", **to(acme, days=2))

    assert answer == {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}
    [denial] = await acme.denied("rescheduleMeeting")
    assert (denial["outcome"], denial["actor_id"]) == ("denied", acme.receptionist.user_id)
    assert (await acme.receptionist.do("rescheduleMeeting", **to(acme, "receptionist", days=2)))[
        "__typename"
    ] == "Meeting"


@pytest.mark.parametrize("part", ["colleague", "billing", "restricted"])
async def test_for_who_does_not_see_it_there_is_none(acme: Acting, part: str) -> None:
    answer = await acme.askers[part].do("rescheduleMeeting", **to(acme, days=2))

    assert answer == {"__typename": "NotFound", "code": "NOT_FOUND"}
    assert await acme.truth("select start_time from app.meetings where id = $1", acme.row("meetings")) == TOMORROW


@pytest.mark.parametrize("status", ["completed", "cancelled", "no_show", "expired", "conflict"])
async def test_a_closed_meeting_is_not_moved(acme: Acting, status: str) -> None:
    at = datetime.now(UTC) if status == "cancelled" else None
    await acme.put("meetings", acme.row("meetings"), status=status, cancelled_at=at)

    answer = await acme.member.do("rescheduleMeeting", **to(acme, days=2))

    assert answer == {"__typename": "MeetingClosed", "code": "MEETING_CLOSED"}


@pytest.mark.parametrize("days", [-2, 1_000])
async def test_a_time_that_is_over_or_too_far_is_not_acceptable(acme: Acting, days: int) -> None:
    answer = await acme.member.do("rescheduleMeeting", **to(acme, days=days))

    assert answer == {
        "__typename": "InvalidInput",
        "code": "INVALID_INPUT",
        "fields": [{"path": "input.startTime"}],
    }


async def test_a_host_who_has_left_cannot_be_probed_for_when_they_are_busy_elsewhere(world: World) -> None:
    acme, globex = world.acme, world.globex
    busy_there = await globex.truth(
        "select start_time from app.meetings where org_id = $1 and workos_user_id = $2", globex.rows.id, world.both
    )
    await acme.truth(
        "update app.user_org_memberships set status = 'inactive' where org_id = $1 and workos_user_id = $2",
        acme.rows.id,
        world.both,
    )
    meeting = acme.id_of("Meeting", "meetings", "both")

    for when in (busy_there, busy_there + timedelta(days=3)):
        answer = await acme.owner.do("rescheduleMeeting", id=meeting, startTime=when.isoformat())
        assert answer == {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}
    assert (await acme.owner.do("cancelMeeting", id=meeting))["__typename"] == "Meeting"
