"""Which clinical records there are: that they are, not what they say."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from db.tables import RecordRow
from graph.paging import Collection
from graph.resolvers.users import person

RECORDS: Collection[RecordRow] = Collection(
    entity=RecordRow,
    default_order="CREATED_AT_DESC",
    orders={
        "CREATED_AT_DESC": RecordRow.created_at.desc(),
        "LAST_MODIFIED_AT_DESC": RecordRow.last_modified_at.desc(),
    },
    filters={
        "meeting_id": lambda id: RecordRow.meeting_id == id,
        "expert_id": lambda id: RecordRow.expert_id == person(id),
        "created_from": lambda at: RecordRow.created_at >= at,
        "created_before": lambda at: RecordRow.created_at < at,
    },
)


def by_id(id: UUID) -> Select[RecordRow]:
    """The record of this id, where the caller sees it."""
    return select(RecordRow).where(RecordRow.id == id)
