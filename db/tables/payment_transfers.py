"""The row of app.payment_transfers: money owed to a host."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.events import EventRow
    from db.tables.meetings import MeetingRow
    from db.tables.organizations import OrganizationRow
    from db.tables.users import UserRow


class PaymentTransferRow(Row):
    """A payout to a host for one meeting; written by the worker only."""

    __tablename__ = "payment_transfers"

    org_id: Mapped[Key]
    id: Mapped[Key]
    meeting_id: Mapped[UUID | None]
    event_id: Mapped[UUID]
    expert_workos_user_id: Mapped[str]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    platform_fee_cents: Mapped[int] = mapped_column(BigInteger)
    session_start_time: Mapped[datetime]
    scheduled_transfer_time: Mapped[datetime]
    status: Mapped[str]
    requires_approval: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    organization: Mapped[OrganizationRow] = related(
        "OrganizationRow", "foreign(PaymentTransferRow.org_id) == OrganizationRow.id"
    )
    event: Mapped[EventRow] = related("EventRow", "foreign(PaymentTransferRow.event_id) == EventRow.id")
    meeting: Mapped[MeetingRow | None] = related(
        "MeetingRow", "foreign(PaymentTransferRow.meeting_id) == MeetingRow.id"
    )
    expert: Mapped[UserRow] = related(
        "UserRow", "foreign(PaymentTransferRow.expert_workos_user_id) == UserRow.workos_user_id"
    )
