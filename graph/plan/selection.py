"""What a document asks for, as rows and columns: read off the declarations that the interpreter runs, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from sqlalchemy import JSON, inspect

from db.tables.base import Row
from graph.audit import Action
from graph.fields import Chosen, Form, ToMany, ToOne
from graph.loaders import relation_of

# Postgres cuts a longer name, and two answers' keys could become one.
_LONGEST_KEY = 63
_MOST_FIELDS = 1_000
# Each is a subquery or two: compiling them takes about a millisecond, and nobody else is served meanwhile.
_MOST_RELATIONS = 60
# Cursors are of one caller.
_BOUND = frozenset({"after", "before"})


class Unplannable(Exception):
    """The operation asks for something that has no form in SQL; the message names the field."""


@dataclass(frozen=True, eq=False)
class Word:
    """`__typename`: known before the rows are."""

    key: str
    text: str


@dataclass(frozen=True, eq=False)
class Value:
    """A column, or what is computed from columns. `needs` names the row's attributes it is made of."""

    key: str
    type: GraphQLOutputType
    sql: Callable[[Any, str], Any]
    type_name: str
    needs: frozenset[str]
    may_break: bool
    """The schema says that it is never null, and the columns it is made of may be."""
    read: str | None = None
    """It is health data: the hidden key under which the row's id is answered, to be recorded."""


@dataclass(frozen=True, eq=False)
class One:
    """The row that a relation leads to."""

    key: str
    relation: Any
    of: Object
    nullable: bool


@dataclass(frozen=True, eq=False)
class Found:
    """A root field that answers one row: its rows are chosen by its arguments, for each request anew."""

    key: str
    at: int
    of: Object


@dataclass(frozen=True, eq=False)
class Part:
    """Something of a connection, of an edge or of a page's info: `name` says what, `of` what is asked of its node."""

    key: str
    name: str
    parts: tuple[Part, ...] = ()
    of: Object | None = None


@dataclass(frozen=True, eq=False)
class Many:
    """A connection: `at` is its place among the pages of the operation."""

    key: str
    at: int
    relation: Any
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Object:
    """What is asked of each row of one entity."""

    entity: type[Row]
    fields: tuple[Word | Value | One | Many, ...]

    @property
    def needs(self) -> frozenset[str]:
        """The attributes of the row that are read, and no others."""
        found: set[str] = set()
        for one in self.fields:
            if isinstance(one, Value):
                found |= one.needs
            elif isinstance(one, One) or (isinstance(one, Many) and one.relation is not None):
                found.add(relation_of(one.relation)[0].key)
        return frozenset(found)


@dataclass(frozen=True)
class Read:
    """Health data that was read: what is recorded of it, and its field's name."""

    action: Action
    field: str


@dataclass(frozen=True, eq=False)
class Asked:
    """A field whose arguments decide which rows. Its own declaration says which, and touches no database."""

    field: GraphQLField
    node: FieldNode
    fixed: bool
    """Its arguments are the same in every request, and bound to no caller."""


@dataclass(frozen=True, eq=False)
class Selection:
    """Everything that one operation asks for, for one choice of its directives."""

    fields: tuple[Word | Found | Many, ...]
    asked: tuple[Asked, ...]
    reads: Mapping[str, Read]
    """The hidden keys of the answer, each holding the id of a thing whose health data was read."""


