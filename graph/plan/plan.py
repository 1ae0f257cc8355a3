"""Plans: the statement of an operation, compiled once for each shape of it, and the values of each request.

Two requests have the same shape when only values differ: directives choose the same fields, ids are of the same
types, and every list has the same filter fields, order, direction and size. Values are parameters; none becomes text.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import orjson
from graphql import (
    DirectiveNode,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.values import VariableValues, get_argument_values
from sqlalchemy import BindParameter, Dialect, Select, and_, select

from db.scope import entity_of
from graph.context import Context
from graph.documents import Document
from graph.errors import ClientError
from graph.fields import Chosen, Listed
from graph.ids import parsed
from graph.paging import Page
from graph.plan.selection import Asked, Selecting, Selection, Unplannable
from graph.plan.statement import BROKEN, bound, most_rows, statement

_REMEMBERED = 1_000
_LONGEST = 64_000
_MOST_ROWS = 50_000
# A row that was written is answered as the one field of an object.
_ROW = "row"
_ROW_BEGINS, _ROW_ENDS = b'{"row":', b"}"


class Unplanned(Exception):
    """The interpreter answers this one; the message says why, in words of the schema."""


@dataclass(frozen=True)
class Statement:
    """The text for Postgres, and where the value of each of its parameters comes from."""

    text: str
    places: tuple[tuple[int, int | None, Callable[[Any], Any] | None], ...]
    """For each: which of the fields with arguments, which of its values (None is its seal), and how it is sent."""

    def filled(self, rows: Sequence[_Rows], caller: str) -> list[Any]:
        """The parameters for one request."""
        values = ((rows[at].value(which, caller), sent) for at, which, sent in self.places)
        return [value if sent is None else sent(value) for value, sent in values]


@dataclass(frozen=True)
class Prepared:
    """One request's statement: its text, its parameters, and what it answers."""

    text: str
    values: Sequence[Any]
    selection: Selection

    def beside(self, function: str, document: str) -> Prepared:
        """The same, which calls a function of ours on a JSON document as well, in the same round trip."""
        called = f"select {function}(${len(self.values) + 1}::jsonb) as called"
        text = (
            f"with beside as materialized ({called}) select answer.*, beside.called from beside, ({self.text}) answer"
        )
        return Prepared(text, [*self.values, document], self.selection)

    def told(self, data: str, context: Context) -> bytes:
        """The JSON as it goes out. What was read of health data is put on the operation's trail, and only there."""
        if not self.selection.reads:
            return data.encode()
        told = orjson.loads(data)
        self._record(told, context)
        return orjson.dumps(told)

    def _record(self, told: Any, context: Context) -> None:
        if isinstance(told, list):
            for one in told:
                self._record(one, context)
        elif isinstance(told, dict):
            for key in self.selection.reads.keys() & told.keys():
                read = self.selection.reads[key]
                context.trail.read(read.action, told.pop(key), fields=[read.field])
            for one in told.values():
                self._record(one, context)


@dataclass(frozen=True)
class _Rows:
    """What one field asks for: which rows, of which shape, and the values that differ within a shape."""

    rows: Page[Any] | Select[Any]
    shape: Any
    values: tuple[Any, ...]
    parameters: tuple[BindParameter[Any], ...]

    def value(self, which: int | None, caller: str) -> Any:
        """One of the values, or what the cursors of these rows are bound to for this caller."""
        if which is not None:
            return self.values[which]
        return self.rows.bound_for(caller) if isinstance(self.rows, Page) else None


@dataclass(frozen=True)
class Asking:
    """One request: which operation of which document, for whom, with which variables."""

    document: Document
    name: str | None
    context: Context
    variables: VariableValues


