"""A person's active memberships, read as that person and without an organization: what they choose from."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.principal import ActiveMembership, MembershipsOf, Principal
from db.scope import Claims, operation
from db.tables import MembershipRow, OrganizationRow
from graph.ids import global_id

DEADLINE_S = 5.0


def memberships_of(engine: AsyncEngine) -> MembershipsOf:
    """`engine` logs in as orgraph_api: row-level security shows nobody's memberships but the person's own."""

    async def active(principal: Principal) -> Sequence[ActiveMembership]:
        if principal.user_id is None:
            return []
        mine = (
            select(
                OrganizationRow.id,
                OrganizationRow.workos_org_id,
                OrganizationRow.name,
                OrganizationRow.slug,
                MembershipRow.role,
            )
            .join(MembershipRow, MembershipRow.org_id == OrganizationRow.id)
            .where(MembershipRow.workos_user_id == principal.user_id, MembershipRow.status == "active")
            .order_by(OrganizationRow.name, OrganizationRow.id)
        )
        claims = Claims(user_id=principal.user_id, operation_name="memberships")
        async with asyncio.timeout(DEADLINE_S), operation(engine, claims) as transaction:
            rows = await transaction.execute(mine)
        return [ActiveMembership(global_id("Organization", row[0]), *row[1:]) for row in rows]

    return active
