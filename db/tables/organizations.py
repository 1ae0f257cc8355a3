"""The row of app.organizations."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.events import EventRow
    from db.tables.meetings import MeetingRow
    from db.tables.payment_transfers import PaymentTransferRow
    from db.tables.profiles import ProfileRow
    from db.tables.schedules import ScheduleRow
    from db.tables.scheduling_settings import SchedulingSettingsRow
    from db.tables.user_org_memberships import MembershipRow


class OrganizationRow(Row):
    """A clinic, a practice or one person: who owns what is scheduled."""

    __tablename__ = "organizations"

    id: Mapped[Key]
    workos_org_id: Mapped[str]
    slug: Mapped[str]
    name: Mapped[str]
    type: Mapped[str]
    timezone: Mapped[str]
    billing_email: Mapped[str | None]
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    memberships: Mapped[list[MembershipRow]] = related(
        "MembershipRow", "OrganizationRow.id == foreign(MembershipRow.org_id)"
    )
    events: Mapped[list[EventRow]] = related("EventRow", "OrganizationRow.id == foreign(EventRow.org_id)")
    meetings: Mapped[list[MeetingRow]] = related("MeetingRow", "OrganizationRow.id == foreign(MeetingRow.org_id)")
    profiles: Mapped[list[ProfileRow]] = related("ProfileRow", "OrganizationRow.id == foreign(ProfileRow.org_id)")
    schedules: Mapped[list[ScheduleRow]] = related("ScheduleRow", "OrganizationRow.id == foreign(ScheduleRow.org_id)")
    payment_transfers: Mapped[list[PaymentTransferRow]] = related(
        "PaymentTransferRow", "OrganizationRow.id == foreign(PaymentTransferRow.org_id)"
    )
    scheduling_settings: Mapped[list[SchedulingSettingsRow]] = related(
        "SchedulingSettingsRow", "OrganizationRow.id == foreign(SchedulingSettingsRow.org_id)"
    )
