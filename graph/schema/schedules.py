"""Schedules: when hosts work, and how they want to be booked."""

from enum import Enum
from typing import Annotated

import strawberry

from db.tables import AvailabilityRow, ScheduleRow
from graph.fields import to_many, to_one
from graph.inputs import any_of, id_of, idempotency_key, none_of
from graph.mutation import mutation
from graph.resolvers import schedules as resolve
from graph.scalars import DateTime, LocalTime, TimeZone
from graph.schema.connection import Connection
from graph.schema.failures import Conflict, InvalidInput, NotAllowed, NotFound
from graph.schema.lazy import LazyOrganization, LazyUser
from graph.schema.node import Node, node


@strawberry.enum(description="A day of the week.")
class Day(Enum):
    MONDAY = strawberry.enum_value("monday", description="Monday.")
    TUESDAY = strawberry.enum_value("tuesday", description="Tuesday.")
    WEDNESDAY = strawberry.enum_value("wednesday", description="Wednesday.")
    THURSDAY = strawberry.enum_value("thursday", description="Thursday.")
    FRIDAY = strawberry.enum_value("friday", description="Friday.")
    SATURDAY = strawberry.enum_value("saturday", description="Saturday.")
    SUNDAY = strawberry.enum_value("sunday", description="Sunday.")


@strawberry.enum(description="How schedules are ordered.")
class ScheduleOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("CREATED_AT_ASC", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("CREATED_AT_DESC", description="Newest first.")


@strawberry.enum(description="How the windows of a week are ordered.")
class AvailabilityOrder(Enum):
    START_MINUTE_ASC = strawberry.enum_value("START_MINUTE_ASC", description="Earliest in the day first.")


@strawberry.input(description="Which schedules: those that match all of this.")
class ScheduleFilter:
    host_id: strawberry.ID | None = id_of("User", default=strawberry.UNSET, description="Of this host.")
    or_: list["ScheduleFilter"] | None = any_of()
    not_: list["ScheduleFilter"] | None = none_of()


@strawberry.input(description="Which windows: those that match all of this.")
class AvailabilityFilter:
    day_of_week: list[Day] | None = strawberry.field(default=strawberry.UNSET, description="On these days.")
    or_: list["AvailabilityFilter"] | None = any_of()
    not_: list["AvailabilityFilter"] | None = none_of()


@node(AvailabilityRow, description="A window of a weekday in which a host can be booked, by the schedule's clock.")
class Availability(Node):
    day_of_week: Day = strawberry.field(description="On which day.")
    start_minute: LocalTime = strawberry.field(name="startTime", description="From when.")
    end_minute: LocalTime = strawberry.field(name="endTime", description="Until when; 24:00 is the end of the day.")


@node(ScheduleRow, description="The working hours of one host in one organization.")
class Schedule(Node):
    timezone: TimeZone = strawberry.field(description="The clock its windows are read by.")
    created_at: DateTime = strawberry.field(description="When it was first saved.")
    updated_at: DateTime = strawberry.field(description="When it was last saved.")
    organization: LazyOrganization = to_one(ScheduleRow.organization, description="Where they work.")
    host: LazyUser = to_one(ScheduleRow.host, description="Who works.")
    availabilities: Connection[Availability] = to_many(
        resolve.AVAILABILITIES,
        relation=ScheduleRow.availabilities,
        filter=AvailabilityFilter,
        order=AvailabilityOrder,
        description="The windows of the week.",
    )


@strawberry.input(description="A window of a weekday.")
class AvailabilityInput:
    day_of_week: Day = strawberry.field(description="On which day.")
    start_minute: LocalTime = strawberry.field(name="startTime", description="From when.")
    end_minute: LocalTime = strawberry.field(name="endTime", description="Until when, after startTime.")


@strawberry.input(description="All working hours of a host: what is not here is taken away.")
class SaveScheduleInput:
    timezone: TimeZone = strawberry.field(description="The clock the windows are read by.")
    availabilities: list[AvailabilityInput] = strawberry.field(
        description="At most 70; on one day they may touch and not overlap."
    )
    host_id: strawberry.ID | None = id_of(
        "User", default=strawberry.UNSET, description="Whose; oneself where nothing is said."
    )
    idempotency_key: str | None = idempotency_key()


SaveScheduleResult = Annotated[
    Schedule | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("SaveScheduleResult", description="The schedule, or why it was not saved."),
]


@strawberry.type
class ScheduleQueries:
    schedules: Connection[Schedule] | None = to_many(
        resolve.SCHEDULES, filter=ScheduleFilter, order=ScheduleOrder, description="Working hours of the hosts."
    )


@strawberry.type
class ScheduleMutations:
    save_schedule: SaveScheduleResult | None = mutation(
        resolve.save,
        input=SaveScheduleInput,
        description="Replace one's own working hours, or a member's with `schedules:manage`, all at once.",
    )
