"""The row of app.scheduling_settings: how a host wants to be booked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.organizations import OrganizationRow
    from db.tables.users import UserRow


class SchedulingSettingsRow(Row):
    """Buffers, notice and grid in minutes, window in days."""

    __tablename__ = "scheduling_settings"

    org_id: Mapped[Key]
    id: Mapped[Key]
    workos_user_id: Mapped[str]
    before_event_buffer: Mapped[int]
    after_event_buffer: Mapped[int]
    minimum_notice: Mapped[int]
    time_slot_interval: Mapped[int]
    booking_window_days: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    organization: Mapped[OrganizationRow] = related(
        "OrganizationRow", "foreign(SchedulingSettingsRow.org_id) == OrganizationRow.id"
    )
    host: Mapped[UserRow] = related(
        "UserRow", "foreign(SchedulingSettingsRow.workos_user_id) == UserRow.workos_user_id"
    )
