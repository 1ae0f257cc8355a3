"""The answer of a mutation: what is asked of the row that it wrote is read back in one statement."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import GraphQLObjectType
from graphql.pyutils import Path

from db.scope import entity_of
from graph.context import Context
from graph.leaves import Leaves
from graph.plan.plan import Unplanned


class Answering(Leaves):
    """graphql-core's executor, which asks for a plan where a mutation's field has answered a row."""

    def collect_and_execute_subfields(
        self,
        return_type: GraphQLObjectType,
        field_details_list: list[Any],
        path: Path,
        result: Any,
        position_context: None,
    ) -> Any:
        """The fields of an object; those of a row that was just written, from the database."""
        interpreted = super().collect_and_execute_subfields
        context: Context = self.context_value
        answer_row = context.answer_row
        if answer_row is None or path.prev is not None or entity_of(result) is None:
            return interpreted(return_type, field_details_list, path, result, position_context)

        async def read() -> Any:
            try:
                return orjson.Fragment(await answer_row(return_type, field_details_list, result))
            except Unplanned:
                found = interpreted(return_type, field_details_list, path, result, position_context)
                return await found if self.is_awaitable(found) else found

        return read()