class Plans:
    """The plans of a process, those used last."""

    def __init__(self, schema: GraphQLSchema, dialect: Dialect) -> None:
        self._schema = schema
        self._dialect = dialect
        self._inputs = lru_cache(_REMEMBERED)(_inputs)
        self._selections: OrderedDict[Any, Selection | Unplannable] = OrderedDict()
        self._fixed: OrderedDict[Asked, _Rows] = OrderedDict()
        self._statements: OrderedDict[Any, Statement | Unplannable] = OrderedDict()
        self._roles: OrderedDict[str, str] = OrderedDict()

    async def data(self, asking: Asking) -> bytes:
        """The `data` of a query's answer, from one statement. Raises Unplanned."""
        prepared = self.prepared(asking)
        return await self._read(asking.context, prepared)

    async def row(self, asking: Asking, type_: GraphQLObjectType, details: list[Any], row: Any) -> bytes:
        """What a mutation's answer asks of the row that it wrote, from one statement. Raises Unplanned."""
        prepared = self._prepared_row(asking, type_, details, row)
        trail = asking.context.trail
        if entries := trail.unwritten:
            # On the way: what was changed is stored in the trail before what is asked of it is read.
            prepared = prepared.beside("app.record_audit", orjson.dumps(entries).decode())
        data = await self._read(asking.context, prepared)
        trail.written += len(entries)
        if (found := data.removeprefix(_ROW_BEGINS).removesuffix(_ROW_ENDS)) == b"null":
            raise Unplanned("the row is no longer seen")
        return found

    def prepared(self, asking: Asking) -> Prepared:
        """The statement of a query for one request, and its values; nothing is sent. Raises Unplanned."""
        return self._prepared(asking, (), Selecting.selection)

    def _prepared_row(self, asking: Asking, type_: GraphQLObjectType, details: list[Any], row: Any) -> Prepared:
        entity: Any = entity_of(row)
        chosen = select(entity).where(entity.id == row.id)
        shape, parameters = _shape(chosen)
        written = _Rows(chosen, shape, tuple(one.effective_value for one in parameters), parameters)
        where = (type_.name, id(details[0].node))
        return self._prepared(asking, where, lambda walk: walk.row(_ROW, type_, details), written)

    def _prepared(
        self, asking: Asking, where: Any, walk: Callable[[Selecting], Selection], *written: _Rows
    ) -> Prepared:
        if asking.context.principal.organization_id is None:
            raise Unplanned("no organization")
        given = asking.variables.coerced
        try:
            deciding, naming = self._inputs(asking.document, asking.name)
            # Of any other type it is another operation's variable of that name; null is said by the interpreter.
            choices = {name: given[name] for name in deciding if isinstance(given.get(name), bool)}
            kinds = {name: parsed(given[name])[0] for name in naming if isinstance(given.get(name), str)}
            key = (asking.document, asking.name, where, *choices.items(), *kinds.items())
            selection = _once(self._selections, key, lambda: walk(self._selecting(asking, choices, kinds)))
            rows = [*(self._rows(asked, asking) for asked in selection.asked), *written]
        except (ClientError, GraphQLError):
            # The interpreter has the words for it.
            raise Unplanned("arguments") from None
        shape = (selection, *(one.shape for one in rows))
        compiled = _once(self._statements, shape, lambda: _compiled(selection, rows, self._dialect))
        return Prepared(compiled.text, compiled.filled(rows, asking.context.caller), selection)

    async def _read(self, context: Context, prepared: Prepared) -> bytes:
        # Postgres plans a prepared statement anew whenever another role runs it, so each role has a text of its own.
        role = self._roles.get(context.caller, "")
        found_role, data = await context.transaction.json(f"/* {role} */ {prepared.text}", prepared.values)
        if found_role != role:
            _remember(self._roles, context.caller, found_role)
        if BROKEN in data:
            raise Unplanned("something that is never null is")
        return prepared.told(data, context)

    def _selecting(self, asking: Asking, choices: dict[str, Any], kinds: dict[str, str]) -> Selecting:
        def kind_of(node: FieldNode) -> str:
            (value,) = [argument.value for argument in node.arguments or () if argument.name.value == "id"]
            return kinds.get(value.name.value, "") if isinstance(value, VariableNode) else parsed(value.value)[0]  # type: ignore[attr-defined]

        document = asking.document
        variables = VariableValues({}, choices)
        return Selecting(self._schema, document.operation(asking.name), document.fragments, variables, kind_of)

    def _rows(self, asked: Asked, asking: Asking) -> _Rows:
        if (known := self._fixed.get(asked)) is not None:
            return known
        arguments = get_argument_values(asked.field, asked.node, asking.variables)
        declared = asked.field.extensions["strawberry-definition"].metadata["rows"]
        rows: Page[Any] | Select[Any]
        if isinstance(declared, Chosen):
            rows = declared.rows(asking.context, **arguments)
            shape, parameters = _shape(rows)
        else:
            # The field's own resolver: it reads the arguments, and asks no database before its rows are awaited.
            listed: Listed = asked.field.resolve(_NOBODY, SimpleNamespace(context=asking.context), **arguments)  # type: ignore[misc]
            rows = listed.page
            condition, parameters = _shape(and_(rows.condition, *rows.beyond))
            shape = (rows.order, rows.limit, rows.backward, rows.after is None, rows.before is None, condition)
        found = _Rows(rows, shape, tuple(one.effective_value for one in parameters), parameters)
        if any(map(_holds_nul, found.values)):
            # Postgres takes none, and the interpreter sends it only where it has come to this list.
            raise Unplanned("a text with a NUL")
        if asked.fixed:
            _remember(self._fixed, asked, found)
        return found


