"""What happened here, as far as the caller may know."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from db.tables import AuditLogRow
from graph.paging import Collection, among
from graph.resolvers.users import person

AUDIT_LOGS: Collection[AuditLogRow] = Collection(
    entity=AuditLogRow,
    default_order="CREATED_AT_DESC",
    orders={"CREATED_AT_DESC": AuditLogRow.created_at.desc(), "CREATED_AT_ASC": AuditLogRow.created_at.asc()},
    filters={
        "created_from": lambda at: AuditLogRow.created_at >= at,
        "created_before": lambda at: AuditLogRow.created_at < at,
        "action": lambda these: among(AuditLogRow.action, these),
        "resource_type": lambda these: among(AuditLogRow.resource_type, these),
        "resource_id": lambda id: AuditLogRow.resource_id == str(id),
        "actor_id": lambda id: AuditLogRow.actor_id == person(id),
        "outcome": lambda these: among(AuditLogRow.outcome, these),
    },
)


def by_id(id: UUID) -> Select[AuditLogRow]:
    """The entry of this id, where the caller sees it."""
    return select(AuditLogRow).where(AuditLogRow.id == id)
