"""Anything with an id of its own."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import strawberry
from graphql import GraphQLResolveInfo
from strawberry.types import Info

from db.scope import entity_of
from db.tables.base import Row
from graph.fields import BARE, Form
from graph.ids import global_id, global_id_sql

T = TypeVar("T")


@strawberry.interface(description="Anything with an id of its own, to be asked for again by `node`.")
class Node:
    @strawberry.field(
        description="Opaque, the same for ever, unique among everything.",
        metadata={"form": Form(lambda row, type_name: global_id_sql(type_name, row.id)), BARE: True},
    )
    def id(self, info: Info) -> strawberry.ID:
        asked = cast("GraphQLResolveInfo[Any]", info)
        return strawberry.ID(global_id(asked.parent_type.name, self.id))


NODES: dict[str, type[Row]] = {}
"""Which row stands behind a type that `node` can answer."""


def node(entity: type[Row], *, description: str) -> Callable[[type[T]], type[T]]:
    """Declares an object type whose values are rows of `entity`."""

    def declare(cls: type[T]) -> type[T]:
        def is_type_of(value: Any, _: GraphQLResolveInfo[Any]) -> bool:
            return entity_of(value) is entity

        cls.is_type_of = staticmethod(is_type_of)  # type: ignore[attr-defined]
        cls.entity = entity  # type: ignore[attr-defined]
        NODES[cls.__name__] = entity
        return strawberry.type(cls, description=description)

    return declare
