"""Closing a meeting: called off, taken place, or nobody came; when, by whom, and what the trail keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.graph.asking import Acting
from tests.make import TOMORROW

MEETING = "... on Meeting { status cancelledAt cancellationReason }"
CLOSED = {"__typename": "MeetingClosed", "code": "MEETING_CLOSED"}
ENDINGS = {"completeMeeting": "COMPLETED", "markNoShow": "NO_SHOW"}
CLOSINGS = {**ENDINGS, "cancelMeeting": "CANCELLED"}


async def begun(acme: Acting, whose: str = "member") -> str:
    """This person's meeting, which began an hour ago; its global id."""
    start = datetime.now(UTC) - timedelta(hours=1)
    await acme.put("meetings", acme.row("meetings", whose), start_time=start, end_time=start + timedelta(hours=1))
    return acme.id_of("Meeting", "meetings", whose)


async def test_a_cancelled_meeting_says_when_by_whom_and_why_and_frees_its_time(acme: Acting) -> None:
    meeting = acme.id_of("Meeting", "meetings")
    before = datetime.now(UTC)

    answer = await acme.owner.do("cancelMeeting", MEETING, id=meeting, reason="The host\nis ill.")

    assert (answer["status"], answer["cancellationReason"]) == ("CANCELLED", "The host\nis ill.")
    assert datetime.fromisoformat(answer["cancelledAt"]) >= before.replace(microsecond=0)
    by = "select cancelled_by from app.meetings where id = $1"
    assert await acme.truth(by, acme.row("meetings")) == acme.owner.user_id
    [row] = await acme.audited("APPOINTMENT_CANCELLED", acme.row("meetings"))
    assert row["old_values"] == {
        "status": "confirmed",
        "cancelled_at": None,
        "cancelled_by": None,
        "cancellation_reason": None,
    }
    assert row["new_values"] == {
        "status": "cancelled",
        "cancelled_at": row["new_values"]["cancelled_at"],
        "cancelled_by": acme.owner.user_id,
        "cancellation_reason": row["new_values"]["cancellation_reason"],
    }
    assert "is ill" not in str(row)  # whoever calls off may say why they are ill
    booked = await acme.member.do(
        "bookMeeting",
        eventId=acme.id_of("Event", "events"),
        startTime=TOMORROW.isoformat(),
        guestName="Rui",
        guestEmail="rui@guests.test",
        guestTimezone="UTC",
    )
    assert booked["__typename"] == "Meeting"


@pytest.mark.parametrize("status", ["held", "pending_payment", "confirmed"])
async def test_an_open_meeting_can_be_cancelled_before_and_after_it_began(acme: Acting, status: str) -> None:
    for whose, meeting in (("member", acme.id_of("Meeting", "meetings")), ("admin", await begun(acme, "admin"))):
        hold = datetime.now(UTC) if status == "held" else None
        await acme.put("meetings", acme.row("meetings", whose), status=status, hold_expires_at=hold)
        assert (await acme.owner.do("cancelMeeting", MEETING, id=meeting))["status"] == "CANCELLED"


@pytest.mark.parametrize(("mutation", "status"), ENDINGS.items())
async def test_a_meeting_is_closed_once_it_has_begun_and_not_before(acme: Acting, mutation: str, status: str) -> None:
    meeting = acme.id_of("Meeting", "meetings")
    assert await acme.member.do(mutation, id=meeting) == CLOSED

    answer = await acme.member.do(mutation, MEETING, id=await begun(acme))

    assert answer["status"] == status
    action = {"completeMeeting": "APPOINTMENT_COMPLETED", "markNoShow": "APPOINTMENT_NO_SHOW"}[mutation]
    [row] = await acme.audited(action, acme.row("meetings"))
    assert (row["old_values"], row["new_values"]) == ({"status": "confirmed"}, {"status": status.lower()})


@pytest.mark.parametrize("mutation", CLOSINGS)
async def test_what_is_closed_stays_closed(acme: Acting, mutation: str) -> None:
    meeting = await begun(acme)

    for status in ("completed", "cancelled", "no_show", "expired", "conflict"):
        at = datetime.now(UTC) if status == "cancelled" else None
        await acme.put("meetings", acme.row("meetings"), status=status, cancelled_at=at)
        stored = await acme.contents()
        assert await acme.member.do(mutation, id=meeting) == CLOSED
        assert await acme.contents() == stored


@pytest.mark.parametrize("mutation", ENDINGS)
@pytest.mark.parametrize("status", ["held", "pending_payment"])
async def test_only_a_confirmed_meeting_takes_place(acme: Acting, mutation: str, status: str) -> None:
    meeting = await begun(acme)
    await acme.put("meetings", acme.row("meetings"), status=status, hold_expires_at=datetime.now(UTC))

    assert await acme.member.do(mutation, id=meeting) == CLOSED


@pytest.mark.parametrize("mutation", CLOSINGS)
@pytest.mark.parametrize("part", ["owner", "admin", "member"])
async def test_the_host_and_who_manages_appointments_may(acme: Acting, mutation: str, part: str) -> None:
    assert (await acme.askers[part].do(mutation, id=await begun(acme)))["__typename"] == "Meeting"


@pytest.mark.parametrize("mutation", CLOSINGS)
async def test_who_only_views_appointments_may_not_and_the_attempt_is_kept(acme: Acting, mutation: str) -> None:
    answer = await acme.receptionist.do(mutation, id=await begun(acme))

    assert answer == {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}
    [denial] = await acme.denied(mutation)
    assert (denial["outcome"], denial["actor_id"]) == ("denied", acme.receptionist.user_id)
    assert await status_of(acme) == "confirmed"


@pytest.mark.parametrize("mutation", CLOSINGS)
@pytest.mark.parametrize("part", ["colleague", "billing", "restricted", "both"])
async def test_for_who_does_not_see_it_there_is_none(acme: Acting, mutation: str, part: str) -> None:
    answer = await acme.askers[part].do(mutation, id=await begun(acme))

    assert answer == {"__typename": "NotFound", "code": "NOT_FOUND"}
    assert await status_of(acme) == "confirmed"


@pytest.mark.parametrize("reason", ["x" * 1_001, "ill\0", "ill\u202e"])
async def test_a_reason_is_text_of_at_most_1000_characters(acme: Acting, reason: str) -> None:
    answer = await acme.member.do("cancelMeeting", id=acme.id_of("Meeting", "meetings"), reason=reason)

    assert answer == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "fields": [{"path": "input.reason"}]}
    longest = "x" * 1_000
    cancelled = await acme.member.do("cancelMeeting", MEETING, id=acme.id_of("Meeting", "meetings"), reason=longest)
    assert cancelled["cancellationReason"] == longest


async def status_of(acme: Acting) -> Any:
    """Where the member's meeting really stands."""
    return await acme.truth("select status from app.meetings where id = $1", acme.row("meetings"))
