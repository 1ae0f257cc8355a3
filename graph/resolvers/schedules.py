"""When hosts work, and how they say so."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects.postgresql import insert

from db.tables import AvailabilityRow, MeetingRow, ScheduleRow
from graph.audit import audited
from graph.change import columns
from graph.context import Context
from graph.failures import Failure, NotAllowed, NotFound
from graph.paging import Collection, among
from graph.resolvers.users import person, workos_id_of
from graph.validation import Check

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MOST_WINDOWS = 70
_WHOLE_DAY = 1_440

SCHEDULES: Collection[ScheduleRow] = Collection(
    entity=ScheduleRow,
    default_order="CREATED_AT_ASC",
    orders={"CREATED_AT_ASC": ScheduleRow.created_at.asc(), "CREATED_AT_DESC": ScheduleRow.created_at.desc()},
    filters={"host_id": lambda id: ScheduleRow.workos_user_id == person(id)},
)

AVAILABILITIES: Collection[AvailabilityRow] = Collection(
    entity=AvailabilityRow,
    default_order="START_MINUTE_ASC",
    orders={"START_MINUTE_ASC": AvailabilityRow.start_minute.asc()},
    filters={"day_of_week": lambda these: among(AvailabilityRow.day_of_week, these)},
)


def by_id(id: UUID) -> Select[ScheduleRow]:
    """The schedule of this id, where the caller sees it."""
    return select(ScheduleRow).where(ScheduleRow.id == id)


@audited("SCHEDULE_UPDATED", "schedule")
async def save(
    context: Context, *, timezone: str, availabilities: list[dict[str, Any]], host_id: UUID | None = None
) -> ScheduleRow | Failure:
    """Replace one's own working hours, all at once, or a member's with `schedules:manage`.

    Times are minutes after local midnight of `timezone`.
    """
    if failure := _checked(availabilities):
        return failure
    host = context.principal.user_id if host_id is None else await workos_id_of(context, host_id)
    if host is None:
        return NotFound("There is no such host here.")
    transaction = context.transaction
    old = await transaction.one(select(ScheduleRow).where(ScheduleRow.workos_user_id == host))
    before = [] if old is None else await transaction.all(_windows(old.id))
    saved = await transaction.one(
        insert(ScheduleRow)
        .values(workos_user_id=host, timezone=timezone)
        .on_conflict_do_update(constraint="schedules_person_key", set_={"timezone": timezone})
        .returning(*columns(ScheduleRow)),
        ScheduleRow,
    )
    if saved is None:
        return NotAllowed()
    await transaction.execute(delete(AvailabilityRow).where(AvailabilityRow.schedule_id == saved.id))
    if availabilities:
        rows = [{"schedule_id": saved.id, **window} for window in availabilities]
        await transaction.execute(insert(AvailabilityRow).values(rows))
    context.trail.changed(
        saved.id,
        old=None if old is None else {"timezone": old.timezone, "availabilities": [_told(row) for row in before]},
        new={"timezone": timezone, "availabilities": sorted(availabilities, key=_place)},
    )
    return saved


async def within_working_hours(context: Context, meeting: MeetingRow) -> bool | None:
    """Whether the meeting lies inside one window of its host's week, by the host's clock; None without a schedule."""
    schedule: Any = await context.loaders.row(ScheduleRow, ScheduleRow.workos_user_id, meeting.workos_user_id)
    if schedule is None:
        return None
    windows = await context.loaders.rows(AvailabilityRow, AvailabilityRow.schedule_id, schedule.id)
    start, end = (moment.astimezone(ZoneInfo(schedule.timezone)) for moment in (meeting.start_time, meeting.end_time))
    until = _WHOLE_DAY if _is_midnight_after(start, end) else _minute(end)
    if start.date() != end.date() and until != _WHOLE_DAY:
        return False
    return any(
        window.day_of_week == DAYS[start.weekday()]
        and window.start_minute <= _minute(start)
        and until <= window.end_minute
        for window in windows
    )


def _windows(schedule_id: UUID) -> Select[AvailabilityRow]:
    return select(AvailabilityRow).where(AvailabilityRow.schedule_id == schedule_id)


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _is_midnight_after(start: datetime, end: datetime) -> bool:
    return _minute(end) == 0 and (end.date() - start.date()).days == 1


def _place(window: dict[str, Any]) -> tuple[int, int]:
    return DAYS.index(window["day_of_week"]), window["start_minute"]


def _told(row: AvailabilityRow) -> dict[str, Any]:
    return {"day_of_week": row.day_of_week, "start_minute": row.start_minute, "end_minute": row.end_minute}


def _checked(availabilities: list[dict[str, Any]]) -> Failure | None:
    check = Check()
    check.that(len(availabilities) <= _MOST_WINDOWS, "availabilities", f"takes at most {_MOST_WINDOWS} windows")
    for at, window in enumerate(availabilities):
        ordered = window["start_minute"] < window["end_minute"]
        check.that(ordered, f"availabilities.{at}.endTime", "must be after startTime")
    for one, next_one in pairwise(sorted(availabilities, key=_place)):
        apart = one["day_of_week"] != next_one["day_of_week"] or one["end_minute"] <= next_one["start_minute"]
        check.that(apart, "availabilities", f"must not overlap on {one['day_of_week']}")
    return check.failure()