class _Nobody:
    """Stands for the row that a list hangs from: the statement finds its own."""

    def __getattr__(self, name: str) -> None:
        return None


_NOBODY = _Nobody()


def _remember(known: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    known[key] = value
    if len(known) > _REMEMBERED:
        known.popitem(last=False)


K = TypeVar("K", Selection, Statement)


def _once(known: OrderedDict[Any, Any], key: Any, make: Callable[[], K]) -> K:
    """What was made for this key, the first time; or why it cannot be. Raises Unplanned."""
    found = known.get(key)
    if found is None:
        try:
            found = make()
        except Unplannable as why:
            found = why
        except RecursionError:
            found = Unplannable("relations that nest too deep")
        _remember(known, key, found)
    else:
        known.move_to_end(key)
    if isinstance(found, Unplannable):
        raise Unplanned(str(found))
    return cast("K", found)


def _holds_nul(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_holds_nul, value))
    return isinstance(value, str) and "\0" in value


def _shape(clause: Any) -> tuple[Any, tuple[BindParameter[Any], ...]]:
    """What a clause has in common with all that differ from it in their values only, and those parameters, in order."""
    key = clause._generate_cache_key()  # noqa: SLF001 - what SQLAlchemy keeps its own compiled statements by
    if key is None:
        raise Unplanned("a condition without a shape")
    return key.key, tuple(key.bindparams)


def _compiled(selection: Selection, rows: Sequence[_Rows], dialect: Dialect) -> Statement:
    chosen = [one.rows for one in rows]
    if most_rows(selection, chosen) > _MOST_ROWS:
        # Postgres would gather all of it before the first byte is sent; the interpreter is ended by its deadline.
        raise Unplannable(f"more than {_MOST_ROWS} rows at most")
    compiled = statement(selection, chosen).compile(dialect=dialect)
    text = str(compiled)
    if len(text) > _LONGEST:
        raise Unplannable(f"a statement of more than {_LONGEST} characters")
    places = {id(bind): (at, which) for at, one in enumerate(rows) for which, bind in enumerate(one.parameters)}
    seals: dict[str, tuple[int, int | None]] = {bound(at): (at, None) for at in range(len(rows))}
    values = []
    for name in compiled.positiontup or ():
        bind = compiled.binds[name]
        place = seals.get(name) or places.get(id(bind))
        if place is None:
            # A value of this request whose place is not known would answer the next one.
            raise Unplannable("a value without a place")
        values.append((*place, bind.type.dialect_impl(dialect).bind_processor(dialect)))
    return Statement(text, tuple(values))


def _inputs(document: Document, name: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The variables that decide what is asked for, and those that name a thing of a type the schema leaves open."""
    found = _Inputs()
    visit(document.ast, found)
    given = {one.variable.name.value for one in document.operation(name).variable_definitions or ()}
    return tuple(sorted(found.deciding & given)), tuple(sorted(found.naming & given))


class _Inputs(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.deciding: set[str] = set()
        self.naming: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        self.deciding |= {one.value.name.value for one in node.arguments or () if isinstance(one.value, VariableNode)}

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value == "node":
            self.naming |= {one.value.name.value for one in node.arguments or () if isinstance(one.value, VariableNode)}
