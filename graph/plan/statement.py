"""The SQL of a selection: one statement, whose one row is the role that ran it and the answer's JSON.

    root          row_to_json of one subquery for each root field
    one row       row_to_json of its columns; a relation to one row is a subquery among them
    a connection  a page of rows, limited before anything else is read of them, gathered into arrays;
                  what hangs from the rows that they lead to is found once for each of those, and joined

Only the columns that are asked for are named, so only they are read and only they need a grant. What the schema says
cannot be null, and is, becomes BROKEN: the answer is then thrown away, and the interpreter says what went wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLOutputType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from sqlalchemy import (
    CTE,
    JSON,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    cast,
    false,
    func,
    literal_column,
    null,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.sql.selectable import FromClause, Subquery

from graph.cursors import sealed_sql
from graph.loaders import relation_of
from graph.paging import Page
from graph.plan.selection import Found, Many, Object, One, Part, Selection, Unplannable, Value, Word
from graph.scalars import SQL_FORMS

# No answer of ours holds it; text that somebody stored might, and is then answered by the interpreter.
BROKEN = "\ufdd0broken"
_OF_THE_PAGE = frozenset({"nodes", "edges", "pageInfo"})
# Beside the keys of an answer, which are GraphQL names.
_SEEN, _CURSORS, _KEY, _TOLD = "#seen", "#cursors", "#key", "#told"
_ZERO, _ONE = literal_column("0", Integer), literal_column("1", Integer)


def _literal(text: str) -> ColumnElement[str]:
    """One of our own words, in the statement itself."""
    return literal_column("'" + text.replace("'", "''") + "'", Text)


_BROKEN = literal_column(f"'\"{BROKEN}\"'::json", JSON)


def bound(at: int) -> str:
    """The parameter that holds what the cursors of a page are bound to."""
    return f"bound_{at}"


def most_rows(selection: Selection, rows: Sequence[Page[Any] | Select[Any]]) -> int:
    """How many rows the answer has at most: every page full, of everything that hangs from every row."""

    def of(one: Any) -> int:
        if isinstance(one, Object):
            return 1 + sum(map(of, one.fields))
        if isinstance(one, One | Found):
            return of(one.of)
        if isinstance(one, Part):
            return sum(map(of, one.parts)) + (0 if one.of is None else of(one.of))
        if isinstance(one, Many):
            page = rows[one.at]
            return sum(map(of, one.parts)) * (page.limit if isinstance(page, Page) else 1)
        return 0

    return sum(map(of, selection.fields))


def statement(selection: Selection, rows: Sequence[Page[Any] | Select[Any]]) -> Select[str, str]:
    """The statement that answers `selection`; `rows` says for each field that was asked with arguments which rows."""
    columns = []
    for one in selection.fields:
        if isinstance(one, Word):
            columns.append(_literal(one.text).label(one.key))
        elif isinstance(one, Found):
            columns.append(_found(one, rows).label(one.key))
        else:
            columns.append(_connection(one, None, rows).label(one.key))
    role: ColumnElement[str] = literal_column("current_user::text")
    return select(role, cast(_json(select(*columns).subquery()), Text))


def _json(row: Any) -> Any:
    # With its star: a bare name would be the column of that name, where a client calls something so.
    whole: Any = literal_column("*")
    whole.table = row
    return func.row_to_json(whole, type_=JSON)


def _found(field: Found, rows: Any) -> Any:
    return _row(field.of, rows[field.at], rows).scalar_subquery()


def _row(of: Object, chosen: Select[Any], rows: Any, *outside: FromClause) -> Select[Any]:
    """One row's JSON. `outside` is the row that it hangs from."""
    source = _source(of.entity, chosen, of.needs, outside).subquery()
    columns = _columns(of, source, rows, None)
    if not columns:
        # Directives left out all that was asked of it, and it is there nevertheless.
        return select(literal_column("'{}'::json", JSON)).select_from(source)
    return select(_json(select(*columns).select_from(source).subquery()))


def _source(entity: Any, chosen: Select[Any], needs: Iterable[str], outside: Sequence[FromClause]) -> Select[Any]:
    """`chosen`, of which nothing is read but what is needed. A row of which nothing is needed is still a row."""
    columns = [getattr(entity, name).label(name) for name in sorted(needs)] or [true().label("there")]
    return chosen.with_only_columns(*columns, maintain_column_froms=True).correlate(*outside)


def _columns(of: Object, source: FromClause, rows: Any, beside: _Beside | None) -> list[Any]:
    """What is told of each row of `source`; what may be found for all of them at once is put `beside` it."""
    columns = []
    reads: dict[str, Any] = {}
    for field in of.fields:
        if isinstance(field, Word):
            columns.append(_literal(field.text).label(field.key))
        elif isinstance(field, Value):
            columns.append(_value(field, source).label(field.key))
            if field.read is not None:
                reads[field.read] = source.c.id
        elif isinstance(field, One):
            columns.append(_one(field, source, rows, beside).label(field.key))
        else:
            columns.append(_connection(field, source, rows).label(field.key))
    return columns + [id.label(key) for key, id in reads.items()]


