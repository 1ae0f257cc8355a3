"""Meetings: what was booked, and how it is booked, moved and closed."""

from enum import Enum
from typing import Annotated

import strawberry
from strawberry.types import Info

from db.tables import MeetingRow
from graph.fields import Form, one, to_many, to_one
from graph.inputs import any_of, id_of, idempotency_key, none_of
from graph.mutation import mutation
from graph.resolvers import meetings as resolve
from graph.resolvers.payment_transfers import PAYMENT_TRANSFERS
from graph.resolvers.records import RECORDS
from graph.resolvers.schedules import within_working_hours
from graph.scalars import Cents, DateTime, EmailAddress, TimeZone, Url
from graph.schema.connection import Connection
from graph.schema.directives import HealthData
from graph.schema.failures import Conflict, EventArchived, InvalidInput, MeetingClosed, NotAllowed, NotFound, SlotTaken
from graph.schema.lazy import LazyEvent, LazyOrganization, LazyUser
from graph.schema.node import Node, node
from graph.schema.payment_transfers import PaymentTransfer, PaymentTransferFilter, PaymentTransferOrder
from graph.schema.records import Record, RecordFilter, RecordOrder


@strawberry.enum(description="Where a meeting stands.")
class MeetingStatus(Enum):
    HELD = strawberry.enum_value("held", description="The time is kept for somebody who is booking.")
    PENDING_PAYMENT = strawberry.enum_value("pending_payment", description="Booked, not paid yet.")
    CONFIRMED = strawberry.enum_value("confirmed", description="Booked.")
    COMPLETED = strawberry.enum_value("completed", description="It took place.")
    CANCELLED = strawberry.enum_value("cancelled", description="Called off; the time is free again.")
    NO_SHOW = strawberry.enum_value("no_show", description="The guest did not come.")
    EXPIRED = strawberry.enum_value("expired", description="It was held and never booked.")
    CONFLICT = strawberry.enum_value("conflict", description="It was paid too late: the time was gone.")


@strawberry.enum(description="How meetings are ordered.")
class MeetingOrder(Enum):
    START_TIME_DESC = strawberry.enum_value("START_TIME_DESC", description="Latest first.")
    START_TIME_ASC = strawberry.enum_value("START_TIME_ASC", description="Earliest first.")
    CREATED_AT_DESC = strawberry.enum_value("CREATED_AT_DESC", description="Last booked first.")
    CREATED_AT_ASC = strawberry.enum_value("CREATED_AT_ASC", description="First booked first.")
    GUEST_NAME_ASC = strawberry.enum_value("GUEST_NAME_ASC", description="By the guest's name.")


@strawberry.input(description="Which meetings: those that match all of this.")
class MeetingFilter:
    starts_from: DateTime | None = strawberry.field(default=strawberry.UNSET, description="Beginning then or later.")
    starts_before: DateTime | None = strawberry.field(default=strawberry.UNSET, description="Beginning before then.")
    status: list[MeetingStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="In one of these states."
    )
    event_id: strawberry.ID | None = id_of("Event", default=strawberry.UNSET, description="Of this event.")
    host_id: strawberry.ID | None = id_of("User", default=strawberry.UNSET, description="With this host.")
    guest_email: EmailAddress | None = strawberry.field(
        default=strawberry.UNSET, description="Of the guest with this address, in any case."
    )
    or_: list["MeetingFilter"] | None = any_of()
    not_: list["MeetingFilter"] | None = none_of()


@node(
    MeetingRow,
    description="One booking of an event by a guest. Seen by its host, and by who holds `appointments:view`.",
)
class Meeting(Node):
    status: MeetingStatus = strawberry.field(description="Where it stands.")
    start_time: DateTime = strawberry.field(description="When it begins.")
    end_time: DateTime = strawberry.field(description="When it ends.")
    guest_name: str = strawberry.field(description="Who booked it.")
    guest_email: EmailAddress = strawberry.field(description="Where the guest is written to.")
    guest_timezone: TimeZone = strawberry.field(description="The guest's clock.")
    meeting_url: Url | None = strawberry.field(description="Where to meet; null until there is a place.")
    amount_cents: Cents = strawberry.field(description="The price when it was booked.")
    currency: str = strawberry.field(description="ISO 4217, lower case.")
    cancelled_at: DateTime | None = strawberry.field(description="When it was called off, if it was.")
    cancellation_reason: str | None = strawberry.field(description="Why, in the words of who called it off.")
    created_at: DateTime = strawberry.field(description="When it was booked.")
    updated_at: DateTime = strawberry.field(description="When it last changed.")
    organization: LazyOrganization = to_one(MeetingRow.organization, description="Where it takes place.")
    event: LazyEvent = to_one(MeetingRow.event, description="What was booked.")
    host: LazyUser = to_one(MeetingRow.host, description="Whom the guest meets.")
    records: Connection[Record] = to_many(
        RECORDS,
        relation=MeetingRow.records,
        filter=RecordFilter,
        order=RecordOrder,
        description="Its clinical notes, as far as the caller may know of them.",
    )
    payment_transfers: Connection[PaymentTransfer] = to_many(
        PAYMENT_TRANSFERS,
        relation=MeetingRow.payment_transfers,
        filter=PaymentTransferFilter,
        order=PaymentTransferOrder,
        description="What is owed to the host for it, as far as the caller may see.",
    )

    @strawberry.field(
        description="What the guest told the host when booking; null if nothing.",
        directives=[HealthData()],
        metadata={"form": Form(lambda row, _: row.guest_notes, read=resolve.VIEWED)},
    )
    async def guest_notes(meeting: strawberry.Parent[MeetingRow], info: Info) -> str | None:
        return await resolve.guest_notes(info.context, meeting)

    @strawberry.field(description="Whether it lies inside its host's working hours; null if the host has set none.")
    async def within_working_hours(meeting: strawberry.Parent[MeetingRow], info: Info) -> bool | None:
        return await within_working_hours(info.context, meeting)


