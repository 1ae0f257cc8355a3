"""Payouts to hosts."""

from enum import Enum

import strawberry

from db.tables import PaymentTransferRow
from graph.fields import to_many, to_one
from graph.inputs import any_of, id_of, none_of
from graph.resolvers.payment_transfers import PAYMENT_TRANSFERS
from graph.scalars import Cents, DateTime
from graph.schema.connection import Connection
from graph.schema.lazy import LazyEvent, LazyMeeting, LazyOrganization, LazyUser
from graph.schema.node import Node, node


@strawberry.enum(description="Where a payout stands.")
class PaymentTransferStatus(Enum):
    PENDING = strawberry.enum_value("PENDING", description="Not due yet, or waiting for approval.")
    APPROVED = strawberry.enum_value("APPROVED", description="Approved by a person.")
    READY = strawberry.enum_value("READY", description="Due.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Moved to the host's account.")
    FAILED = strawberry.enum_value("FAILED", description="Could not be moved.")
    REFUNDED = strawberry.enum_value("REFUNDED", description="Given back to the guest.")
    DISPUTED = strawberry.enum_value("DISPUTED", description="The guest's bank asks for it back.")
    PAID_OUT = strawberry.enum_value("PAID_OUT", description="Arrived at the host's bank.")


@strawberry.enum(description="How payouts are ordered.")
class PaymentTransferOrder(Enum):
    SCHEDULED_DESC = strawberry.enum_value("SCHEDULED_DESC", description="Latest due first.")
    SCHEDULED_ASC = strawberry.enum_value("SCHEDULED_ASC", description="Earliest due first.")
    SESSION_DESC = strawberry.enum_value("SESSION_DESC", description="Latest session first.")
    AMOUNT_DESC = strawberry.enum_value("AMOUNT_DESC", description="Largest first.")
    CREATED_AT_DESC = strawberry.enum_value("CREATED_AT_DESC", description="Newest first.")
    STATUS_ASC = strawberry.enum_value("STATUS_ASC", description="By status, alphabetically.")


@strawberry.input(description="Which payouts: those that match all of this.")
class PaymentTransferFilter:
    status: list[PaymentTransferStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="In one of these states."
    )
    expert_id: strawberry.ID | None = id_of("User", default=strawberry.UNSET, description="Owed to this person.")
    event_id: strawberry.ID | None = id_of("Event", default=strawberry.UNSET, description="For this event.")
    scheduled_from: DateTime | None = strawberry.field(default=strawberry.UNSET, description="Due then or later.")
    scheduled_before: DateTime | None = strawberry.field(default=strawberry.UNSET, description="Due before then.")
    or_: list["PaymentTransferFilter"] | None = any_of()
    not_: list["PaymentTransferFilter"] | None = none_of()


@node(
    PaymentTransferRow,
    description="Money owed to a host for a meeting. Seen by the host, and by who holds `payments:view`.",
)
class PaymentTransfer(Node):
    amount_cents: Cents = strawberry.field(description="What the guest paid.")
    platform_fee_cents: Cents = strawberry.field(description="What of it stays with the platform.")
    currency: str = strawberry.field(description="ISO 4217, lower case.")
    status: PaymentTransferStatus = strawberry.field(description="Where it stands.")
    requires_approval: bool = strawberry.field(description="Whether a person must approve it first.")
    session_start_time: DateTime = strawberry.field(description="When the meeting begins.")
    scheduled_transfer_time: DateTime = strawberry.field(description="When it is due.")
    created_at: DateTime = strawberry.field(description="When it was written down.")
    updated_at: DateTime = strawberry.field(description="When it last changed.")
    organization: LazyOrganization = to_one(PaymentTransferRow.organization, description="Whose books it is in.")
    event: LazyEvent = to_one(PaymentTransferRow.event, description="What was booked.")
    meeting: LazyMeeting | None = to_one(
        PaymentTransferRow.meeting, description="Null for who may see payments and not this meeting."
    )
    expert: LazyUser = to_one(PaymentTransferRow.expert, description="Who is paid.")


@strawberry.type
class PaymentTransferQueries:
    payment_transfers: Connection[PaymentTransfer] | None = to_many(
        PAYMENT_TRANSFERS,
        filter=PaymentTransferFilter,
        order=PaymentTransferOrder,
        description="Payouts: one's own, or all with `payments:view`.",
    )
