"""Which services can be booked, and how they are offered, ordered and withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Select, Uuid, bindparam, func, select, update
from sqlalchemy.orm import aliased

from db.tables import EventRow
from graph.audit import audited
from graph.change import add, change, columns
from graph.context import Context
from graph.failures import AlreadyExists, EventArchived, Failure, NotAllowed, NotFound
from graph.paging import Collection
from graph.resolvers.users import person, workos_id_of
from graph.validation import Check, trimmed

VIOLATIONS: dict[str, Failure] = {"events_public_key": AlreadyExists("This host has an event with that slug.")}

EVENTS: Collection[EventRow] = Collection(
    entity=EventRow,
    default_order="POSITION_ASC",
    orders={
        "POSITION_ASC": EventRow.position.asc(),
        "NAME_ASC": EventRow.name.asc(),
        "PRICE_ASC": EventRow.price_cents.asc(),
        "CREATED_AT_DESC": EventRow.created_at.desc(),
    },
    filters={
        "host_id": lambda id: EventRow.workos_user_id == person(id),
        "is_active": lambda active: EventRow.is_active == active,
        "archived": lambda archived: EventRow.archived_at.is_not(None) if archived else EventRow.archived_at.is_(None),
        "slug": lambda slug: EventRow.slug == slug,
    },
    unless={"archived": EventRow.archived_at.is_(None)},
)


def by_id(id: UUID) -> Select[EventRow]:
    """The event of this id, archived or not."""
    return select(EventRow).where(EventRow.id == id)


@audited("EVENT_CREATED", "event")
async def create(context: Context, *, host_id: UUID | None = None, **values: Any) -> EventRow | Failure:
    """Offer a new service, last in the list; of another member with `events:manage`."""
    if failure := _checked(values):
        return failure
    host = context.principal.user_id if host_id is None else await workos_id_of(context, host_id)
    if host is None:
        return NotFound("There is no such host here.")
    last = await context.transaction.scalar(select(func.coalesce(func.max(EventRow.position), 0)))
    event = await add(context, EventRow, {"workos_user_id": host, "position": last + 1, **values})
    return AlreadyExists("This host has an event with that slug.") if event is None else event


@audited("EVENT_UPDATED", "event")
async def change_event(context: Context, *, id: UUID, **values: Any) -> EventRow | Failure:
    """Change what an event says of itself. Meetings already booked keep their time and price."""
    if failure := _checked(values):
        return failure
    return await _changed(context, id, values)


@audited("EVENT_UPDATED", "event")
async def set_active(context: Context, *, id: UUID, is_active: bool) -> EventRow | Failure:
    """Open or close an event for booking."""
    return await _changed(context, id, {"is_active": is_active})


@audited("EVENT_UPDATED", "event")
async def reorder(context: Context, *, ids: list[UUID]) -> list[EventRow] | Failure:
    """Put these events before all others, in this order, in one statement; all of them or none.

    Others keep their position, since they may be somebody else's: the first places are below the smallest of theirs.
    """
    check = Check()
    check.that(1 <= len(ids) <= 100, "ids", "takes 1 to 100 ids")  # noqa: PLR2004 - said in the message
    check.that(len(set(ids)) == len(ids), "ids", "must be different")
    if failure := check.failure():
        return failure
    seen = await context.transaction.all(select(EventRow).where(EventRow.id.in_(ids)))
    if len(seen) < len(ids):
        return NotFound()
    places = func.unnest(
        bindparam("ids", ids, type_=ARRAY(Uuid)), bindparam("places", [*range(1, len(ids) + 1)], type_=ARRAY(Integer))
    )
    moved = places.table_valued("id", "place").render_derived(name="moved")
    others = aliased(EventRow)
    smallest = select(func.coalesce(func.min(others.position), len(ids) + 1)).where(others.id.not_in(ids))
    statement = (
        update(EventRow)
        .where(EventRow.id == moved.c.id)
        .values(position=moved.c.place + smallest.scalar_subquery() - len(ids) - 1)
        .returning(*columns(EventRow))
    )
    changed = {event.id: event for event in await context.transaction.all(statement, EventRow)}
    if len(changed) < len(ids):
        return NotAllowed()
    for old in seen:
        context.trail.changed(old.id, old=old, new=changed[old.id])
    return [changed[id] for id in ids]


@audited("EVENT_ARCHIVED", "event")
async def archive(context: Context, *, id: UUID) -> EventRow | Failure:
    """Withdraw an event for good; its meetings stay."""
    return await _changed(context, id, {"is_active": False, "archived_at": context.now})


async def _changed(context: Context, id: UUID, values: dict[str, Any]) -> EventRow | Failure:
    event = await context.transaction.by_id(EventRow, id)
    if event is None:
        return NotFound()
    if event.archived_at is not None:
        return EventArchived("The event is archived.")
    changed: EventRow | Failure = await change(context, event, EventRow, values, EventRow.archived_at.is_(None))
    return changed


def _checked(values: dict[str, Any]) -> Failure | None:
    trimmed(values, "name")
    check = Check()
    for name in ("name", "slug", "duration_in_minutes", "price_cents", "currency", "is_active"):
        if name in values:
            check.given(
                {"duration_in_minutes": "durationInMinutes", "price_cents": "priceCents", "is_active": "isActive"}.get(
                    name, name
                ),
                values[name],
            )
    check.name("name", values.get("name"), 200)
    check.text("description", values.get("description"), 5_000)
    check.between("durationInMinutes", values.get("duration_in_minutes"), 1, 720)
    if values.get("currency") is not None:
        check.that(values["currency"] == "eur", "currency", "must be eur")
    return check.failure()
