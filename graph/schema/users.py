"""People: the public face of whoever is a member."""

import strawberry

from db.tables import UserRow
from graph.fields import to_many
from graph.resolvers.audit_logs import AUDIT_LOGS
from graph.resolvers.events import EVENTS
from graph.resolvers.meetings import MEETINGS
from graph.resolvers.memberships import MEMBERSHIPS
from graph.resolvers.payment_transfers import PAYMENT_TRANSFERS
from graph.resolvers.profiles import PROFILES
from graph.resolvers.records import RECORDS
from graph.resolvers.schedules import SCHEDULES
from graph.resolvers.scheduling_settings import SCHEDULING_SETTINGS
from graph.scalars import DateTime, EmailAddress, Url
from graph.schema.audit_logs import AuditLog, AuditLogFilter, AuditLogOrder
from graph.schema.connection import Connection
from graph.schema.events import Event, EventFilter, EventOrder
from graph.schema.meetings import Meeting, MeetingFilter, MeetingOrder
from graph.schema.memberships import Membership, MembershipFilter, MembershipOrder
from graph.schema.node import Node, node
from graph.schema.payment_transfers import PaymentTransfer, PaymentTransferFilter, PaymentTransferOrder
from graph.schema.profiles import Profile, ProfileFilter, ProfileOrder
from graph.schema.records import Record, RecordFilter, RecordOrder
from graph.schema.schedules import Schedule, ScheduleFilter, ScheduleOrder
from graph.schema.scheduling_settings import (
    SchedulingSettings,
    SchedulingSettingsFilter,
    SchedulingSettingsOrder,
)


@node(UserRow, description="A person: oneself, or somebody who is or was a member of the organization.")
class User(Node):
    email: EmailAddress = strawberry.field(description="Where they are written to.")
    first_name: str | None = strawberry.field(description="Null if WorkOS knows none.")
    last_name: str | None = strawberry.field(description="Null if WorkOS knows none.")
    image_url: Url | None = strawberry.field(description="Their picture, if they have one.")
    username: str | None = strawberry.field(description="The first part of their public address, once chosen.")
    created_at: DateTime = strawberry.field(description="When they first signed in.")
    memberships: Connection[Membership] = to_many(
        MEMBERSHIPS,
        anyone=True,
        relation=UserRow.memberships,
        filter=MembershipFilter,
        order=MembershipOrder,
        description="Where they belong, as far as the caller sees: here, and for oneself everywhere.",
    )
    events: Connection[Event] = to_many(
        EVENTS,
        relation=UserRow.events,
        filter=EventFilter,
        order=EventOrder,
        description="The services they host in the organization.",
    )
    meetings: Connection[Meeting] = to_many(
        MEETINGS,
        relation=UserRow.meetings,
        filter=MeetingFilter,
        order=MeetingOrder,
        description="What they host in the organization, as far as the caller may see.",
    )
    profiles: Connection[Profile] = to_many(
        PROFILES,
        relation=UserRow.profiles,
        filter=ProfileFilter,
        order=ProfileOrder,
        description="How they present themselves in the organization: at most one.",
    )
    schedules: Connection[Schedule] = to_many(
        SCHEDULES,
        relation=UserRow.schedules,
        filter=ScheduleFilter,
        order=ScheduleOrder,
        description="Their working hours in the organization: at most one.",
    )
    scheduling_settings: Connection[SchedulingSettings] = to_many(
        SCHEDULING_SETTINGS,
        relation=UserRow.scheduling_settings,
        filter=SchedulingSettingsFilter,
        order=SchedulingSettingsOrder,
        description="How they want to be booked in the organization: at most one.",
    )
    records: Connection[Record] = to_many(
        RECORDS,
        relation=UserRow.records,
        filter=RecordFilter,
        order=RecordOrder,
        description="The clinical notes they wrote, as far as the caller may know of them.",
    )
    payment_transfers: Connection[PaymentTransfer] = to_many(
        PAYMENT_TRANSFERS,
        relation=UserRow.payment_transfers,
        filter=PaymentTransferFilter,
        order=PaymentTransferOrder,
        description="What is owed to them, as far as the caller may see.",
    )
    audit_logs: Connection[AuditLog] = to_many(
        AUDIT_LOGS,
        relation=UserRow.audit_logs,
        filter=AuditLogFilter,
        order=AuditLogOrder,
        description="What they did in the organization, as far as the caller may know.",
    )
