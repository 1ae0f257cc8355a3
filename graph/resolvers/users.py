"""Which people the caller sees: themselves, and the members of their organization."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from db.tables import UserRow
from graph.context import Context


def by_id(id: UUID) -> Select[UserRow]:
    """The person of this id, where the caller sees them."""
    return select(UserRow).where(UserRow.id == id)


def person(id: UUID) -> Any:
    """What rows call the person of this id, as a condition's other side: nobody, where the caller sees nobody."""
    return select(UserRow.workos_user_id).where(UserRow.id == id).scalar_subquery()


async def workos_id_of(context: Context, id: UUID) -> str | None:
    """What rows call this person; None where the caller does not see them."""
    found: str | None = await context.transaction.scalar(select(UserRow.workos_user_id).where(UserRow.id == id))
    return found


async def my_account(context: Context) -> dict[str, Any] | None:
    """What the caller alone may read of themselves."""
    account: dict[str, Any] | None = await context.transaction.scalar(select(func.app.my_account()))
    return account
