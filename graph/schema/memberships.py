"""Memberships: who belongs where, as what."""

from enum import Enum

import strawberry

from db.tables import MembershipRow
from graph.fields import to_many, to_one
from graph.inputs import any_of, id_of, none_of
from graph.resolvers.memberships import MEMBERS
from graph.scalars import DateTime
from graph.schema.connection import Connection
from graph.schema.lazy import LazyOrganization, LazyUser
from graph.schema.node import Node, node


@strawberry.enum(description="What a member is.")
class MembershipRole(Enum):
    OWNER = strawberry.enum_value("owner", description="Everything but clinical records.")
    ADMIN = strawberry.enum_value("admin", description="Everything but clinical records.")
    MEMBER = strawberry.enum_value("member", description="Their own events, meetings and records.")
    BILLING_ADMIN = strawberry.enum_value("billing_admin", description="What a member may, and all payments.")


@strawberry.enum(description="Whether a member may act.")
class MembershipStatus(Enum):
    ACTIVE = strawberry.enum_value("active", description="May act.")
    PENDING = strawberry.enum_value("pending", description="Invited, not here yet.")
    INACTIVE = strawberry.enum_value("inactive", description="Was here.")
    SUSPENDED = strawberry.enum_value("suspended", description="May not act for now.")


@strawberry.enum(description="How memberships are ordered.")
class MembershipOrder(Enum):
    JOINED_AT_ASC = strawberry.enum_value("JOINED_AT_ASC", description="Longest here first.")
    JOINED_AT_DESC = strawberry.enum_value("JOINED_AT_DESC", description="Newest first.")
    ROLE_ASC = strawberry.enum_value("ROLE_ASC", description="By role, alphabetically.")


@strawberry.input(description="Which memberships: those that match all of this.")
class MembershipFilter:
    role: list[MembershipRole] | None = strawberry.field(default=strawberry.UNSET, description="With these roles.")
    status: list[MembershipStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="In one of these states."
    )
    user_id: strawberry.ID | None = id_of("User", default=strawberry.UNSET, description="Of this person.")
    or_: list["MembershipFilter"] | None = any_of()
    not_: list["MembershipFilter"] | None = none_of()


@node(
    MembershipRow,
    description="A person in an organization. Seen by its members; one's own active ones are seen from everywhere.",
)
class Membership(Node):
    role: MembershipRole = strawberry.field(description="What they are there.")
    status: MembershipStatus = strawberry.field(description="Whether they may act there.")
    permissions: list[str] | None = strawberry.field(
        description="What WorkOS granted them there; null means the defaults of the role."
    )
    joined_at: DateTime = strawberry.field(description="Since when.")
    created_at: DateTime = strawberry.field(description="When it was written down here.")
    updated_at: DateTime = strawberry.field(description="When it last changed.")
    user: LazyUser = to_one(MembershipRow.user, description="Who.")
    organization: LazyOrganization = to_one(MembershipRow.organization, description="Where.")


@strawberry.type
class MembershipQueries:
    memberships: Connection[Membership] | None = to_many(
        MEMBERS,
        filter=MembershipFilter,
        order=MembershipOrder,
        description="Everyone of the organization. One's own elsewhere are in `viewer { user { memberships } }`.",
    )
