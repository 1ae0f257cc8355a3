"""Who belongs to the organization, and what the caller is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Select, func, select

from db.tables import MembershipRow
from graph.context import Context
from graph.paging import Collection, among
from graph.resolvers.users import person

MEMBERSHIPS: Collection[MembershipRow] = Collection(
    entity=MembershipRow,
    default_order="JOINED_AT_ASC",
    orders={
        "JOINED_AT_ASC": MembershipRow.joined_at.asc(),
        "JOINED_AT_DESC": MembershipRow.joined_at.desc(),
        "ROLE_ASC": MembershipRow.role.asc(),
    },
    filters={
        "role": lambda these: among(MembershipRow.role, these),
        "status": lambda these: among(MembershipRow.status, these),
        "user_id": lambda id: MembershipRow.workos_user_id == person(id),
    },
)

# One's own memberships are seen from everywhere; the members of the organization are fewer.
MEMBERS = replace(MEMBERSHIPS, base=MembershipRow.here)


@dataclass(frozen=True)
class Standing:
    """What the caller is and may where they act; empty outside an organization."""

    role: str | None
    permissions: Sequence[str]
    organization_id: UUID | None


def by_id(id: UUID) -> Select[MembershipRow]:
    """The membership of this id, where the caller sees it."""
    return select(MembershipRow).where(MembershipRow.id == id)


async def standing(context: Context) -> Standing:
    """Asked of the database, which decides by the same words."""
    words = select(func.app.current_membership_role(), func.app.current_permissions(), func.app.current_org_id())
    ((role, permissions, organization_id),) = await context.transaction.execute(words)
    return Standing(role, sorted(permissions), organization_id)
