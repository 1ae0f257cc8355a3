"""A page of a list: keyset cursors, so that what is inserted meanwhile moves nothing."""

from typing import Generic, TypeVar, cast

import strawberry

from graph.fields import Listed

T = TypeVar("T")


@strawberry.type(description="Whether there is more, and from where to ask for it.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follows the last edge.")
    has_previous_page: bool = strawberry.field(description="Whether something comes before the first edge.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last edge; null on an empty page.")


@strawberry.type(description="One item of a list, and where it stands there.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Opaque; bound to this list, its order and its filter.")
    node: T = strawberry.field(description="The item.")


@strawberry.type(description="A page of a list, in a stable order.")
class Connection(Generic[T]):
    @strawberry.field(description="The items of the page.")
    async def nodes(self) -> list[T]:
        return cast("list[T]", (await _listed(self).slice()).rows)

    @strawberry.field(description="The items of the page, each with its cursor.")
    async def edges(self) -> list[Edge[T]]:
        found = await _listed(self).slice()
        return [Edge(cursor=found.page.cursor(row), node=row) for row in found.rows]

    @strawberry.field(description="Whether there is more.")
    async def page_info(self) -> PageInfo:
        found = await _listed(self).slice()
        return PageInfo(
            has_next_page=found.has_next,
            has_previous_page=found.has_previous,
            start_cursor=found.page.cursor(found.rows[0]) if found.rows else None,
            end_cursor=found.page.cursor(found.rows[-1]) if found.rows else None,
        )

    @strawberry.field(description="How many items the whole list has, exactly, as far as the caller may see.")
    async def total_count(self) -> int:
        return await _listed(self).count()


def _listed(connection: object) -> Listed:
    """What a connection's fields are really given: the request for the page, not yet fetched."""
    return cast("Listed", connection)
