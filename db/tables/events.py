"""The row of app.events: a bookable service."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.meetings import MeetingRow
    from db.tables.organizations import OrganizationRow
    from db.tables.payment_transfers import PaymentTransferRow
    from db.tables.users import UserRow


class EventRow(Row):
    """A service that guests can book with its host."""

    __tablename__ = "events"

    org_id: Mapped[Key]
    id: Mapped[Key]
    workos_user_id: Mapped[str]
    name: Mapped[str]
    slug: Mapped[str]
    description: Mapped[str | None]
    duration_in_minutes: Mapped[int]
    is_active: Mapped[bool]
    position: Mapped[int]
    price_cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    organization: Mapped[OrganizationRow] = related("OrganizationRow", "foreign(EventRow.org_id) == OrganizationRow.id")
    host: Mapped[UserRow] = related("UserRow", "foreign(EventRow.workos_user_id) == UserRow.workos_user_id")
    meetings: Mapped[list[MeetingRow]] = related("MeetingRow", "EventRow.id == foreign(MeetingRow.event_id)")
    payment_transfers: Mapped[list[PaymentTransferRow]] = related(
        "PaymentTransferRow", "EventRow.id == foreign(PaymentTransferRow.event_id)"
    )
