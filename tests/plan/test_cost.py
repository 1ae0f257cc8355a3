"""Whatever is asked, the estimate is never lower than what was returned, and both ways cost the same."""

from __future__ import annotations

import logging
from collections import Counter

import orjson
import pytest
from hypothesis import given

from graph.documents import Document
from graph.operation import Asked, run
from graph.schema import build
from tests.personas import Database
from tests.plan.counting import points
from tests.plan.requests import Requests, requests
from tests.plan.test_equality import EXAMPLES, SEED, Tally, asking, made

COUNT = EXAMPLES // 16


def test_an_estimate_is_never_lower_than_what_was_returned(odd: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "orgraph")
    seen: Counter[str] = Counter()
    with asking(odd, SEED, Tally()) as about:
        graphs = (about.graphs.planned, about.graphs.interpreted)

        @made(SEED, COUNT)
        @given(requests(build(), about.known, list(about.people)))
        def nothing_costs_more_than_it_was_said_to(asked: Requests) -> None:
            operation, principal = asked.operation, about.people[asked.first]
            request = Asked(operation.text({}), operation.name, operation.given)
            planned, interpreted = (about.portal.call(run, graph, principal, request) for graph in graphs)
            if planned.data is None or (data := orjson.loads(planned.data)) is None:
                return
            document: Document = graphs[0].documents.read(request.query)
            chosen = document.operation(operation.name)
            variables = graphs[0].documents.variables(chosen, operation.given)
            assert not isinstance(variables, list)
            cost = document.costs[operation.name or ""]
            estimate = cost.estimate(variables.coerced)
            returned = points(build(), document.ast, chosen, data)

            assert returned <= estimate
            assert planned.cost == interpreted.cost
            assert planned.cost is not None
            assert min(returned, 1) <= planned.cost <= estimate
            # A text with a brace, and a key that is an object's elsewhere, are counted as well.
            assert planned.cost >= min(estimate, returned)
            seen["exact"] += planned.cost == max(1, returned)
            seen["answered"] += 1

        nothing_costs_more_than_it_was_said_to()
    assert seen["answered"] > COUNT // 3
    assert seen["exact"] > 0.8 * seen["answered"], seen
