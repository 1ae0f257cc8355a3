"""Which meetings there are, and how they are booked, moved and closed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from db.tables import EventRow, MeetingRow
from graph.audit import Action, audited
from graph.change import add, change
from graph.context import Context
from graph.failures import EventArchived, Failure, MeetingClosed, NotFound, SlotTaken
from graph.paging import Collection, among
from graph.resolvers.users import person
from graph.validation import Check

VIEWED = Action("APPOINTMENT_VIEWED", "appointment")
# Two guests race for one slot: this constraint decides.
VIOLATIONS: dict[str, Failure] = {"meetings_no_overlap": SlotTaken()}

_OPEN = ("held", "pending_payment", "confirmed")
_FURTHEST = timedelta(days=730)

MEETINGS: Collection[MeetingRow] = Collection(
    entity=MeetingRow,
    default_order="START_TIME_DESC",
    orders={
        "START_TIME_DESC": MeetingRow.start_time.desc(),
        "START_TIME_ASC": MeetingRow.start_time.asc(),
        "CREATED_AT_DESC": MeetingRow.created_at.desc(),
        "CREATED_AT_ASC": MeetingRow.created_at.asc(),
        "GUEST_NAME_ASC": MeetingRow.guest_name.asc(),
    },
    filters={
        "starts_from": lambda at: MeetingRow.start_time >= at,
        "starts_before": lambda at: MeetingRow.start_time < at,
        "status": lambda these: among(MeetingRow.status, these),
        "event_id": lambda id: MeetingRow.event_id == id,
        "host_id": lambda id: MeetingRow.workos_user_id == person(id),
        "guest_email": lambda email: MeetingRow.guest_email_lower == email.lower(),
    },
)


def by_id(id: UUID) -> Select[MeetingRow]:
    """The meeting of this id, where the caller sees it."""
    return select(MeetingRow).where(MeetingRow.id == id)


async def guest_notes(context: Context, meeting: MeetingRow) -> str | None:
    """Health data: recorded as read, once per meeting and operation, before the answer leaves."""
    notes = await context.loaders.guest_notes(meeting.id)
    context.trail.read(VIEWED, meeting.id, fields=["guestNotes"])
    return notes


@audited("APPOINTMENT_CREATED", "appointment")
async def book(
    context: Context,
    *,
    event_id: UUID,
    start_time: datetime,
    guest_name: str,
    guest_email: str,
    guest_timezone: str,
    guest_notes: str | None = None,
) -> MeetingRow | Failure:
    """Book a time with an event's host: any in the future that is free of the host's other meetings.

    `start_time` is UTC. Two guests racing for one slot: `meetings_no_overlap` decides, `on conflict do nothing` waits
    for the faster one without a deadlock, and the loser gets SlotTaken.
    """
    check = Check()
    check.name("guestName", guest_name, 200)
    check.text("guestNotes", guest_notes, 5_000)
    _in_the_future(check, context, start_time)
    if failure := check.failure():
        return failure
    event = await context.transaction.by_id(EventRow, event_id)
    if event is None:
        return NotFound()
    if event.archived_at is not None or not event.is_active:
        return EventArchived()
    meeting = await add(
        context,
        MeetingRow,
        {
            "event_id": event.id,
            "workos_user_id": event.workos_user_id,
            "start_time": start_time,
            "end_time": start_time + timedelta(minutes=event.duration_in_minutes),
            "guest_name": guest_name.strip(),
            "guest_email": guest_email,
            "guest_timezone": guest_timezone,
            "guest_notes": guest_notes,
            "amount_cents": event.price_cents,
            "currency": event.currency,
        },
    )
    return SlotTaken() if meeting is None else meeting


@audited("APPOINTMENT_UPDATED", "appointment")
async def reschedule(context: Context, *, id: UUID, start_time: datetime) -> MeetingRow | Failure:
    """Move an open meeting to another time, as long as it was."""
    check = Check()
    _in_the_future(check, context, start_time)
    if failure := check.failure():
        return failure
    meeting = await context.transaction.by_id(MeetingRow, id)
    if meeting is None:
        return NotFound()
    if meeting.status not in _OPEN:
        return MeetingClosed("Only an open meeting can be moved.")
    await _lock_calendar(context, meeting.workos_user_id)
    length = meeting.end_time - meeting.start_time
    times = {"start_time": start_time, "end_time": start_time + length}
    return await change(context, meeting, MeetingRow, times, MeetingRow.status.in_(_OPEN))


@audited("APPOINTMENT_CANCELLED", "appointment")
async def cancel(context: Context, *, id: UUID, reason: str | None = None) -> MeetingRow | Failure:
    """Cancel an open meeting; its time is free again."""
    check = Check()
    check.text("reason", reason, 1_000)
    if failure := check.failure():
        return failure
    values = {
        "status": "cancelled",
        "cancelled_at": context.now,
        "cancelled_by": context.principal.user_id,
        "cancellation_reason": reason,
    }
    return await _closed(context, id, _OPEN, values, "Only an open meeting can be cancelled.")


@audited("APPOINTMENT_COMPLETED", "appointment")
async def complete(context: Context, *, id: UUID) -> MeetingRow | Failure:
    """Say that a confirmed meeting took place; not before it began."""
    return await _ended(context, id, "completed")


@audited("APPOINTMENT_NO_SHOW", "appointment")
async def mark_no_show(context: Context, *, id: UUID) -> MeetingRow | Failure:
    """Say that the guest of a confirmed meeting did not come; not before it began."""
    return await _ended(context, id, "no_show")


async def _ended(context: Context, id: UUID, status: str) -> MeetingRow | Failure:
    meeting = await context.transaction.by_id(MeetingRow, id)
    if meeting is not None and meeting.status == "confirmed" and meeting.start_time > context.now:
        return MeetingClosed("The meeting has not begun yet.")
    return await _closed(context, id, ("confirmed",), {"status": status}, "Only a confirmed meeting can be closed.")


async def _closed(
    context: Context, id: UUID, allowed: tuple[str, ...], values: dict[str, Any], refusal: str
) -> MeetingRow | Failure:
    meeting = await context.transaction.by_id(MeetingRow, id)
    if meeting is None:
        return NotFound()
    if meeting.status not in allowed:
        return MeetingClosed(refusal)
    changed: MeetingRow | Failure = await change(context, meeting, MeetingRow, values, MeetingRow.status.in_(allowed))
    return changed


async def _lock_calendar(context: Context, host: str) -> None:
    """Line up whoever moves a meeting of this host, until their transactions end.

    Two updates that cross (one to where the other was, and back) would each wait for the other's exclusion entry.
    """
    await context.transaction.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(host, 0))))


def _in_the_future(check: Check, context: Context, start_time: datetime) -> None:
    check.that(start_time > context.now, "startTime", "must be in the future")
    check.that(start_time < context.now + _FURTHEST, "startTime", "must be within two years")
