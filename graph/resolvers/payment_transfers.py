"""Which payouts to hosts there are."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from db.tables import PaymentTransferRow
from graph.paging import Collection, among
from graph.resolvers.users import person

PAYMENT_TRANSFERS: Collection[PaymentTransferRow] = Collection(
    entity=PaymentTransferRow,
    default_order="SCHEDULED_DESC",
    orders={
        "SCHEDULED_DESC": PaymentTransferRow.scheduled_transfer_time.desc(),
        "SCHEDULED_ASC": PaymentTransferRow.scheduled_transfer_time.asc(),
        "SESSION_DESC": PaymentTransferRow.session_start_time.desc(),
        "AMOUNT_DESC": PaymentTransferRow.amount_cents.desc(),
        "CREATED_AT_DESC": PaymentTransferRow.created_at.desc(),
        "STATUS_ASC": PaymentTransferRow.status.asc(),
    },
    filters={
        "status": lambda these: among(PaymentTransferRow.status, these),
        "expert_id": lambda id: PaymentTransferRow.expert_workos_user_id == person(id),
        "event_id": lambda id: PaymentTransferRow.event_id == id,
        "scheduled_from": lambda at: PaymentTransferRow.scheduled_transfer_time >= at,
        "scheduled_before": lambda at: PaymentTransferRow.scheduled_transfer_time < at,
    },
)


def by_id(id: UUID) -> Select[PaymentTransferRow]:
    """The transfer of this id, where the caller sees it."""
    return select(PaymentTransferRow).where(PaymentTransferRow.id == id)