@dataclass
class Selecting:
    """The walk over one operation. Raises Unplannable at the first field that has no form in SQL.

    `kind_of` says of which type a field's id is, where the schema only knows that it is a Node.
    """

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    variables: VariableValues
    kind_of: Callable[[FieldNode], str]
    asked: list[Asked] = field(default_factory=list)
    reads: dict[str, Read] = field(default_factory=dict)
    holds_json: bool = False
    seen: int = 0
    relations: int = 0

    def selection(self) -> Selection:
        """What the operation asks for."""
        root = self.schema.query_type
        if root is None:
            raise Unplannable("no queries")
        collected = collect_fields(self.schema, self.fragments, self.variables, root, self.operation)
        fields = tuple(self._root(root, key, details) for key, details in self._each(collected.grouped_field_set))
        return self._selected(fields)

    def row(self, key: str, type_: GraphQLObjectType, details: list[Any]) -> Selection:
        """What the answer of a mutation asks of the row that it wrote, which stands last among the rows."""
        of = self.object(type_, details)
        if all(isinstance(one, Word) or (isinstance(one, Value) and one.read is None) for one in of.fields):
            raise Unplannable("nothing but the row itself")
        return self._selected((Found(key, len(self.asked), of),))

    def _selected(self, fields: tuple[Word | Found | Many, ...]) -> Selection:
        if self.reads and self.holds_json:
            # A hidden key is looked for wherever there is an object, and JSON that somebody stored may have any key.
            raise Unplannable("health data beside JSON")
        return Selection(fields, tuple(self.asked), self.reads)

    def _root(self, root: GraphQLObjectType, key: str, details: list[Any]) -> Word | Found | Many:
        name, declared, metadata = _declaration(root, details)
        if declared is None:
            return Word(key, root.name)
        rows = metadata.get("rows")
        if isinstance(rows, ToMany):
            return self._many(key, declared, rows, details)
        if isinstance(rows, Chosen):
            type_: Any = get_named_type(declared.type)
            if not is_object_type(type_):
                type_ = self.schema.get_type(self.kind_of(details[0].node))
            at = self._ask(declared, details)
            return Found(key, at, self.object(type_, details))
        raise Unplannable(f"{root.name}.{name}")

    def object(self, type_: Any, details: list[Any]) -> Object:
        """What is asked of one row of this type."""
        self._relation()
        if type_ is None:
            raise Unplannable("an id of no type")
        declaration = type_.extensions.get("strawberry-definition")
        entity: type[Row] | None = getattr(getattr(declaration, "origin", None), "entity", None)
        if entity is None:
            raise Unplannable(type_.name)
        fields: list[Word | Value | One | Many] = []
        for key, inner in self._sub(type_, details):
            name, declared, metadata = _declaration(type_, inner)
            if declared is None:
                fields.append(Word(key, type_.name))
                continue
            rows = metadata.get("rows")
            if isinstance(rows, ToOne):
                of = self.object(get_named_type(declared.type), inner)
                fields.append(One(key, rows.relation, of, nullable=not is_non_null_type(declared.type)))
            elif isinstance(rows, ToMany):
                fields.append(self._many(key, declared, rows, inner))
            else:
                fields.append(self._value(key, type_, entity, declared, f"{type_.name}.{name}"))
        return Object(entity, tuple(fields))

    def _value(self, key: str, type_: GraphQLObjectType, entity: type[Row], declared: GraphQLField, name: str) -> Value:
        definition = declared.extensions["strawberry-definition"]
        form: Form | None = definition.metadata.get("form")
        if form is None:
            attribute = definition.python_name
            column = inspect(entity).column_attrs.get(attribute)
            if definition.base_resolver is not None or column is None or column.deferred:
                raise Unplannable(name)
            form = Form(lambda row, _: getattr(row, attribute))
        needs = _Reading(entity)
        form.sql(needs, type_.name)
        columns = [inspect(entity).column_attrs[one].columns[0] for one in needs.read]
        is_json = any(isinstance(column.type, JSON) for column in columns)
        self.holds_json |= is_json
        # JSON has a null of its own.
        may_break = is_non_null_type(declared.type) and (is_json or any(column.nullable for column in columns))
        if form.read is not None:
            needs.read.add("id")
            # A key that no document can ask for, and no client ever gets.
            self.reads[f"#{name}"] = Read(form.read, name.rpartition(".")[2])
        told = None if form.read is None else f"#{name}"
        return Value(key, declared.type, form.sql, type_.name, frozenset(needs.read), may_break, told)

    def _many(self, key: str, declared: GraphQLField, rows: ToMany, details: list[Any]) -> Many:
        self._relation()
        at = self._ask(declared, details)
        connection: Any = get_named_type(declared.type)
        return Many(key, at, rows.relation, tuple(self._parts(connection, details)))

    def _parts(self, type_: Any, details: list[Any]) -> Iterator[Part]:
        """What is asked of a connection, and in it of its edges and its page's info."""
        for key, inner in self._sub(type_, details):
            name, declared, _ = _declaration(type_, inner)
            if declared is None:
                yield Part(key, type_.name)
                continue
            below: Any = get_named_type(declared.type)
            if name in {"nodes", "node"}:
                yield Part(key, name, of=self.object(below, inner))
            elif name in {"edges", "pageInfo"}:
                yield Part(key, name, tuple(self._parts(below, inner)))
            else:
                yield Part(key, name)

    def _relation(self) -> None:
        self.relations += 1
        if self.relations > _MOST_RELATIONS:
            raise Unplannable(f"more than {_MOST_RELATIONS} relations")

    def _ask(self, declared: GraphQLField, details: list[Any]) -> int:
        node = details[0].node
        fixed = not any(one.name.value in _BOUND or _varies(one.value) for one in node.arguments or ())
        self.asked.append(Asked(declared, node, fixed))
        return len(self.asked) - 1

    def _sub(self, type_: GraphQLObjectType, details: list[Any]) -> Iterator[tuple[str, list[Any]]]:
        found = collect_subfields(self.schema, self.fragments, self.variables, self.operation, type_, details)
        return self._each(found.grouped_field_set)

    def _each(self, grouped: Mapping[str, list[Any]]) -> Iterator[tuple[str, list[Any]]]:
        for key, details in grouped.items():
            self.seen += 1
            if self.seen > _MOST_FIELDS:
                raise Unplannable(f"more than {_MOST_FIELDS} fields")
            if len(key) > _LONGEST_KEY:
                raise Unplannable(f"a key of more than {_LONGEST_KEY} characters")
            yield key, details


class _Reading:
    """Stands for a row while a form is asked what it is made of."""

    def __init__(self, entity: type[Row]) -> None:
        self.entity = entity
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        return getattr(self.entity, name)


def _declaration(type_: GraphQLObjectType, details: list[Any]) -> tuple[str, GraphQLField | None, Mapping[Any, Any]]:
    """The name of a field, how it was declared, and with what; no declaration for `__typename`."""
    name = details[0].node.name.value
    if name == "__typename":
        return name, None, {}
    declared = type_.fields.get(name)
    if declared is None:
        raise Unplannable(name)
    definition = declared.extensions.get("strawberry-definition")
    return name, declared, getattr(definition, "metadata", {})


def _varies(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(_varies(one) for one in value.values)
    if isinstance(value, ObjectValueNode):
        return any(_varies(one.value) for one in value.fields)
    return isinstance(value, VariableNode)
