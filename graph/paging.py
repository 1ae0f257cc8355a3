"""Keyset pages: which rows come next, found by the values of the last one, so that inserts move nothing.

A Collection says once, for one mapped class, how it may be filtered and ordered. A Page is a request for
some of it, checked; it turns a Select into the Select of that page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, ColumnElement, Select, and_, any_, bindparam, false, not_, or_, select, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import desc_op

from db.tables.base import Row
from graph.cursors import opened, sealed
from graph.errors import BadUserInput

R = TypeVar("R", bound=Row)

DEFAULT_FIRST = 25
MOST = 100
_FILTER_LIST = 100
_ORDERS = 3
_FILTER_DEPTH = 5
_FILTER_CONDITIONS = 100


def among(column: InstrumentedAttribute[Any], keys: Sequence[Any]) -> Any:
    """`column = any(keys)`: one text for any number of keys, so that it is prepared once."""
    return column == any_(bindparam("keys", list(keys), type_=ARRAY(column.type), unique=True))


@dataclass(frozen=True, eq=False)
class Collection(Generic[R]):
    """How a list of one kind of row may be filtered and ordered.

    `filters` maps an input field to its condition, `orders` an enum value to its column and direction; `unless`
    names conditions that hold as long as the filter says nothing about that field. `base` is where to start instead of
    everything that the scope shows.
    """

    entity: type[R]
    orders: Mapping[str, UnaryExpression[Any]]
    default_order: str
    filters: Mapping[str, Callable[[Any], ColumnElement[bool]]] = field(default_factory=dict)
    unless: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    base: Callable[[], Select[R]] | None = None

    def rows(self) -> Select[R]:
        """All rows of the list, before any filter."""
        return select(self.entity) if self.base is None else self.base()

    def condition(self, given: Mapping[str, Any]) -> ColumnElement[bool]:
        """The condition of a filter: its fields and the defaults of those it does not name, all of them."""
        if _conditions(given) > _FILTER_CONDITIONS:
            raise BadUserInput(f"A filter holds at most {_FILTER_CONDITIONS} conditions")
        defaults = [condition for name, condition in self.unless.items() if name not in given]
        return and_(self._matching(given, 0), *defaults)

    def _matching(self, given: Mapping[str, Any], depth: int) -> ColumnElement[bool]:
        if depth > _FILTER_DEPTH:
            raise BadUserInput(f"A filter nests at most {_FILTER_DEPTH} deep")
        conditions: list[ColumnElement[bool]] = [true()]
        for name, value in given.items():
            if isinstance(value, Sequence) and not isinstance(value, str) and len(value) > _FILTER_LIST:
                raise BadUserInput(f"filter.{name} takes at most {_FILTER_LIST} values")
            if name == "or_":
                conditions.append(or_(false(), *(self._matching(part, depth + 1) for part in value)))
            elif name == "not_":
                conditions.extend(not_(self._matching(part, depth + 1)) for part in value)
            else:
                conditions.append(self.filters[name](value))
        return and_(*conditions)


@dataclass(frozen=True)
class Page(Generic[R]):
    """A checked request for one page. Equal pages of one relation are loaded together."""

    collection: Collection[R]
    order: tuple[str, ...]
    limit: int
    backward: bool
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None
    caller: str
    """Whom its cursors are bound to."""
    list_id: str
    """Which list they are bound to: what is in it, in which order."""
    condition: ColumnElement[bool] = field(compare=False)

    @cached_property
    def bound_to(self) -> str:
        """What this list's cursors are bound to: the list, and who asks."""
        return self.bound_for(self.caller)

    def bound_for(self, caller: str) -> str:
        """The same for another caller of the same list."""
        return _fingerprint(self.list_id, caller)

    @cached_property
    def beyond(self) -> tuple[ColumnElement[bool], ...]:
        """What a row fulfils that comes after `after` and before `before`."""
        found = []
        if self.after is not None:
            found.append(_beyond(self.ordering, self.after))
        if self.before is not None:
            found.append(_beyond(_reversed(self.ordering), self.before))
        return tuple(found)

    @property
    def ordering(self) -> tuple[UnaryExpression[Any], ...]:
        """The columns of the order, with the id last so that no two rows are equal."""
        chosen = [self.collection.orders[name] for name in self.order]
        identity: Any = self.collection.entity.id  # type: ignore[attr-defined]
        last = identity.desc() if _descends(chosen[-1]) else identity.asc()
        return (*chosen, last)

    @property
    def walk(self) -> list[tuple[InstrumentedAttribute[Any], bool]]:
        """The order in which rows are fetched, as columns and whether they descend; a backward page walks back."""
        return [(one.element, _descends(one) is not self.backward) for one in self.ordering]  # type: ignore[misc]

    def matching(self, rows: Select[R]) -> Select[R]:
        """All rows of the list, whatever the page: what `totalCount` counts."""
        return rows.where(self.condition)

    def walking(self, rows: Select[R]) -> Select[R]:
        """The rows from where the page begins, in the order in which they are fetched, without an end."""
        ordering = _reversed(self.ordering) if self.backward else self.ordering
        return self.matching(rows).where(*self.beyond).order_by(*ordering)

    def of(self, rows: Select[R]) -> Select[R]:
        """The rows of the page and one more, which tells whether there is a next one."""
        return self.walking(rows).limit(self.limit + 1)

    def cut(self, rows: Sequence[R]) -> Slice[R]:
        """What was fetched by `of`, as the page that was asked for."""
        more = len(rows) > self.limit
        kept = list(rows[: self.limit])
        if self.backward:
            return Slice(kept[::-1], has_next=self.before is not None, has_previous=more, page=self)
        return Slice(kept, has_next=more, has_previous=self.after is not None, page=self)

    def cursor(self, row: R) -> str:
        """Where this row stands in the list."""
        return sealed(self.bound_to, [getattr(row, column.key) for column, _ in self.walk])


