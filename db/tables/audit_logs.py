"""The row of app.audit_logs: what happened."""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import FetchedValue
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.users import UserRow


class AuditLogRow(Row):
    """Who did what to what, when, from where, with which outcome."""

    __tablename__ = "audit_logs"

    org_id: Mapped[Key]
    id: Mapped[Key]
    created_at: Mapped[datetime] = mapped_column(primary_key=True, server_default=FetchedValue())
    actor_type: Mapped[str]
    actor_id: Mapped[str | None]
    impersonator_id: Mapped[str | None]
    action: Mapped[str]
    resource_type: Mapped[str]
    resource_id: Mapped[str | None]
    outcome: Mapped[str]
    old_values: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    new_values: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB)
    ip: Mapped[IPv4Address | IPv6Address | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    request_id: Mapped[UUID | None]
    operation_name: Mapped[str | None]

    actor: Mapped[UserRow | None] = related("UserRow", "foreign(AuditLogRow.actor_id) == UserRow.workos_user_id")
