"""What happened here, as far as the caller may know."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from db.tables import AuditLogRow
from graph.paging import Collection
from graph.resolvers.users import person

AUDIT_LOGS: Collection[AuditLogRow] = Collection(
    entity=AuditLogRow,
    default_order="CREATED_AT_DESC",
    orders={"CREATED_AT_DESC": AuditLogRow.created_at.desc(), "CREATED_AT_ASC": AuditLogRow.created_at.asc()},
    filters={
        "created_from": lambda at: AuditLogRow.created_at >= at,
        "created_before": lambda at: AuditLogRow.created_at < at,
        "action": lambda among: AuditLogRow.action.in_(among),
        "resource_type": lambda among: AuditLogRow.resource_type.in_(among),
        "resource_id": lambda id: AuditLogRow.resource_id == str(id),
        "actor_id": lambda id: AuditLogRow.actor_id == person(id),
        "outcome": lambda among: AuditLogRow.outcome.in_(among),
    },
)


def by_id(id: UUID) -> Select[AuditLogRow]:
    """The entry of this id, where the caller sees it."""
    return select(AuditLogRow).where(AuditLogRow.id == id)
