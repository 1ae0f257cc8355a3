"""What an operation costs: a point for each object that it could return, and afterwards for each that it did.

A list counts as many objects as its page may have. Connections, edges and page infos are how a list is written and
cost nothing; counting a whole list costs ten points, as does a mutation.
Introspection is free: its depth bounds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

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
from graph.paging import DEFAULT_FIRST, MOST

COUNTING = 10
CHANGING = 10

Conditions: TypeAlias = tuple[tuple[str, bool], ...]
"""Variables of `@include` and `@skip`, and what each must be."""


@dataclass(frozen=True)
class _Times:
    """How many objects a list has at most: a number, or what the first of these variables that is given says."""

    variables: tuple[str, ...]
    otherwise: int

    def value(self, given: Mapping[str, Any]) -> int:
        most = self.otherwise
        for name in self.variables:
            value = given.get(name)
            if isinstance(value, int):
                most = max(1, min(value, MOST))
            elif isinstance(value, list):
                most = min(len(value), MOST)
        return most


@dataclass(frozen=True)
class _Sum:
    """Points: those that are always the same, and those that depend on variables."""

    constant: int
    terms: tuple[_Term, ...] = ()

    def value(self, given: Mapping[str, Any]) -> int:
        total = self.constant
        for term in self.terms:
            if all(given.get(name) is wanted for name, wanted in term.conditions):
                total += term.times.value(given) * term.each.value(given)
        return total


@dataclass(frozen=True)
class _Term:
    times: _Times
    each: _Sum
    conditions: Conditions


@dataclass(frozen=True)
class Cost:
    """The cost of one operation, made once for its document."""

    points: _Sum
    mutations: int
    wrappers: tuple[bytes, ...]
    """How JSON begins an object that costs nothing, one pattern for each key of them."""
    counted: tuple[bytes, ...]
    """How it begins the number of a whole list."""

    def estimate(self, given: Mapping[str, Any]) -> int:
        """At most so many points, for these variables. An operation costs one at least."""
        return max(1, self.points.value(given) if self.points.terms else self.points.constant)

    def actual(self, data: bytes | None, estimate: int) -> int:
        """What this answer cost, and never more than the estimate.

        Objects are counted by their braces, which is quick. A brace in a text counts as well.
        """
        if data is None:
            return max(1, CHANGING * self.mutations)
        points = data.count(b"{") - 1
        for pattern in self.wrappers:
            points -= data.count(pattern)
        for pattern in self.counted:
            points += COUNTING * data.count(pattern)
        return max(1, min(estimate, points + CHANGING * self.mutations))


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

    def cost(self, operation: OperationDefinitionNode) -> Cost:
        """The cost of one operation."""
        root: Any = self.schema.get_root_type(operation.operation)
        grouped = self._grouped([(root, operation.selection_set, ())])
        changes = len(grouped) if operation.operation is OperationType.MUTATION else 0
        points = _total([_Sum(CHANGING * changes), *(self._field(key, asked) for (key, _), asked in grouped.items())])
        # A key that is also an object's cannot be told from it in the answer: it counts.
        wrappers = tuple(f'"{key}":{{'.encode() for key in sorted(self.wrappers - self.objects))
        return Cost(points, changes, wrappers, tuple(f'"{key}":'.encode() for key in sorted(self.counted)))

    def _field(self, key: str, asked: list[_Asked]) -> _Sum:
        declared, node = asked[0].declared, asked[0].node
        type_: Any = get_named_type(declared.type)
        if not is_composite_type(type_):
            return _Sum(0)
        if isinstance(_rows(declared), ToMany):
            self.wrappers.add(key)
            each = self._connection(type_, asked, _page(node))
            times = _ONCE
        else:
            self.objects.add(key)
            each = _total([_Sum(1), self._below(type_, asked)])
            times = _length(declared, node)
        return _times(times, each, _common(asked))

    def _below(self, type_: Any, asked: Iterable[_Asked]) -> _Sum:
        return _total([self._field(key, one) for (key, _), one in self._in(type_, asked).items()])

    def _in(self, type_: Any, asked: Iterable[_Asked]) -> dict[tuple[str, int], list[_Asked]]:
        sets = [(type_, one.node.selection_set, ()) for one in asked if one.node.selection_set]
        return self._grouped(sets)

    def _connection(self, type_: Any, asked: list[_Asked], page: _Times) -> _Sum:
        parts = []
        for (key, _), one in self._in(type_, asked).items():
            name, below = one[0].node.name.value, get_named_type(one[0].declared.type)
            if name == "totalCount":
                self.counted.add(key)
                parts.append(_times(_ONCE, _Sum(COUNTING), _common(one)))
            elif name == "pageInfo":
                self.wrappers.add(key)
            elif name in {"nodes", "edges"}:
                self.objects.add(key)
                each = self._below(below, one) if name == "nodes" else self._edge(below, one)
                parts.append(_times(page, _total([_Sum(1), each]), _common(one)))
        return _total(parts)

    def _edge(self, type_: Any, asked: list[_Asked]) -> _Sum:
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


_ONCE = _Times((), 1)


def _rows(declared: GraphQLField) -> Any:
    definition = declared.extensions.get("strawberry-definition")
    return getattr(definition, "metadata", {}).get("rows")


def _total(parts: Iterable[_Sum]) -> _Sum:
    found = list(parts)
    return _Sum(sum(one.constant for one in found), tuple(term for one in found for term in one.terms))


def _times(times: _Times, each: _Sum, conditions: Conditions) -> _Sum:
    if not (times.variables or each.terms or conditions):
        return _Sum(times.otherwise * each.constant)
    return _Sum(0, (_Term(times, each, conditions),))


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


def _page(node: FieldNode) -> _Times:
    """How many rows the page of a connection has at most. What is out of range is refused when it is asked for."""
    variables, most = [], DEFAULT_FIRST
    for argument in node.arguments or ():
        if argument.name.value in {"first", "last"}:
            if isinstance(argument.value, VariableNode):
                variables.append(argument.value.name.value)
            elif isinstance(argument.value, IntValueNode):
                most = max(1, min(int(argument.value.value), MOST))
    return _Times(tuple(variables), most)


def _length(declared: GraphQLField, node: FieldNode) -> _Times:
    """How many objects a field has that is no connection: one; of a list, as many as it was given ids, or some."""
    if not is_list_type(get_nullable_type(declared.type)):
        return _ONCE
    for argument in node.arguments or ():
        if isinstance(argument.value, VariableNode):
            return _Times((argument.value.name.value,), MOST)
        if isinstance(argument.value, ListValueNode):
            return _Times((), min(len(argument.value.values), MOST))
    is_rows = "id" in getattr(get_named_type(declared.type), "fields", {})
    return _Times((), MOST if is_rows else DEFAULT_FIRST)