@dataclass(frozen=True)
class Slice(Generic[R]):
    """The rows of one page, in order."""

    rows: list[R]
    has_next: bool
    has_previous: bool
    page: Page[R]


def page(
    collection: Collection[R],
    *,
    caller: str,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    filter: Mapping[str, Any] | None = None,
    order_by: Sequence[str] | None = None,
) -> Page[R]:
    """Check the arguments of a connection. `caller` binds cursors to who asked and where.

    Raises BadUserInput naming the argument, InvalidCursor for any cursor that is not of this very list.
    """
    if first is not None and last is not None:
        raise BadUserInput("Give first or last, not both")
    for name, value in (("first", first), ("last", last)):
        if value is not None and not 1 <= value <= MOST:
            raise BadUserInput(f"{name} must be 1..{MOST}")
    order = tuple(order_by or (collection.default_order,))
    if len(order) > _ORDERS or len(set(order)) < len(order):
        raise BadUserInput(f"orderBy takes up to {_ORDERS} different orders")
    given = filter or {}
    list_id = _fingerprint(collection.entity.__name__, order, given)
    asked = Page(
        collection=collection,
        order=order,
        limit=last if last is not None else first if first is not None else DEFAULT_FIRST,
        backward=last is not None,
        after=None,
        before=None,
        caller=caller,
        list_id=list_id,
        condition=collection.condition(given),
    )
    if after is None and before is None:
        return asked
    types = (*(collection.orders[name].element.type.python_type for name in order), UUID)
    return replace(
        asked,
        after=None if after is None else opened(after, asked.bound_to, types),
        before=None if before is None else opened(before, asked.bound_to, types),
    )


def _conditions(given: Mapping[str, Any]) -> int:
    parts = [part for name in ("or_", "not_") for part in given.get(name, ())]
    return len(given) + sum(_conditions(part) for part in parts)


def _descends(order: UnaryExpression[Any]) -> bool:
    return order.modifier is desc_op


def _reversed(ordering: Sequence[UnaryExpression[Any]]) -> tuple[UnaryExpression[Any], ...]:
    return tuple(one.element.asc() if _descends(one) else one.element.desc() for one in ordering)


def _beyond(ordering: Sequence[UnaryExpression[Any]], values: Sequence[Any]) -> ColumnElement[bool]:
    """Rows that come after `values` in this order.

    One row comparison where all columns run the same way, which an index answers; else the same written out.
    """
    columns: list[InstrumentedAttribute[Any]] = [one.element for one in ordering]  # type: ignore[misc]
    directions = {_descends(one) for one in ordering}
    if len(directions) == 1:
        left, right = tuple_(*columns), tuple_(*values)
        return left < right if directions == {True} else left > right
    cases: list[ColumnElement[bool]] = []
    for at, one in enumerate(ordering):
        equal = [column == value for column, value in zip(columns[:at], values[:at], strict=True)]
        step = columns[at] < values[at] if _descends(one) else columns[at] > values[at]
        cases.append(and_(*equal, step))
    return or_(*cases)


def _fingerprint(*parts: Any) -> str:
    return hashlib.sha256(orjson.dumps(parts, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
