"""How a type declares what it is made of: columns by name, one row or many rows by relation.

Each declaration keeps in its metadata what it was made from, so that whatever runs the operation knows
the rows of a field without running its resolver.
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Select
from strawberry.types import Info

from graph.audit import Action
from graph.context import Context
from graph.errors import BadUserInput
from graph.failures import InvalidField
from graph.ids import uuid_of
from graph.inputs import plain, without_nulls
from graph.loaders import relation_of
from graph.paging import DEFAULT_FIRST, MOST, Collection, Page, Slice, page

BARE = "bare"
"""Metadata of a field that takes no arguments and is asked of every row: graphql-core calls its resolver itself."""


@dataclass(frozen=True)
class ToOne:
    """Metadata of a field that leads to one row."""

    relation: Any


@dataclass(frozen=True)
class ToMany:
    """Metadata of a connection: the rows a relation leads to, or all that the scope shows."""

    collection: Collection[Any]
    relation: Any = None


@dataclass(frozen=True)
class Chosen:
    """Metadata of a root field that answers one row: `rows(context, **arguments)` is the Select that finds it."""

    rows: Callable[..., Select[Any]]


@dataclass(frozen=True)
class Form:
    """Metadata of a field that is computed: the same in SQL, from a row's columns and the name of its type.

    `read` names what is recorded of each row whose field is answered, because it is health data.
    """

    sql: Callable[[Any, str], Any]
    read: Action | None = None


@dataclass
class Listed:
    """The value of a connection: a page that is fetched, and counted, only when asked for."""

    context: Context
    page: Page[Any]
    relation: Any = None
    key: Any = None
    fetched: Awaitable[Slice[Any]] | None = None

    async def slice(self) -> Slice[Any]:
        """The rows of the page."""
        if self.relation is not None:
            return await self.context.loaders.page(self.relation, self.page, self.key)
        if self.fetched is None:
            self.fetched = self.context.loaders.all(self.page)
        return await self.fetched

    async def count(self) -> int:
        """How many rows the whole list has."""
        if self.relation is not None:
            return await self.context.loaders.count(self.relation, self.page, self.key)
        return await self.context.loaders.total(self.page)


def to_one(relation: Any, *, description: str, **options: Any) -> Any:
    """A field that follows `relation` to one row."""
    local, remote, target = relation_of(relation)

    def resolve(root: Any, info: Info) -> Any:
        key = getattr(root, local.key)
        context: Context = info.context
        return None if key is None else context.loaders.row(target, remote, key)

    metadata = {"rows": ToOne(relation), BARE: True}
    return strawberry.field(resolver=resolve, description=description, metadata=metadata, **options)


def one(
    rows: Callable[[UUID], Select[Any]], *, of: str, description: str, default: Callable[[], Select[Any]] | None = None
) -> Any:
    """A root field that answers the row with the given id, or null where the caller sees none.

    With a `default` the id may be left out.
    """

    def chosen(context: Context, id: Any = strawberry.UNSET) -> Select[Any]:
        context.require_organization()
        return default() if default is not None and id in (strawberry.UNSET, None) else rows(uuid_of(of, id))

    async def resolve(root: Any, info: Info, id: Any = strawberry.UNSET) -> Any:
        context: Context = info.context
        return await context.transaction.one(chosen(context, id))

    argument = strawberry.argument(description=f"The id of the {of}, as the API gave it.")
    parameters = inspect.signature(resolve).parameters
    given = inspect.Parameter(
        "id",
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if default is None else strawberry.UNSET,
        annotation=Annotated[strawberry.ID if default is None else strawberry.ID | None, argument],
    )
    resolve.__signature__ = inspect.Signature([parameters["root"], parameters["info"], given])  # type: ignore[attr-defined]
    return strawberry.field(resolver=resolve, description=description, metadata={"rows": Chosen(chosen)})


def to_many(
    collection: Collection[Any],
    *,
    relation: Any = None,
    filter: Any = None,
    order: Any = None,
    description: str,
    anyone: bool = False,
) -> Any:
    """A connection: of the rows that `relation` leads to, or at the root of all that the scope shows.

    `anyone` is for what answers without an organization: one's own organizations and memberships.
    """
    local = relation_of(relation)[0] if relation is not None else None

    def resolve(root: Any, info: Info, **arguments: Any) -> Listed:
        context: Context = info.context
        if not anyone:
            context.require_organization()
        asked = {name: value for name, value in arguments.items() if value is not strawberry.UNSET}
        wrong: list[InvalidField] = []
        if asked.get("filter") is not None:
            asked["filter"] = without_nulls(plain(asked["filter"], "filter", wrong))
        if asked.get("order_by") is not None:
            asked["order_by"] = plain(asked["order_by"], "orderBy", wrong)
        if wrong:
            raise BadUserInput(f"{wrong[0].path} {wrong[0].message}")
        return Listed(
            context,
            page(collection, caller=context.caller, **asked),
            relation,
            None if local is None else getattr(root, local.key),
        )

    return strawberry.field(
        resolver=_with_arguments(resolve, filter, order),
        description=description,
        metadata={"rows": ToMany(collection, relation)},
    )


def _argument(name: str, annotation: Any, description: str) -> inspect.Parameter:
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=strawberry.UNSET,
        annotation=Annotated[annotation | None, strawberry.argument(description=description)],
    )


_FROM_START = _argument("first", int, f"How many from the start, 1 to {MOST}; {DEFAULT_FIRST} when neither is given.")
_AFTER = _argument("after", str, "Only what comes after this cursor.")
_FROM_END = _argument("last", int, f"How many from the end, 1 to {MOST}; not together with `first`.")
_BEFORE = _argument("before", str, "Only what comes before this cursor.")


def _with_arguments(resolve: Any, filter: Any, order: Any) -> Any:
    """`resolve` with the arguments of a connection spelled out, in the way Strawberry reads them."""
    arguments = [_FROM_START, _AFTER, _FROM_END, _BEFORE]
    if filter is not None:
        arguments.append(_argument("filter", filter, "Only what matches all of this."))
    if order is not None:
        arguments.append(_argument("order_by", list[order], "In which order: up to three, the first one first."))
    named = inspect.signature(resolve).parameters
    resolve.__signature__ = inspect.Signature([named["root"], named["info"], *arguments])
    return resolve
