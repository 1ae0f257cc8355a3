"""Fields of practice."""

from enum import Enum
from typing import Annotated

import strawberry

from db.tables import CategoryRow
from graph.fields import to_many, to_one
from graph.inputs import any_of, id_of, none_of
from graph.resolvers.categories import CATEGORIES
from graph.resolvers.profiles import PROFILES
from graph.scalars import DateTime, Slug, Url
from graph.schema.connection import Connection
from graph.schema.lazy import LazyProfile
from graph.schema.node import Node, node


@strawberry.enum(description="How categories are ordered.")
class CategoryOrder(Enum):
    NAME_ASC = strawberry.enum_value("NAME_ASC", description="By name.")


@strawberry.input(description="Which categories: those that match all of this.")
class CategoryFilter:
    parent_id: strawberry.ID | None = id_of("Category", default=strawberry.UNSET, description="Below this one.")
    top_level: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: those below none. False: those below another."
    )
    slug: Slug | None = strawberry.field(default=strawberry.UNSET, description="The one with this slug.")
    or_: list["CategoryFilter"] | None = any_of()
    not_: list["CategoryFilter"] | None = none_of()


@node(CategoryRow, description="A field of practice, the same for every organization.")
class Category(Node):
    slug: Slug = strawberry.field(description="Its name in addresses.")
    name: str = strawberry.field(description="Its name for people.")
    description: str | None = strawberry.field(description="What belongs to it; null if nobody has said.")
    image: Url | None = strawberry.field(description="A picture of it, if there is one.")
    created_at: DateTime = strawberry.field(description="When it was added.")
    parent: "Category | None" = to_one(CategoryRow.parent, description="The wider field; null at the top.")
    children: Connection[Annotated["Category", strawberry.lazy("graph.schema.categories")]] = to_many(
        CATEGORIES,
        relation=CategoryRow.children,
        filter=CategoryFilter,
        order=CategoryOrder,
        description="The narrower fields.",
    )
    profiles: Connection[LazyProfile] = to_many(
        PROFILES, relation=CategoryRow.profiles, description="The organization's hosts whose first field it is."
    )


@strawberry.type
class CategoryQueries:
    categories: Connection[Category] | None = to_many(
        CATEGORIES, filter=CategoryFilter, order=CategoryOrder, description="All fields of practice."
    )
