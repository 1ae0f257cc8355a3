"""The row of app.users: the public columns, which colleagues are granted."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.audit_logs import AuditLogRow
    from db.tables.events import EventRow
    from db.tables.meetings import MeetingRow
    from db.tables.payment_transfers import PaymentTransferRow
    from db.tables.profiles import ProfileRow
    from db.tables.records import RecordRow
    from db.tables.schedules import ScheduleRow
    from db.tables.scheduling_settings import SchedulingSettingsRow
    from db.tables.user_org_memberships import MembershipRow


class UserRow(Row):
    """A person. What only they themselves may read is answered by app.my_account()."""

    __tablename__ = "users"

    id: Mapped[Key]
    workos_user_id: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    image_url: Mapped[str | None]
    username: Mapped[str | None]
    created_at: Mapped[datetime]

    memberships: Mapped[list[MembershipRow]] = related(
        "MembershipRow", "UserRow.workos_user_id == foreign(MembershipRow.workos_user_id)"
    )
    events: Mapped[list[EventRow]] = related("EventRow", "UserRow.workos_user_id == foreign(EventRow.workos_user_id)")
    meetings: Mapped[list[MeetingRow]] = related(
        "MeetingRow", "UserRow.workos_user_id == foreign(MeetingRow.workos_user_id)"
    )
    profiles: Mapped[list[ProfileRow]] = related(
        "ProfileRow", "UserRow.workos_user_id == foreign(ProfileRow.workos_user_id)"
    )
    schedules: Mapped[list[ScheduleRow]] = related(
        "ScheduleRow", "UserRow.workos_user_id == foreign(ScheduleRow.workos_user_id)"
    )
    scheduling_settings: Mapped[list[SchedulingSettingsRow]] = related(
        "SchedulingSettingsRow", "UserRow.workos_user_id == foreign(SchedulingSettingsRow.workos_user_id)"
    )
    records: Mapped[list[RecordRow]] = related("RecordRow", "UserRow.workos_user_id == foreign(RecordRow.expert_id)")
    payment_transfers: Mapped[list[PaymentTransferRow]] = related(
        "PaymentTransferRow", "UserRow.workos_user_id == foreign(PaymentTransferRow.expert_workos_user_id)"
    )
    audit_logs: Mapped[list[AuditLogRow]] = related(
        "AuditLogRow", "UserRow.workos_user_id == foreign(AuditLogRow.actor_id)"
    )
