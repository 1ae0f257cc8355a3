"""The field `rateLimit`: what is left, beside whatever else is asked, and without costing the query its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from graph.limits.budget import Budget
from graph.operation import Graph
from tests.graph.asking import Acting, Asker

LIMIT = "rateLimit { cost remaining limit resetAt }"
ROWS = "events(first: 5) { nodes { id } }"


async def nothing(spent: Mapping[str, int], most: int, restored: int) -> dict[str, float]:
    return dict.fromkeys(spent, float(most))


@pytest.fixture
def asker(graph: Graph, acme: Acting) -> Asker:
    # With a clock that stands still, nothing flows back between two questions.
    budget = Budget(nothing, most=1_000, restored=100, lease=1_000, clock=lambda: 0.0)
    return Asker(replace(graph, budget=budget), acme.owner.principal)


@pytest.mark.parametrize(
    ("query", "way"),
    [
        (f"{{ {LIMIT} {ROWS} }}", "planned"),
        (f"{{ {ROWS} {LIMIT} }}", "planned"),
        (f"{{ {ROWS} a: {LIMIT} }}", "planned"),
        (f"query A {{ {ROWS} {LIMIT} }} query B {{ {ROWS} }}", "planned"),
        (f"{{ {LIMIT} events @include(if: false) {{ totalCount }} }}", "planned"),
        (f"{{ events @include(if: false) {{ totalCount }} {LIMIT} }}", "planned"),
        (f"{{ a: {ROWS} {LIMIT} {ROWS} }}", "interpreted"),
        (f"{{ {ROWS} ...L }} fragment L on Query {{ {LIMIT} }}", "interpreted"),
        (f"{{ {ROWS} ... {{ {LIMIT} }} }}", "interpreted"),
        (f"{{ {ROWS} {LIMIT.replace('{', '@include(if: true) {', 1)} }}", "interpreted"),
        (f"{{ {LIMIT} }}", "interpreted"),
        (f"{{ {ROWS} rateLimit {{ __typename c: cost ... on RateLimit {{ limit }} }} }}", "interpreted"),
        (f"{{ {ROWS} rateLimit {{ __typename c: cost limit }} }}", "planned"),
        (f"{{ {ROWS} a: rateLimit {{ cost }} b: rateLimit {{ limit }} }}", "interpreted"),
        (f"{{ {ROWS} rateLimit {{ cost }} rateLimit {{ limit }} }}", "interpreted"),
    ],
)
async def test_it_is_answered_where_it_stands_and_as_the_interpreter_would(query: str, way: str, asker: Asker) -> None:
    name = "A" if query.startswith("query") else None
    planned = await asker.answer(query, name)
    assert planned.way is not None
    assert planned.way.partition(";")[0] == way
    budget = Budget(nothing, most=1_000, restored=100, lease=1_000, clock=lambda: 0.0)
    interpreter = replace(asker.graph, plans=None, budget=budget)
    interpreted = await Asker(interpreter, asker.principal).answer(query, name)
    assert without_moments(planned.body) == without_moments(interpreted.body)
    assert planned.cost == interpreted.cost


def without_moments(body: bytes) -> bytes:
    told: dict[str, Any] = orjson.loads(body)
    for one in told["data"].values():
        if "resetAt" in one:
            assert abs(datetime.fromisoformat(one["resetAt"]) - datetime.now(UTC)) < timedelta(seconds=20)
            one["resetAt"] = "then"
    return orjson.dumps(told)


async def test_it_says_what_this_operation_has_taken_and_what_comes_back_later(asker: Asker) -> None:
    first = (await asker.ask(f"{{ {ROWS} {LIMIT} }}"))["rateLimit"]
    assert (first["cost"], first["remaining"], first["limit"]) == (6, 994, 1000)
    again = await asker.answer(f"{{ {LIMIT} {ROWS} }}")
    told = orjson.loads(again.body)["data"]
    returned = 1 + len(told["events"]["nodes"])
    assert again.cost == returned
    assert told["rateLimit"]["remaining"] == 1000 - returned - 6


async def test_where_nobody_has_a_budget_it_is_null(acme: Acting) -> None:
    assert acme.graph.budget is None
    answered = await acme.owner.answer(f"{{ {ROWS} {LIMIT} }}")
    assert answered.way == "planned"
    assert answered.body.endswith(b',"rateLimit":null}}')
    assert (await acme.owner.ask(f"{{ {LIMIT} }}")) == {"rateLimit": None}


async def test_it_stands_beside_health_data_too(asker: Asker) -> None:
    found = await asker.ask(f"{{ {LIMIT} meetings(first: 3) {{ nodes {{ guestNotes }} }} }}")
    assert list(found) == ["rateLimit", "meetings"]
