"""How a host wants to be booked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from db.tables import SchedulingSettingsRow
from graph.audit import audited
from graph.change import add, change
from graph.context import Context
from graph.failures import Conflict, Failure, NotFound
from graph.paging import Collection
from graph.resolvers.users import person, workos_id_of
from graph.validation import Check

NOTICES = (60, 180, 360, 720, 1_440, 2_880, 4_320, 7_200, 10_080, 20_160)

SCHEDULING_SETTINGS: Collection[SchedulingSettingsRow] = Collection(
    entity=SchedulingSettingsRow,
    default_order="CREATED_AT_ASC",
    orders={"CREATED_AT_ASC": SchedulingSettingsRow.created_at.asc()},
    filters={"host_id": lambda id: SchedulingSettingsRow.workos_user_id == person(id)},
)


def by_id(id: UUID) -> Select[SchedulingSettingsRow]:
    """The settings of this id, where the caller sees them."""
    return select(SchedulingSettingsRow).where(SchedulingSettingsRow.id == id)


@audited("SCHEDULING_SETTINGS_UPDATED", "schedule")
async def change_settings(
    context: Context, *, host_id: UUID | None = None, **values: Any
) -> SchedulingSettingsRow | Failure:
    """Change one's own settings, or a member's with `schedules:manage`; what was never set has its default."""
    if failure := _checked(values):
        return failure
    host = context.principal.user_id if host_id is None else await workos_id_of(context, host_id)
    if host is None:
        return NotFound("There is no such host here.")
    statement = select(SchedulingSettingsRow).where(SchedulingSettingsRow.workos_user_id == host)
    settings = await context.transaction.one(statement)
    if settings is None:
        added = await add(context, SchedulingSettingsRow, {"workos_user_id": host, **values})
        return Conflict() if added is None else added
    changed: SchedulingSettingsRow | Failure = await change(context, settings, SchedulingSettingsRow, values)
    return changed


_PATHS = {
    "before_event_buffer": "beforeEventBufferMinutes",
    "after_event_buffer": "afterEventBufferMinutes",
    "minimum_notice": "minimumNoticeMinutes",
    "time_slot_interval": "timeSlotIntervalMinutes",
    "booking_window_days": "bookingWindowDays",
}


def _checked(values: dict[str, Any]) -> Failure | None:
    check = Check()
    for name, value in values.items():
        check.given(_PATHS[name], value)
    for name in ("before_event_buffer", "after_event_buffer"):
        check.between(_PATHS[name], values.get(name), 0, 120)
    if (notice := values.get("minimum_notice")) is not None:
        check.that(notice in NOTICES, "minimumNoticeMinutes", f"must be one of {', '.join(map(str, NOTICES))}")
    if (interval := values.get("time_slot_interval")) is not None:
        fits = 5 <= interval <= 120 and interval % 5 == 0  # noqa: PLR2004 - said in the message
        check.that(fits, "timeSlotIntervalMinutes", "must be a multiple of 5 from 5 to 120")
    check.between("bookingWindowDays", values.get("booking_window_days"), 7, 365)
    return check.failure()
