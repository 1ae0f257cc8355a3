"""Changing rows: in the database and in the trail, in adjacent lines."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from db.scope import columns_of
from db.statements import Prepared
from db.tables.base import Row
from graph.context import Context
from graph.failures import Conflict, InvalidField, InvalidInput, NotAllowed

R = TypeVar("R", bound=Row)


def columns(entity: type[Row]) -> list[Any]:
    """What `… returning` gives back, so that the answer is the row as the database has it now."""
    return [getattr(entity, name) for name in columns_of(entity)]


async def change(context: Context, row: R, entity: type[R], values: Mapping[str, Any], *guards: Any) -> R | Any:
    """Update one row that the caller sees, and record what differs.

    The policy decides whether the caller may: a row that is seen and does not change is NotAllowed, or Conflict if
    somebody else changed it since (`guards` are the conditions under which the change still makes sense).
    """
    key: Any = entity.id  # type: ignore[attr-defined]
    identity = row.id  # type: ignore[attr-defined]
    if not values:
        # Nothing would be asked of the policy, and the trail would say that something was done.
        return InvalidInput(fields=(InvalidField("input", "must change something"),))
    statement = update(entity).where(key == identity, *guards).values(**values).returning(*columns(entity))
    changed = await context.transaction.one(statement, entity)
    if changed is None:
        now = await context.transaction.one(select(entity).where(key == identity))
        return NotAllowed() if now == row else Conflict()
    context.trail.changed(identity, old=row, new=changed)
    return changed


async def add(context: Context, entity: type[R], values: Mapping[str, Any], **metadata: Any) -> R | None:
    """Insert one row and record it; None where a unique or exclusion constraint of the table stands against it."""
    rows = await context.transaction.execute(_inserting(entity, tuple(values)), values)
    added = next(iter(context.transaction.values(entity, rows)), None)
    if added is not None:
        context.trail.changed(added.id, new={**added._asdict(), **values}, **metadata)  # type: ignore[attr-defined]
    return added


@cache
def _inserting(entity: type[Row], names: tuple[str, ...]) -> Prepared:
    return Prepared(insert(entity).on_conflict_do_nothing().returning(*columns(entity)), names)
