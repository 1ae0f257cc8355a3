"""Organizations: who owns what is scheduled."""

from enum import Enum
from typing import Annotated

import strawberry

from db.tables import OrganizationRow
from graph.fields import one, to_many
from graph.inputs import idempotency_key
from graph.mutation import mutation
from graph.resolvers import organizations as resolve
from graph.resolvers.events import EVENTS
from graph.resolvers.meetings import MEETINGS
from graph.resolvers.memberships import MEMBERSHIPS
from graph.resolvers.payment_transfers import PAYMENT_TRANSFERS
from graph.resolvers.profiles import PROFILES
from graph.resolvers.schedules import SCHEDULES
from graph.resolvers.scheduling_settings import SCHEDULING_SETTINGS
from graph.scalars import DateTime, EmailAddress, Slug, TimeZone
from graph.schema.connection import Connection
from graph.schema.events import Event, EventFilter, EventOrder
from graph.schema.failures import Conflict, InvalidInput, NotAllowed, NotFound
from graph.schema.meetings import Meeting, MeetingFilter, MeetingOrder
from graph.schema.memberships import Membership, MembershipFilter, MembershipOrder
from graph.schema.node import Node, node
from graph.schema.payment_transfers import PaymentTransfer, PaymentTransferFilter, PaymentTransferOrder
from graph.schema.profiles import Profile, ProfileFilter, ProfileOrder
from graph.schema.schedules import Schedule, ScheduleFilter, ScheduleOrder
from graph.schema.scheduling_settings import (
    SchedulingSettings,
    SchedulingSettingsFilter,
    SchedulingSettingsOrder,
)


@strawberry.enum(description="What kind of organization it is.")
class OrganizationType(Enum):
    PATIENT_PERSONAL = strawberry.enum_value("patient_personal", description="One patient.")
    EXPERT_INDIVIDUAL = strawberry.enum_value("expert_individual", description="One expert.")
    CLINIC = strawberry.enum_value("clinic", description="A clinic or practice.")
    EDUCATIONAL_INSTITUTION = strawberry.enum_value("educational_institution", description="A school or university.")


@strawberry.enum(description="How organizations are ordered.")
class OrganizationOrder(Enum):
    NAME_ASC = strawberry.enum_value("NAME_ASC", description="By name.")
    CREATED_AT_DESC = strawberry.enum_value("CREATED_AT_DESC", description="Newest first.")


@node(
    OrganizationRow,
    description="A clinic, a practice or one person. What it holds is answered for the one the caller acts in; "
    "of the caller's others only their names are.",
)
class Organization(Node):
    name: str = strawberry.field(description="What it is called.")
    slug: Slug = strawberry.field(description="Its name in addresses.")
    type: OrganizationType = strawberry.field(description="What kind it is.")
    timezone: TimeZone = strawberry.field(description="Its own clock, by which its days are counted.")
    billing_email: EmailAddress | None = strawberry.field(description="Where its invoices go, if anywhere yet.")
    created_at: DateTime = strawberry.field(description="When it was founded here.")
    updated_at: DateTime = strawberry.field(description="When its settings last changed.")
    memberships: Connection[Membership] = to_many(
        MEMBERSHIPS,
        anyone=True,
        relation=OrganizationRow.memberships,
        filter=MembershipFilter,
        order=MembershipOrder,
        description="Who belongs to it; of the caller's other organizations, only the caller.",
    )
    events: Connection[Event] = to_many(
        EVENTS,
        relation=OrganizationRow.events,
        filter=EventFilter,
        order=EventOrder,
        description="Its services that are not archived.",
    )
    meetings: Connection[Meeting] = to_many(
        MEETINGS,
        relation=OrganizationRow.meetings,
        filter=MeetingFilter,
        order=MeetingOrder,
        description="Its meetings, as far as the caller may see.",
    )
    profiles: Connection[Profile] = to_many(
        PROFILES,
        relation=OrganizationRow.profiles,
        filter=ProfileFilter,
        order=ProfileOrder,
        description="Its hosts.",
    )
    schedules: Connection[Schedule] = to_many(
        SCHEDULES,
        relation=OrganizationRow.schedules,
        filter=ScheduleFilter,
        order=ScheduleOrder,
        description="Working hours of its hosts.",
    )
    scheduling_settings: Connection[SchedulingSettings] = to_many(
        SCHEDULING_SETTINGS,
        relation=OrganizationRow.scheduling_settings,
        filter=SchedulingSettingsFilter,
        order=SchedulingSettingsOrder,
        description="How its hosts want to be booked.",
    )
    payment_transfers: Connection[PaymentTransfer] = to_many(
        PAYMENT_TRANSFERS,
        relation=OrganizationRow.payment_transfers,
        filter=PaymentTransferFilter,
        order=PaymentTransferOrder,
        description="Its payouts, as far as the caller may see.",
    )


@strawberry.input(description="What changes of the organization the caller acts in; what is left out stays.")
class UpdateOrganizationInput:
    name: str | None = strawberry.field(default=strawberry.UNSET, description="1 to 200 characters.")
    timezone: TimeZone | None = strawberry.field(default=strawberry.UNSET, description="Its own clock.")
    billing_email: EmailAddress | None = strawberry.field(
        default=strawberry.UNSET, description="Where its invoices go; null takes it away."
    )
    idempotency_key: str | None = idempotency_key()


UpdateOrganizationResult = Annotated[
    Organization | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("UpdateOrganizationResult", description="The organization, or why it did not change."),
]


@strawberry.type
class OrganizationQueries:
    organization: Organization | None = one(
        resolve.by_id,
        of="Organization",
        default=resolve.current,
        description="The organization of this id, or without one the organization the caller acts in.",
    )
    organizations: Connection[Organization] | None = to_many(
        resolve.ORGANIZATIONS,
        order=OrganizationOrder,
        anyone=True,
        description="The organizations that the caller is an active member of. Answers without an organization, too.",
    )


@strawberry.type
class OrganizationMutations:
    update_organization: UpdateOrganizationResult | None = mutation(
        resolve.change_organization,
        input=UpdateOrganizationInput,
        description="Change the settings of the organization the caller acts in; needs `organization:manage`.",
    )
