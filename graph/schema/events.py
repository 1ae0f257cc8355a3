"""Events: the services that can be booked."""

from enum import Enum
from typing import Annotated, Any

import strawberry
from graphql import GraphQLResolveInfo

from db.tables import EventRow
from graph.fields import one, to_many, to_one
from graph.inputs import any_of, id_of, idempotency_key, none_of
from graph.mutation import mutation
from graph.resolvers import events as resolve
from graph.resolvers.meetings import MEETINGS
from graph.resolvers.payment_transfers import PAYMENT_TRANSFERS
from graph.scalars import Cents, DateTime, Slug
from graph.schema.connection import Connection
from graph.schema.failures import AlreadyExists, Conflict, EventArchived, InvalidInput, NotAllowed, NotFound
from graph.schema.lazy import LazyOrganization, LazyUser
from graph.schema.meetings import Meeting, MeetingFilter, MeetingOrder
from graph.schema.node import Node, node
from graph.schema.payment_transfers import PaymentTransfer, PaymentTransferFilter, PaymentTransferOrder


@strawberry.enum(description="How events are ordered.")
class EventOrder(Enum):
    POSITION_ASC = strawberry.enum_value("POSITION_ASC", description="As the organization has arranged them.")
    NAME_ASC = strawberry.enum_value("NAME_ASC", description="By name.")
    PRICE_ASC = strawberry.enum_value("PRICE_ASC", description="Cheapest first.")
    CREATED_AT_DESC = strawberry.enum_value("CREATED_AT_DESC", description="Newest first.")


@strawberry.input(description="Which events: those that match all of this.")
class EventFilter:
    host_id: strawberry.ID | None = id_of("User", default=strawberry.UNSET, description="With this host.")
    is_active: bool | None = strawberry.field(default=strawberry.UNSET, description="Open, or closed, for booking.")
    archived: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: the archived ones. False, and where nothing is said: the others."
    )
    slug: Slug | None = strawberry.field(default=strawberry.UNSET, description="Those with this slug.")
    or_: list["EventFilter"] | None = any_of()
    not_: list["EventFilter"] | None = none_of()


@node(EventRow, description="A service that guests can book with its host. Seen by every member.")
class Event(Node):
    name: str = strawberry.field(description="What it is called.")
    slug: Slug = strawberry.field(description="Its part of the public address; unique for its host.")
    description: str | None = strawberry.field(description="What guests read about it.")
    duration_in_minutes: int = strawberry.field(description="How long a meeting is, 1 to 720.")
    is_active: bool = strawberry.field(description="Whether it takes bookings.")
    position: int = strawberry.field(description="Its place in the organization's list; the smallest first.")
    price_cents: Cents = strawberry.field(description="What a meeting costs; 0 is free.")
    currency: str = strawberry.field(description="ISO 4217, lower case; `eur` for now.")
    archived_at: DateTime | None = strawberry.field(description="When it was withdrawn for good, if it was.")
    created_at: DateTime = strawberry.field(description="When it was first offered.")
    updated_at: DateTime = strawberry.field(description="When it last changed.")
    organization: LazyOrganization = to_one(EventRow.organization, description="Who offers it.")
    host: LazyUser = to_one(EventRow.host, description="Whom guests meet.")
    meetings: Connection[Meeting] = to_many(
        MEETINGS,
        relation=EventRow.meetings,
        filter=MeetingFilter,
        order=MeetingOrder,
        description="Its bookings, as far as the caller may see.",
    )
    payment_transfers: Connection[PaymentTransfer] = to_many(
        PAYMENT_TRANSFERS,
        relation=EventRow.payment_transfers,
        filter=PaymentTransferFilter,
        order=PaymentTransferOrder,
        description="What is owed to its host, as far as the caller may see.",
    )


@strawberry.type(description="Events in the order they were given.")
class EventList:
    @staticmethod
    def is_type_of(value: Any, _: GraphQLResolveInfo[Any]) -> bool:
        return isinstance(value, list)

    @strawberry.field(description="In their new order.")
    def events(self) -> list[Event]:
        return self  # type: ignore[return-value]