def _one(field: One, source: FromClause, rows: Any, beside: _Beside | None) -> Any:
    """The row that hangs from a row of `source`: a subquery, where nothing hangs from it in turn."""
    local, remote, target = relation_of(field.relation)
    if beside is not None and _leads_on(field):
        found = beside.found(field, source, rows)
    else:
        found = _row(field.of, select(target).where(remote == source.c[local.key]), rows, source).scalar_subquery()
    return found if field.nullable else func.coalesce(found, _BROKEN)


def _leads_on(field: Any) -> bool:
    """A relation to one row, from which something hangs in turn. A join needs its key to be unique, too."""
    if not isinstance(field, One):
        return False
    (key,) = relation_of(field.relation)[1].property.columns
    unique = bool(key.primary_key or key.unique)
    return unique and any(isinstance(one, One | Many) for one in field.of.fields)


class _Beside:
    """What is joined to a page: the rows its rows lead to, each found once, however many lead there.

    Twenty meetings are of three events, and those of one organization: what hangs from that is asked for once.
    """

    def __init__(self) -> None:
        self.ctes: list[CTE] = []
        self._joins: list[tuple[Any, Any]] = []

    def found(self, field: One, source: FromClause, rows: Any) -> Any:
        """The column that holds the JSON of the row to which each row of `source` leads."""
        local, remote, target = relation_of(field.relation)
        keys = select(source.c[local.key].label(_KEY)).distinct().subquery()
        chosen = select(target).join(keys, remote == keys.c[_KEY])
        each = _source(field.of.entity, chosen, field.of.needs | {remote.key}, ()).cte(nesting=True)
        self.ctes.append(each)
        inner = _Beside()
        inner.ctes = self.ctes
        told = select(*_columns(field.of, each, rows, inner)).correlate(each, *inner.joined).lateral()
        shown = select(each.c[remote.key].label(_KEY), _json(told).label(_TOLD))
        # Kept, lest a plan with a nested loop finds it all again for each row of the page.
        found = shown.select_from(inner.to(each).join(told, true())).cte(nesting=True).prefix_with("MATERIALIZED")
        self.ctes.append(found)
        self._joins.append((found, found.c[_KEY] == source.c[local.key]))
        return found.c[_TOLD]

    @property
    def joined(self) -> list[Any]:
        return [found for found, _ in self._joins]

    def to(self, source: Any) -> Any:
        """`source`, with all of it beside each row."""
        for found, condition in self._joins:
            source = source.outerjoin(found, condition)
        return source


def _connection(field: Many, outside: FromClause | None, rows: Any) -> Any:
    """A connection's JSON: its parts, each of which asks for no more than it needs."""
    page: Page[Any] = rows[field.at]
    chosen: Select[Any] = page.collection.rows()
    around: tuple[FromClause, ...] = ()
    if field.relation is not None and outside is not None:
        local, remote, _ = relation_of(field.relation)
        chosen, around = chosen.where(remote == outside.c[local.key]), (outside,)
    window = _Window(page, field)
    gathered = _gathered(window, chosen, around, rows) if window.shown else None
    columns = []
    for part in field.parts:
        column: Any
        if part.name == "totalCount":
            counted = page.matching(chosen).with_only_columns(func.count(), maintain_column_froms=True)
            column = counted.correlate(*around).scalar_subquery()
        elif gathered is None or part not in window.shown:
            column = _literal(part.name)
        elif part.name == "pageInfo":
            inner = select(*window.info(part, gathered)).correlate(gathered).subquery()
            column = select(_json(inner)).scalar_subquery()
        else:
            array = func.array_to_json(window.kept(gathered.c[part.key], gathered))
            column = func.coalesce(array, literal_column("'[]'::json", JSON))
        columns.append(column.label(part.key))
    shaped = select(*columns)
    return select(_json((shaped if gathered is None else shaped.select_from(gathered)).subquery())).scalar_subquery()


