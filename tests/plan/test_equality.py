"""Both ways of answering are one: whatever is asked, by whomever, the plan and the interpreter say the same.

`EXAMPLES` says how many requests are made, two of each document, and `SEED` which: the same seed makes the same rows
and the same requests. `make soak` asks for a hundred thousand.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, given, seed, settings

from auth.principal import Principal
from graph.schema import build
from tests.personas import Database
from tests.plan import awkward
from tests.plan.both import Answer, Both, both, people
from tests.plan.known import Known, known
from tests.plan.mutations import Change, changes
from tests.plan.requests import Requests, requests

EXAMPLES = int(os.environ.get("EXAMPLES", "2400"))
SEED = int(os.environ.get("SEED", "2026"))
# So many over the same rows; then other rows are made.
ROUND = 1_200
# Who asks for a number wants to know how far it has come.
TELLS = "EXAMPLES" in os.environ
# With less the test would compare the interpreter with itself.
PLANNED = 0.6


@dataclass
class Tally:
    """How many requests there were, and how they were answered."""

    ways: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    recorded: int = 0

    def count(self, answer: Answer) -> None:
        """One more."""
        self.ways[answer.way or answer.outcome] += 1
        self.outcomes[answer.outcome] += 1
        self.recorded += len(answer.trail) > 0

    @property
    def planned(self) -> float:
        """Which share of them was planned."""
        return self.ways["planned"] / self.ways.total()


@dataclass(frozen=True)
class Asking:
    """One world, whoever may ask in it, and what there is to ask for."""

    number: int
    portal: BlockingPortal
    graphs: Both
    people: Mapping[str, Principal]
    known: Known
    tally: Tally

    def answered(self, who: str, query: str, variables: Mapping[str, Any], name: str | None = None) -> Answer:
        """The answer, which is the same in both ways."""
        plan: Answer
        reference: Answer
        plan, reference = self.portal.call(self.graphs.answers, self.people[who], query, name, variables)
        self.tally.count(plan)
        differing = plan.differences(reference)
        assert not differing, "\n".join(
            [
                f"seed {self.number}: {who} asked ({plan.way})",
                *(query, repr(dict(variables))),
                *(f"{name} {way}: {getattr(one, name)}" for name in differing for way, one in _ways(plan, reference)),
            ]
        )
        return reference


def _ways(plan: Answer, reference: Answer) -> tuple[tuple[str, Answer], ...]:
    return ("planned    ", plan), ("interpreted", reference)


@contextmanager
def asking(database: Database, number: int, tally: Tally) -> Iterator[Asking]:
    """Rows of this number, and the graphs over them, in a loop of their own: Hypothesis is no coroutine."""
    with start_blocking_portal() as portal:
        world = portal.call(awkward.world, database, number)
        with portal.wrap_async_context_manager(both(database)) as graphs:
            yield Asking(number, portal, graphs, people(world), portal.call(known, graphs.superuser, world), tally)


def made(number: int, count: int) -> Callable[[Any], Any]:
    """So many examples, the same ones for the same number."""
    how = settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    return lambda test: seed(number)(how(test))


def one_round(database: Database, number: int, count: int, tally: Tally) -> None:
    """So many documents, each asked for twice."""
    with asking(database, number, tally) as about:

        @made(number, count)
        @given(requests(build(), about.known, list(about.people)))
        def answers_are_equal(asked: Requests) -> None:
            operation = asked.operation
            first = about.answered(asked.first, operation.text({}), operation.given, operation.name)
            about.answered(asked.second, *asked.next(first.data), operation.name)

        answers_are_equal()


def test_whatever_is_asked_both_ways_answer_the_same(
    odd: Database, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "orgraph")  # much of it is wrong, and says so
    tally, began = Tally(), monotonic()
    for at in range(0, EXAMPLES, ROUND):
        number = SEED + at // ROUND
        one_round(odd, number, min(ROUND, EXAMPLES - at) // 2, tally)
        if TELLS:
            rate = tally.ways.total() / (monotonic() - began)
            with capsys.disabled():
                print(f"seed {number}: {tally.ways.total()} requests, {tally.planned:.0%} planned, {rate:.0f}/s")  # noqa: T201

    assert tally.ways.total() >= EXAMPLES
    assert tally.planned >= PLANNED, tally
    assert min(tally.outcomes[one] for one in ("ok", "partial", "refused")) > EXAMPLES // 100, tally
    assert tally.recorded > EXAMPLES // 100, "health data was read"


def test_whatever_a_mutation_answers_both_ways_answer_the_same(odd: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "orgraph")
    tally, count = Tally(), EXAMPLES // 20
    with asking(odd, SEED, tally) as about:

        @made(SEED, count)
        @given(changes(build(), about.known, list(about.people)))
        def answers_are_equal(change: Change) -> None:
            query, variables = change.operation.text({}), change.operation.given
            who = about.people[change.who]
            # The first time it changes something; then it is asked for again, which changes nothing more.
            about.portal.call(about.graphs.answers, who, query, None, variables)
            about.answered(change.who, query, variables)

        answers_are_equal()
        plans = about.graphs.planned.plans
        assert plans is not None
        assert len(plans._statements) > count // 10, "what they answer is read by a plan"
    assert tally.outcomes["ok"] > count // 2, tally
