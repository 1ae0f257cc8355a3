"""The row of app.records: what is said about a clinical record, never what it says."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Mapped

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.meetings import MeetingRow
    from db.tables.users import UserRow


class RecordRow(Row):
    """Metadata of a clinical record. Its content is encrypted, not granted, and not mapped."""

    __tablename__ = "records"

    org_id: Mapped[Key]
    id: Mapped[Key]
    meeting_id: Mapped[UUID]
    expert_id: Mapped[str]
    version: Mapped[int]
    last_modified_at: Mapped[datetime]
    created_at: Mapped[datetime]

    meeting: Mapped[MeetingRow] = related("MeetingRow", "foreign(RecordRow.meeting_id) == MeetingRow.id")
    expert: Mapped[UserRow] = related("UserRow", "foreign(RecordRow.expert_id) == UserRow.workos_user_id")