@strawberry.input(description="A new service.")
class CreateEventInput:
    name: str = strawberry.field(description="1 to 200 characters.")
    slug: Slug = strawberry.field(description="Unique among the events of its host.")
    duration_in_minutes: int = strawberry.field(description="1 to 720.")
    description: str | None = strawberry.field(default=strawberry.UNSET, description="At most 5 000 characters.")
    price_cents: Cents | None = strawberry.field(default=strawberry.UNSET, description="0 where nothing is said.")
    currency: str | None = strawberry.field(default=strawberry.UNSET, description="`eur`, the only one for now.")
    is_active: bool | None = strawberry.field(default=strawberry.UNSET, description="True where nothing is said.")
    host_id: strawberry.ID | None = id_of(
        "User", default=strawberry.UNSET, description="Whose service it is; oneself where nothing is said."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of an event; what is left out stays.")
class UpdateEventInput:
    id: strawberry.ID = id_of("Event", description="Which event.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="1 to 200 characters.")
    slug: Slug | None = strawberry.field(default=strawberry.UNSET, description="Unique among the events of its host.")
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="At most 5 000 characters; null takes it away."
    )
    duration_in_minutes: int | None = strawberry.field(default=strawberry.UNSET, description="1 to 720.")
    price_cents: Cents | None = strawberry.field(default=strawberry.UNSET, description="For bookings to come.")
    currency: str | None = strawberry.field(default=strawberry.UNSET, description="`eur`, the only one for now.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Open or close an event for booking.")
class SetEventActiveInput:
    id: strawberry.ID = id_of("Event", description="Which event.")
    is_active: bool = strawberry.field(description="Whether it takes bookings.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A new order of events.")
class ReorderEventsInput:
    ids: list[strawberry.ID] = id_of("Event", description="1 to 100 different events; they come first, in this order.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="An event that is withdrawn for good.")
class ArchiveEventInput:
    id: strawberry.ID = id_of("Event", description="Which event.")
    idempotency_key: str | None = idempotency_key()


CreateEventResult = Annotated[
    Event | AlreadyExists | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("CreateEventResult", description="The event, or why there is none."),
]
UpdateEventResult = Annotated[
    Event | AlreadyExists | EventArchived | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("UpdateEventResult", description="The event, or why it did not change."),
]
SetEventActiveResult = Annotated[
    Event | EventArchived | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("SetEventActiveResult", description="The event, or why it did not change."),
]
ReorderEventsResult = Annotated[
    EventList | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("ReorderEventsResult", description="The events, or why their order did not change."),
]
ArchiveEventResult = Annotated[
    Event | EventArchived | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("ArchiveEventResult", description="The event, or why it was not archived."),
]


@strawberry.type
class EventQueries:
    events: Connection[Event] | None = to_many(
        resolve.EVENTS,
        filter=EventFilter,
        order=EventOrder,
        description="The organization's services that are not archived, as it has arranged them.",
    )
    event: Event | None = one(resolve.by_id, of="Event", description="One event; null where the caller sees none.")


@strawberry.type
class EventMutations:
    create_event: CreateEventResult | None = mutation(
        resolve.create,
        input=CreateEventInput,
        violations=resolve.VIOLATIONS,
        description="Offer a new service: one's own, or a member's with `events:manage`.",
    )
    update_event: UpdateEventResult | None = mutation(
        resolve.change_event,
        input=UpdateEventInput,
        violations=resolve.VIOLATIONS,
        description="Change an event. Meetings already booked keep their time and price.",
    )
    set_event_active: SetEventActiveResult | None = mutation(
        resolve.set_active, input=SetEventActiveInput, description="Open or close an event for booking."
    )
    reorder_events: ReorderEventsResult | None = mutation(
        resolve.reorder, input=ReorderEventsInput, description="Arrange events, all at once or not at all."
    )
    archive_event: ArchiveEventResult | None = mutation(
        resolve.archive, input=ArchiveEventInput, description="Withdraw an event for good; its meetings stay."
    )
