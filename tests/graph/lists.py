"""How a list is proved: each filter alone and all of them together, every order that it declares."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from operator import itemgetter
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, get_named_type

from tests.graph.asking import Asker

# They combine filters, and are proved where they are declared.
_COMBINING = {"or", "not"}


async def every_filter(
    asker: Asker, connection: str, given: Mapping[str, Any], rows: Mapping[str, str], breaks: Mapping[str, set[str]]
) -> None:
    """`given` names every field of the filter; `breaks` says which of `rows` each of them keeps out.

    Alone each keeps out those and no other; two, and all, keep out all of those: none is ignored, and none replaces
    another.
    """
    declared = get_named_type(asker.graph.schema.query_type.fields[connection].args["filter"].type)  # type: ignore[union-attr]
    assert isinstance(declared, GraphQLInputObjectType)
    assert set(given) == set(declared.fields) - _COMBINING
    assert set(breaks) == set(given)
    assert all(breaks.values()), "a field that keeps nothing out proves nothing"
    labels = {identity: label for label, identity in rows.items()}

    async def kept(chosen: Mapping[str, Any]) -> set[str]:
        found = await asker.listed(connection, filter=chosen, first=100)
        return {labels[identity] for identity in found if identity in labels}

    for field, value in given.items():
        assert await kept({field: value}) == set(rows) - breaks[field], field
    for one, other in combinations(given, 2):
        both = await kept({one: given[one], other: given[other]})
        assert both == set(rows) - breaks[one] - breaks[other], (one, other)
    together = set(rows) - set[str]().union(*breaks.values())
    assert together, "one row must match everything"
    assert await kept(given) == together


async def every_order(asker: Asker, connection: str, orders: Mapping[str, str | None], default: str) -> None:
    """`orders` says by which field of a node each order of the list goes; the end of its name says which way.

    None for what is no field of a node: the caller proves that one.
    """
    declared = get_named_type(asker.graph.schema.query_type.fields[connection].args["orderBy"].type)  # type: ignore[union-attr]
    assert isinstance(declared, GraphQLEnumType)
    assert set(orders) == set(declared.values)
    for order, field in orders.items():
        if field is None:
            continue
        nodes = await asker.listed(connection, f"id {field}", orderBy=[order], first=100)
        assert len({node[field] for node in nodes}) > 1, f"equal values prove no order: {field}"
        assert nodes == sorted(nodes, key=itemgetter(field), reverse=order.endswith("DESC")), order
    assert await asker.listed(connection) == await asker.listed(connection, orderBy=[default])
