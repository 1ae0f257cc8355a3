"""The row of app.schedule_availabilities: one window of a weekday."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.schedules import ScheduleRow


class AvailabilityRow(Row):
    """A window of a weekday, in minutes after local midnight (0 to 1440)."""

    __tablename__ = "schedule_availabilities"

    org_id: Mapped[Key]
    id: Mapped[Key]
    schedule_id: Mapped[UUID]
    day_of_week: Mapped[str]
    start_minute: Mapped[int] = mapped_column(SmallInteger)
    end_minute: Mapped[int] = mapped_column(SmallInteger)

    schedule: Mapped[ScheduleRow] = related("ScheduleRow", "foreign(AvailabilityRow.schedule_id) == ScheduleRow.id")
