"""The row of app.schedules: a host's working hours."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.organizations import OrganizationRow
    from db.tables.schedule_availabilities import AvailabilityRow
    from db.tables.users import UserRow


class ScheduleRow(Row):
    """The working hours of one host in one organization."""

    __tablename__ = "schedules"

    org_id: Mapped[Key]
    id: Mapped[Key]
    workos_user_id: Mapped[str]
    timezone: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    organization: Mapped[OrganizationRow] = related(
        "OrganizationRow", "foreign(ScheduleRow.org_id) == OrganizationRow.id"
    )
    host: Mapped[UserRow] = related("UserRow", "foreign(ScheduleRow.workos_user_id) == UserRow.workos_user_id")
    availabilities: Mapped[list[AvailabilityRow]] = related(
        "AvailabilityRow", "ScheduleRow.id == foreign(AvailabilityRow.schedule_id)"
    )
