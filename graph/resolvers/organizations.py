"""Which organizations the caller sees, and how the one they act in is changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from db.tables import OrganizationRow
from graph.audit import audited
from graph.change import change
from graph.context import Context
from graph.failures import Failure, NotFound
from graph.paging import Collection
from graph.validation import Check, trimmed

ORGANIZATIONS: Collection[OrganizationRow] = Collection(
    entity=OrganizationRow,
    default_order="NAME_ASC",
    orders={"NAME_ASC": OrganizationRow.name.asc(), "CREATED_AT_DESC": OrganizationRow.created_at.desc()},
)


def by_id(id: UUID) -> Select[OrganizationRow]:
    """The organization of this id, where the caller sees it."""
    return select(OrganizationRow).where(OrganizationRow.id == id)


def current() -> Select[OrganizationRow]:
    """The organization that the caller acts in."""
    return select(OrganizationRow).where(OrganizationRow.id == select(func.app.current_org_id()).scalar_subquery())


@audited("ORG_SETTINGS_UPDATED", "organization")
async def change_organization(context: Context, **values: Any) -> OrganizationRow | Failure:
    """Change the settings of the organization that the caller acts in."""
    trimmed(values, "name")
    check = Check()
    for name in ("name", "timezone"):
        if name in values:
            check.given(name, values[name])
    check.name("name", values.get("name"), 200)
    if failure := check.failure():
        return failure
    organization = await context.transaction.one(current())
    if organization is None:
        return NotFound()
    changed: OrganizationRow | Failure = await change(context, organization, OrganizationRow, values)
    return changed
