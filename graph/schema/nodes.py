"""Anything, by its id."""

from typing import Annotated, Any

import strawberry
from sqlalchemy import Select, select
from strawberry.types import Info

from graph.context import Context
from graph.errors import BadUserInput
from graph.fields import Chosen
from graph.ids import parsed
from graph.paging import MOST
from graph.schema.node import NODES, Node


def _by_id(context: Context, id: str) -> Select[Any]:
    context.require_organization()
    type_name, uuid = parsed(id)
    entity: Any = NODES.get(type_name)
    if entity is None:
        raise BadUserInput("Invalid id")
    return select(entity).where(entity.id == uuid)


@strawberry.type
class NodeQueries:
    @strawberry.field(
        graphql_type=Node | None,
        metadata={"rows": Chosen(_by_id)},
        description="The thing of this id; null where the caller sees none, whether or not there is one.",
    )
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="An id, as the API gave it.")],
    ) -> Any:
        context: Context = info.context
        return await context.transaction.one(_by_id(context, id))

    @strawberry.field(
        graphql_type=list[Node | None] | None,
        description="The things of these ids, in their order; null for each that the caller does not see.",
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description=f"At most {MOST} ids.")],
    ) -> Any:
        if len(ids) > MOST:
            raise BadUserInput(f"ids takes at most {MOST}")
        context: Context = info.context
        context.require_organization()
        wanted = [parsed(id) for id in ids]
        found: dict[tuple[str, Any], Any] = {}
        for type_name in dict.fromkeys(name for name, _ in wanted):
            entity: Any = NODES.get(type_name)
            if entity is None:
                raise BadUserInput("Invalid id")
            uuids = [uuid for name, uuid in wanted if name == type_name]
            rows = await context.transaction.all(select(entity).where(entity.id.in_(uuids)))
            found |= {(type_name, row.id): row for row in rows}
        return [found.get(one) for one in wanted]
