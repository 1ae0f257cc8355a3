"""What an answer holds, counted with the schema beside it: the slow way, which knows what a client asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
)

Asked = list[tuple[Any, FieldNode]]
"""The fields that stand under one key, each with the type it is asked of."""


def points(schema: GraphQLSchema, document: DocumentNode, operation: Any, data: Any) -> int:
    """A point for each object that is no connection, edge's node or page info; ten for each `totalCount`."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    return _object(schema, fragments, [(schema.get_root_type(operation.operation), operation)], data) - 1


def _object(schema: GraphQLSchema, fragments: Any, asked: list[tuple[Any, Any]], value: Any) -> int:
    """Of one object, itself included."""
    under: dict[str, Asked] = {}
    for type_, node in asked:
        for at, one in _fields(schema, fragments, type_, node):
            under.setdefault(one.alias.value if one.alias else one.name.value, []).append((at, one))
    total = 1
    for key, found in value.items():
        known = [(at.fields[one.name.value], at, one) for at, one in under[key] if one.name.value in _names(at)]
        if any(one.name.value == "totalCount" for _, _, one in known):
            total += 10
        below = [(get_named_type(declared.type), one) for declared, _, one in known]
        if not below or not is_composite_type(below[0][0]):
            continue
        wraps = any(_wraps(type_, at, one) for (type_, _), (_, at, one) in zip(below, known, strict=True))
        for one in found if isinstance(found, list) else [found]:
            if one is not None:
                total += _object(schema, fragments, below, one) - wraps
    return total


def _wraps(type_: Any, at: Any, node: FieldNode) -> bool:
    is_edges_node = at.name.endswith("Edge") and node.name.value == "node"
    return type_.name.endswith("Connection") or type_.name == "PageInfo" or is_edges_node


def _names(type_: Any) -> Any:
    return getattr(type_, "fields", {})


def _fields(schema: GraphQLSchema, fragments: Any, type_: Any, node: Any) -> Iterator[tuple[Any, FieldNode]]:
    for one in node.selection_set.selections:
        if isinstance(one, FieldNode):
            yield type_, one
        else:
            target = fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
            named = target.type_condition
            yield from _fields(schema, fragments, schema.get_type(named.name.value) if named else type_, target)
