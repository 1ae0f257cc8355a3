"""The leaves of an object, read at once: a page has hundreds of them, and graphql-core asks ten questions about each.

What is unusual about one (a null where the schema says never, a value that does not fit) is left to graphql-core, which
meets it again and has the words for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    Undefined,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.pyutils import Path

LIGHT = "light"
"""Extension of a field whose resolver takes no arguments, awaits nothing, and of its info reads the parent's type."""

Leaf = Callable[[Any], Any]


@dataclass(frozen=True)
class _Info:
    parent_type: GraphQLObjectType


@dataclass(frozen=True)
class _Split:
    """The fields that one selection asks of a type: those that are leaves, and those that are graphql-core's."""

    asked: dict[str, Any]
    leaves: list[tuple[str, Leaf]]
    others: dict[str, Any]


class Leaves(ExecutorThrowingOnIncremental):
    """graphql-core's executor, but for the leaves."""

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: dict[str, Any],
        position_context: None,
    ) -> Any:
        """The fields of one object, in the order in which they are asked."""
        split = self._split(parent_type, grouped_field_set)
        execute = super().execute_fields
        try:
            found = {key: leaf(source_value) for key, leaf in split.leaves}
        except Exception:  # noqa: BLE001 - whatever it is, graphql-core meets it again
            return execute(parent_type, source_value, path, grouped_field_set, position_context)
        if not split.others:
            return found
        rest: Any = execute(parent_type, source_value, path, split.others, position_context)
        if not found:
            return rest

        def ordered(rest: dict[str, Any]) -> dict[str, Any]:
            found.update(rest)
            return {key: found[key] for key in grouped_field_set if key in found}

        async def awaited() -> dict[str, Any]:
            return ordered(await rest)

        return awaited() if self.is_awaitable(rest) else ordered(rest)

    def _split(self, parent_type: GraphQLObjectType, asked: dict[str, Any]) -> _Split:
        # By identity, as graphql-core itself remembers what it has collected; what is kept cannot be somebody else's.
        known: dict[int, _Split] = self.__dict__.setdefault("_splits", {})
        if (split := known.get(id(asked))) is None:
            leaves, others = [], {}
            for key, details in asked.items():
                node = details[0].node
                field = self.schema.get_field(parent_type, node.name.value)
                leaf = None if field is None or node.arguments else _leaf(parent_type, node.name.value, field)
                if leaf is None:
                    others[key] = details
                else:
                    leaves.append((key, leaf))
            split = known[id(asked)] = _Split(asked, leaves, others)
        return split


def _leaf(parent_type: GraphQLObjectType, name: str, field: GraphQLField) -> Leaf | None:
    if name == "__typename":
        return lambda _: parent_type.name
    type_: Any = get_nullable_type(field.type)
    if not field.extensions.get(LIGHT) or not is_leaf_type(type_):
        return None
    read: Any = field.resolve
    write = type_.coerce_output_value
    info = _Info(parent_type)
    nullable = not is_non_null_type(field.type)

    def leaf(source: Any) -> Any:
        value = read(source, info)
        if value is None and nullable:
            return None
        written = write(value)
        if value is None or written is None or written is Undefined:
            raise TypeError(name)
        return written

    return leaf
