"""A document's operations priced: what each could return, read off the schema's declarations and the arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from graph.fields import ToMany
from graph.limits.cost import CHANGING, COUNTING, Conditions, Cost, Patterns, Sum, Term, Times
from graph.paging import DEFAULT_FIRST, MOST


def costs(schema: GraphQLSchema, document: DocumentNode) -> dict[str, Cost]:
    """The cost of each operation of a valid document, by its name."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    return {
        node.name.value if node.name else "": _Counting(schema, fragments).cost(node)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    }


@dataclass(frozen=True)
class _Asked:
    """A field where it stands: of which declaration, under which conditions."""

    node: FieldNode
    declared: GraphQLField
    conditions: Conditions


@dataclass
class _Counting:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    wrappers: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    """Keys below a row: an answer may hold them many times."""
    keys: set[str] = field(default_factory=set)
    rows: int = 0
    """Within how many rows, while the document is walked."""

    def cost(self, operation: OperationDefinitionNode) -> Cost:
        """The cost of one operation."""
        root: Any = self.schema.get_root_type(operation.operation)
        grouped = self._grouped([(root, operation.selection_set, ())])
        changes = len(grouped) if operation.operation is OperationType.MUTATION else 0
        points = _total([Sum(CHANGING * changes), *(self._field(key, asked) for (key, _), asked in grouped.items())])
        # A key that is also an object's cannot be told from it in the answer: it counts.
        wrappers = self._patterns(self.wrappers - self.objects, '"{}":{{')
        return Cost(points, changes, wrappers, self._patterns(self.counted, '"{}":'))

    def _patterns(self, keys: Iterable[str], form: str) -> Patterns:
        found = sorted((form.format(key).encode(), key in self.repeated) for key in keys)
        return Patterns(tuple(one for one, often in found if not often), tuple(one for one, often in found if often))

    def _field(self, key: str, asked: list[_Asked]) -> Sum:
        declared, node = asked[0].declared, asked[0].node
        type_: Any = get_named_type(declared.type)
        if not is_composite_type(type_):
            return Sum(0)
        if isinstance(_rows(declared), ToMany):
            self.wrappers.add(key)
            each = self._connection(type_, asked, _page(node))
            times = _ONCE
        else:
            self.objects.add(key)
            times = _length(declared, node)
            self.rows += times is not _ONCE
            each = _total([Sum(1), self._below(type_, asked)])
            self.rows -= times is not _ONCE
        return _times(times, each, _common(asked))

    def _below(self, type_: Any, asked: Iterable[_Asked]) -> Sum:
        return _total([self._field(key, one) for (key, _), one in self._in(type_, asked).items()])

    def _in(self, type_: Any, asked: Iterable[_Asked]) -> dict[tuple[str, int], list[_Asked]]:
        sets = [(type_, one.node.selection_set, ()) for one in asked if one.node.selection_set]
        return self._grouped(sets)

    def _connection(self, type_: Any, asked: list[_Asked], page: Times) -> Sum:
        parts = []
        for (key, _), one in self._in(type_, asked).items():
            name, below = one[0].node.name.value, get_named_type(one[0].declared.type)
            if name == "totalCount":
                self.counted.add(key)
                parts.append(_times(_ONCE, Sum(COUNTING), _common(one)))
            elif name == "pageInfo":
                self.wrappers.add(key)
            elif name in {"nodes", "edges"}:
                self.objects.add(key)
                self.rows += 1
                each = self._below(below, one) if name == "nodes" else self._edge(below, one)
                self.rows -= 1
                parts.append(_times(page, _total([Sum(1), each]), _common(one)))
        return _total(parts)

    def _edge(self, type_: Any, asked: list[_Asked]) -> Sum:
        """An edge is the row it leads to."""
        parts = []
        for (key, _), one in self._in(type_, asked).items():
            if one[0].node.name.value == "node":
                self.wrappers.add(key)
                parts.append(_times(_ONCE, self._below(get_named_type(one[0].declared.type), one), _common(one)))
        return _total(parts)

    def _grouped(self, sets: Iterable[tuple[Any, SelectionSetNode, Conditions]]) -> dict[tuple[str, int], list[_Asked]]:
        """What is asked for under each key, of each declaration: what stands twice is answered once."""
        found: dict[tuple[str, int], list[_Asked]] = {}
        for one in self._fields(sets):
            key = one.node.alias.value if one.node.alias else one.node.name.value
            found.setdefault((key, id(one.declared)), []).append(one)
        keys = {key for key, _ in found}
        # What stands at two places, or of each of several rows.
        self.repeated |= keys if self.rows else keys & self.keys
        self.keys |= keys
        return found

    def _fields(self, sets: Iterable[tuple[Any, SelectionSetNode, Conditions]]) -> Iterator[_Asked]:
        waiting = list(sets)
        while waiting:
            type_, selections, around = waiting.pop()
            for one in selections.selections:
                conditions = around + _conditions(one)
                if isinstance(one, FieldNode):
                    declared = getattr(type_, "fields", {}).get(one.name.value)
                    if declared is not None:
                        yield _Asked(one, declared, conditions)
                else:
                    target: Any = self.fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
                    named = target.type_condition
                    below = type_ if named is None else self.schema.get_type(named.name.value)
                    waiting.append((below, target.selection_set, conditions))


_ONCE = Times((), 1)


def _rows(declared: GraphQLField) -> Any:
    definition = declared.extensions.get("strawberry-definition")
    return getattr(definition, "metadata", {}).get("rows")


def _total(parts: Iterable[Sum]) -> Sum:
    found = list(parts)
    return Sum(sum(one.constant for one in found), tuple(term for one in found for term in one.terms))


def _times(times: Times, each: Sum, conditions: Conditions) -> Sum:
    if not (times.variables or each.terms or conditions):
        return Sum(times.otherwise * each.constant)
    return Sum(0, (Term(times, each, conditions),))


def _common(asked: list[_Asked]) -> Conditions:
    """Under which conditions it is left out. What stands at several places may be asked for at one of them."""
    return asked[0].conditions if len(asked) == 1 else ()


def _conditions(node: Any) -> Conditions:
    return tuple(
        (argument.value.name.value, directive.name.value == "include")
        for directive in node.directives or ()
        for argument in directive.arguments or ()
        if directive.name.value in {"include", "skip"} and isinstance(argument.value, VariableNode)
    )


def _page(node: FieldNode) -> Times:
    """How many rows the page of a connection has at most. What is out of range is refused when it is asked for."""
    variables, most = [], DEFAULT_FIRST
    for argument in node.arguments or ():
        if argument.name.value in {"first", "last"}:
            if isinstance(argument.value, VariableNode):
                variables.append(argument.value.name.value)
            elif isinstance(argument.value, IntValueNode):
                most = max(1, min(int(argument.value.value), MOST))
    return Times(tuple(variables), most)


def _length(declared: GraphQLField, node: FieldNode) -> Times:
    """How many objects a field has that is no connection: one; of a list, as many as it was given ids, or some."""
    if not is_list_type(get_nullable_type(declared.type)):
        return _ONCE
    for argument in node.arguments or ():
        if isinstance(argument.value, VariableNode):
            return Times((argument.value.name.value,), MOST)
        if isinstance(argument.value, ListValueNode):
            return Times((), min(len(argument.value.values), MOST))
    is_rows = "id" in getattr(get_named_type(declared.type), "fields", {})
    return Times((), MOST if is_rows else DEFAULT_FIRST)
