"""Anything with an id of its own."""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry
from graphql import GraphQLResolveInfo
from strawberry.types import Info

from db.scope import entity_of
from db.tables.base import Row
from graph.ids import global_id

T = TypeVar("T")


@strawberry.interface(description="Anything with an id of its own, to be asked for again by `node`.")
class Node:
    @strawberry.field(description="Opaque, the same for ever, unique among everything.")
    def id(self, info: Info) -> strawberry.ID:
        return strawberry.ID(global_id(info._raw_info.parent_type.name, self.id))  # noqa: SLF001 - the only way to the concrete type's name


NODES: dict[str, type[Row]] = {}
"""Which row stands behind a type that `node` can answer."""


def node(entity: type[Row], *, description: str) -> Callable[[type[T]], type[T]]:
    """Declares an object type whose values are rows of `entity`."""

    def declare(cls: type[T]) -> type[T]:
        def is_type_of(value: Any, _: GraphQLResolveInfo[Any]) -> bool:
            return entity_of(value) is entity

        cls.is_type_of = staticmethod(is_type_of)  # type: ignore[attr-defined]
        NODES[cls.__name__] = entity
        return strawberry.type(cls, description=description)

    return declare
