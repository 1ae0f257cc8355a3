"""The row of app.meetings: one booking."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.events import EventRow
    from db.tables.organizations import OrganizationRow
    from db.tables.payment_transfers import PaymentTransferRow
    from db.tables.records import RecordRow
    from db.tables.users import UserRow


class MeetingRow(Row):
    """One booking of an event by a guest."""

    __tablename__ = "meetings"

    org_id: Mapped[Key]
    id: Mapped[Key]
    event_id: Mapped[UUID]
    workos_user_id: Mapped[str]
    status: Mapped[str]
    guest_email: Mapped[str]
    guest_email_lower: Mapped[str]
    guest_name: Mapped[str]
    # Health data: deferred, so that only a read that is audited ever fetches it.
    guest_notes: Mapped[str | None] = mapped_column(deferred=True)
    guest_timezone: Mapped[str]
    start_time: Mapped[datetime]
    end_time: Mapped[datetime]
    meeting_url: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None]
    cancellation_reason: Mapped[str | None]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    organization: Mapped[OrganizationRow] = related(
        "OrganizationRow", "foreign(MeetingRow.org_id) == OrganizationRow.id"
    )
    event: Mapped[EventRow] = related("EventRow", "foreign(MeetingRow.event_id) == EventRow.id")
    host: Mapped[UserRow] = related("UserRow", "foreign(MeetingRow.workos_user_id) == UserRow.workos_user_id")
    records: Mapped[list[RecordRow]] = related("RecordRow", "MeetingRow.id == foreign(RecordRow.meeting_id)")
    payment_transfers: Mapped[list[PaymentTransferRow]] = related(
        "PaymentTransferRow", "MeetingRow.id == foreign(PaymentTransferRow.meeting_id)"
    )