class _Window:
    """What is fetched of a list and what of it is kept: one row more is fetched where it is asked if there is more."""

    def __init__(self, page: Page[Any], field: Many) -> None:
        self.page = page
        self.seal = bindparam(bound(field.at), type_=Text)
        self.shown = [part for part in field.parts if part.name in _OF_THE_PAGE]
        told = {below.name for part in self.shown if part.name == "pageInfo" for below in part.parts}
        self.more = ("hasPreviousPage" if page.backward else "hasNextPage") in told
        self.ends = bool({"startCursor", "endCursor"} & told)

    @property
    def _objects(self) -> list[Object]:
        return [one.of for part in self.shown for one in (part, *part.parts) if one.of is not None]

    @property
    def needs(self) -> frozenset[str]:
        """The attributes that are read of each row: for its place, and for what is shown of it."""
        return frozenset(column.key for column, _ in self.page.walk).union(*(of.needs for of in self._objects))

    @property
    def leads_on(self) -> bool:
        """Its rows lead to rows from which something hangs."""
        return any(_leads_on(one) for of in self._objects for one in of.fields)

    def first_and_last(self, gathered: Subquery) -> tuple[Any, Any]:
        """Which of those gathered are kept, counted from 1: the row too many is the walk's last."""
        seen, limit = gathered.c[_SEEN], literal_column(str(self.page.limit), Integer)
        if self.page.backward:
            return func.greatest(seen - limit, _ZERO) + _ONE, seen
        return _ONE, func.least(seen, limit)

    def kept(self, array: Any, gathered: Subquery) -> Any:
        """What was gathered, without the row too many."""
        first, last = self.first_and_last(gathered)
        return array[first:last] if self.more else array

    def info(self, part: Part, gathered: Subquery) -> list[Any]:
        """The columns of `pageInfo`."""
        told: dict[str, Any] = {
            "hasNextPage": false() if self.page.before is None else true(),
            "hasPreviousPage": false() if self.page.after is None else true(),
        }
        if self.more:
            side = "hasPreviousPage" if self.page.backward else "hasNextPage"
            told[side] = gathered.c[_SEEN] > literal_column(str(self.page.limit))
        if self.ends:
            first, last = self.first_and_last(gathered)
            told |= {"startCursor": gathered.c[_CURSORS][first], "endCursor": gathered.c[_CURSORS][last]}
        return [told.get(below.name, _literal(below.name)).label(below.key) for below in part.parts]

    def cursor(self, source: FromClause) -> Any:
        """Where a row stands, from its own columns."""
        return sealed_sql(self.seal, [source.c[column.key] for column, _ in self.page.walk])


def _gathered(window: _Window, chosen: Select[Any], around: Sequence[FromClause], rows: Any) -> Subquery:
    """The rows of the page, counted, and gathered into an array for each part that shows them, in the list's order."""
    page = window.page
    walked = page.walking(chosen).limit(literal_column(str(page.limit + window.more)))
    rows_of = _source(page.collection.entity, walked, window.needs, around)
    source: Any = rows_of.cte(nesting=True) if window.leads_on else rows_of.subquery()
    ordering = [
        source.c[column.key].desc() if descends is not page.backward else source.c[column.key].asc()
        for column, descends in page.walk
    ]
    beside = _Beside()
    shown: list[Any] = []

    def told(columns: Sequence[Any]) -> Any:
        one = select(*columns).correlate(source, *beside.joined, *shown).lateral()
        shown.append(one)
        return _json(one)

    def array(element: Any, key: str, type_: Any) -> Any:
        return type_coerce(func.array_agg(aggregate_order_by(element, *ordering)), ARRAY(type_)).label(key)

    columns: list[Any] = [func.count().label(_SEEN)]
    for part in window.shown:
        if part.of is not None:
            columns.append(array(told(_columns(part.of, source, rows, beside)), part.key, JSON))
        elif part.name == "edges":
            edge = []
            for below in part.parts:
                if below.of is not None:
                    value = told(_columns(below.of, source, rows, beside))
                else:
                    value = window.cursor(source) if below.name == "cursor" else _literal(below.name)
                edge.append(value.label(below.key))
            columns.append(array(told(edge), part.key, JSON))
    if window.ends:
        columns.append(array(window.cursor(source), _CURSORS, Text))
    froms = beside.to(source)
    for one in shown:
        froms = froms.join(one, true())
    gathered = select(*columns).select_from(froms)
    return (gathered.add_cte(source, *beside.ctes, nest_here=True) if window.leads_on else gathered).subquery()


def _value(field: Value, source: FromClause) -> Any:
    """What a field answers, as Postgres writes it in JSON."""
    column = field.sql(_Columns(source), field.type_name)
    written = _written(field.type, column)
    if field.may_break:
        return func.coalesce(func.to_json(written), _BROKEN)
    return written


def _written(type_: GraphQLOutputType, column: Any) -> Any:
    named: Any = get_named_type(type_)
    if isinstance(named, GraphQLEnumType):
        if is_list_type(get_nullable_type(type_)):
            raise Unplannable(f"a list of {named.name}")
        known = {value.value: name for name, value in named.values.items()}
        names = [(column == _literal(stored), _literal(name)) for stored, name in known.items()]
        return case((column.is_(None), null()), *names, else_=_literal(BROKEN))
    form = SQL_FORMS.get(named.name)
    if form is not None and is_list_type(get_nullable_type(type_)):
        raise Unplannable(f"a list of {named.name}")
    if isinstance(column.type, ARRAY):
        # No list of ours has a hole.
        return case((func.array_position(column, null()).is_not(None), _BROKEN), else_=func.to_json(column))
    return column if form is None else form(column)


class _Columns:
    """A source as a form sees it: a row, with its attributes."""

    def __init__(self, source: FromClause) -> None:
        self._source = source

    def __getattr__(self, name: str) -> Any:
        return self._source.c[name]