@strawberry.input(description="A booking.")
class BookMeetingInput:
    event_id: strawberry.ID = id_of("Event", description="What is booked; its host is whom the guest meets.")
    start_time: DateTime = strawberry.field(
        description="When it begins: any time in the next two years that the host is free, "
        "inside working hours or not (`withinWorkingHours` says so)."
    )
    guest_name: str = strawberry.field(description="Who comes, 1 to 200 characters.")
    guest_email: EmailAddress = strawberry.field(description="Where they are written to.")
    guest_timezone: TimeZone = strawberry.field(description="Their clock.")
    guest_notes: str | None = strawberry.field(
        default=strawberry.UNSET, description="Health data: what they tell the host, at most 5 000 characters."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Another time for a meeting.")
class RescheduleMeetingInput:
    id: strawberry.ID = id_of("Meeting", description="Which meeting.")
    start_time: DateTime = strawberry.field(description="When it begins now; it stays as long as it was.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A meeting that is called off.")
class CancelMeetingInput:
    id: strawberry.ID = id_of("Meeting", description="Which meeting.")
    reason: str | None = strawberry.field(
        default=strawberry.UNSET, description="Why, at most 1 000 characters; seen by whoever sees the meeting."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A meeting that took place.")
class CompleteMeetingInput:
    id: strawberry.ID = id_of("Meeting", description="Which meeting.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A meeting whose guest did not come.")
class MarkNoShowInput:
    id: strawberry.ID = id_of("Meeting", description="Which meeting.")
    idempotency_key: str | None = idempotency_key()


BookMeetingResult = Annotated[
    Meeting | SlotTaken | EventArchived | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("BookMeetingResult", description="The meeting, or why it was not booked."),
]
RescheduleMeetingResult = Annotated[
    Meeting | SlotTaken | MeetingClosed | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("RescheduleMeetingResult", description="The meeting, or why it was not moved."),
]
CancelMeetingResult = Annotated[
    Meeting | MeetingClosed | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("CancelMeetingResult", description="The meeting, or why it was not called off."),
]
CompleteMeetingResult = Annotated[
    Meeting | MeetingClosed | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("CompleteMeetingResult", description="The meeting, or why it was not closed."),
]
MarkNoShowResult = Annotated[
    Meeting | MeetingClosed | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("MarkNoShowResult", description="The meeting, or why it was not closed."),
]


@strawberry.type
class MeetingQueries:
    meetings: Connection[Meeting] | None = to_many(
        resolve.MEETINGS,
        filter=MeetingFilter,
        order=MeetingOrder,
        description="Meetings of the organization: one's own, or all with `appointments:view`. Latest first.",
    )
    meeting: Meeting | None = one(
        resolve.by_id, of="Meeting", description="One meeting; null where the caller sees none."
    )


@strawberry.type
class MeetingMutations:
    book_meeting: BookMeetingResult | None = mutation(
        resolve.book,
        input=BookMeetingInput,
        violations=resolve.VIOLATIONS,
        description="Book a time with a host. Of two who want the same time one gets it, the other `SlotTaken`.",
    )
    reschedule_meeting: RescheduleMeetingResult | None = mutation(
        resolve.reschedule,
        input=RescheduleMeetingInput,
        violations=resolve.VIOLATIONS,
        description="Move an open meeting to another time.",
    )
    cancel_meeting: CancelMeetingResult | None = mutation(
        resolve.cancel, input=CancelMeetingInput, description="Call an open meeting off."
    )
    complete_meeting: CompleteMeetingResult | None = mutation(
        resolve.complete, input=CompleteMeetingInput, description="Say that a confirmed meeting took place."
    )
    mark_no_show: MarkNoShowResult | None = mutation(
        resolve.mark_no_show,
        input=MarkNoShowInput,
        description="Say that the guest of a confirmed meeting did not come.",
    )
