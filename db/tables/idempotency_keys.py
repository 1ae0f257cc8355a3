"""The row of app.idempotency_keys: what a mutation with a key answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import FetchedValue
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Key, Row


class IdempotencyKeyRow(Row):
    """A caller's key for one mutation: the hash of what was asked, the ids of what was answered."""

    __tablename__ = "idempotency_keys"

    org_id: Mapped[Key]
    actor_id: Mapped[str] = mapped_column(primary_key=True, server_default=FetchedValue())
    mutation: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime]
