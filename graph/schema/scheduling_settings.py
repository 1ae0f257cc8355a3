"""Scheduling settings: how a host wants to be booked."""

from enum import Enum
from typing import Annotated

import strawberry

from db.tables import SchedulingSettingsRow
from graph.fields import to_many, to_one
from graph.inputs import any_of, id_of, idempotency_key, none_of
from graph.mutation import mutation
from graph.resolvers import scheduling_settings as resolve
from graph.scalars import DateTime
from graph.schema.connection import Connection
from graph.schema.failures import Conflict, InvalidInput, NotAllowed, NotFound
from graph.schema.lazy import LazyOrganization, LazyUser
from graph.schema.node import Node, node


@strawberry.enum(description="How settings are ordered.")
class SchedulingSettingsOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("CREATED_AT_ASC", description="Oldest first.")


@strawberry.input(description="Whose settings: those that match all of this.")
class SchedulingSettingsFilter:
    host_id: strawberry.ID | None = id_of("User", default=strawberry.UNSET, description="Of this host.")
    or_: list["SchedulingSettingsFilter"] | None = any_of()
    not_: list["SchedulingSettingsFilter"] | None = none_of()


@node(SchedulingSettingsRow, description="How a host wants to be booked by the public.")
class SchedulingSettings(Node):
    before_event_buffer: int = strawberry.field(
        name="beforeEventBufferMinutes", description="Free time before a meeting, 0 to 120."
    )
    after_event_buffer: int = strawberry.field(
        name="afterEventBufferMinutes", description="Free time after a meeting, 0 to 120."
    )
    minimum_notice: int = strawberry.field(
        name="minimumNoticeMinutes", description="How long before it begins a meeting can be booked at the latest."
    )
    time_slot_interval: int = strawberry.field(
        name="timeSlotIntervalMinutes", description="The grid on which times are offered, 5 to 120."
    )
    booking_window_days: int = strawberry.field(description="How many days ahead times are offered, 7 to 365.")
    created_at: DateTime = strawberry.field(description="When they were first set.")
    updated_at: DateTime = strawberry.field(description="When they last changed.")
    organization: LazyOrganization = to_one(SchedulingSettingsRow.organization, description="Where.")
    host: LazyUser = to_one(SchedulingSettingsRow.host, description="Who is booked this way.")


@strawberry.input(description="What changes of one's settings; what is left out stays.")
class UpdateSchedulingSettingsInput:
    before_event_buffer: int | None = strawberry.field(
        default=strawberry.UNSET, name="beforeEventBufferMinutes", description="0 to 120."
    )
    after_event_buffer: int | None = strawberry.field(
        default=strawberry.UNSET, name="afterEventBufferMinutes", description="0 to 120."
    )
    minimum_notice: int | None = strawberry.field(
        default=strawberry.UNSET,
        name="minimumNoticeMinutes",
        description="60, 180, 360, 720, 1440, 2880, 4320, 7200, 10080 or 20160.",
    )
    time_slot_interval: int | None = strawberry.field(
        default=strawberry.UNSET, name="timeSlotIntervalMinutes", description="A multiple of 5 from 5 to 120."
    )
    booking_window_days: int | None = strawberry.field(default=strawberry.UNSET, description="7 to 365.")
    host_id: strawberry.ID | None = id_of(
        "User", default=strawberry.UNSET, description="Whose; one's own where nothing is said."
    )
    idempotency_key: str | None = idempotency_key()


UpdateSchedulingSettingsResult = Annotated[
    SchedulingSettings | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("UpdateSchedulingSettingsResult", description="The settings, or why they did not change."),
]


@strawberry.type
class SchedulingSettingsQueries:
    scheduling_settings: Connection[SchedulingSettings] | None = to_many(
        resolve.SCHEDULING_SETTINGS,
        filter=SchedulingSettingsFilter,
        order=SchedulingSettingsOrder,
        description="How the organization's hosts want to be booked; "
        "who never set anything has the defaults and no entry.",
    )


@strawberry.type
class SchedulingSettingsMutations:
    update_scheduling_settings: UpdateSchedulingSettingsResult | None = mutation(
        resolve.change_settings,
        input=UpdateSchedulingSettingsInput,
        description="Change one's own settings, or a member's with `schedules:manage`.",
    )
