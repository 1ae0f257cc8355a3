"""Budgets: spent in memory, kept together by all workers, and never waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.principal import GUEST, Principal
from db import budgets
from db.engine import create_engine
from graph.limits.budget import Budget, Key, RateLimited, key_of
from graph.operation import Asked, Graph, run
from tests.graph.asking import Acting, Asker
from tests.make import unique
from tests.personas import Database, as_superuser

KEY: Key = ("org_1", "user", "user_1")
OTHER: Key = ("org_2", "user", "user_1")


@dataclass
class Clock:
    """Seconds, as a test says."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Shared:
    """What the database keeps, in memory: the same sums, and a day on which it does not answer."""

    clock: Clock
    levels: dict[str, tuple[float, float]] = field(default_factory=dict)
    answers: bool = True
    asked: int = 0

    async def settle(self, spent: Mapping[str, int], most: int, restored: int) -> dict[str, float]:
        self.asked += 1
        if not self.answers:
            raise OSError("nobody is there")
        for name, points in spent.items():
            level, at = self.levels.get(name, (most, self.clock.now))
            level = min(most, level + restored * (self.clock.now - at))
            self.levels[name] = (max(-most, min(most, level - points)), self.clock.now)
        return {name: self.levels[name][0] for name in spent}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shared(clock: Clock) -> Shared:
    return Shared(clock)


def worker(shared: Shared, *, most: int = 1000, restored: int = 100, lease: int = 250) -> Budget:
    return Budget(shared.settle, most=most, restored=restored, lease=lease, clock=shared.clock)


def spent(budget: Budget, points: int, key: Key = KEY) -> int:
    """How much of this was given out, in parts of ten."""
    given_out = 0
    for _ in range(points // 10):
        try:
            budget.spend(key, 10)
        except RateLimited:
            break
        given_out += 10
    return given_out


async def test_a_bucket_is_spent_and_time_fills_it(shared: Shared, clock: Clock) -> None:
    budget = worker(shared, lease=1000)
    assert spent(budget, 5000) == 1000
    clock.now = 3
    assert spent(budget, 5000) == 0, "the lease is spent, too"
    await budget.settle()
    assert spent(budget, 5000) == 0, "what the database says is what counts"
    clock.now = 6
    assert spent(budget, 5000) == 300


async def test_who_comes_too_early_is_told_when_it_suffices(shared: Shared, clock: Clock) -> None:
    budget = worker(shared, lease=1000)
    budget.spend(KEY, 1000)
    await budget.settle()
    with pytest.raises(RateLimited) as refused:
        budget.spend(KEY, 240)
    assert refused.value.retry_after_s == 3
    clock.now = refused.value.retry_after_s
    budget.spend(KEY, 240)


async def test_an_empty_bucket_is_known_before_the_document_is_read(shared: Shared) -> None:
    budget = worker(shared, lease=1000)
    budget.demand(KEY)
    budget.spend(KEY, 1000)
    with pytest.raises(RateLimited):
        budget.demand(KEY)
    budget.demand(OTHER)


async def test_what_an_operation_did_not_cost_comes_back(shared: Shared) -> None:
    budget = worker(shared, lease=1000)
    for _ in range(50):
        budget.spend(KEY, 400).refund(10)
    assert spent(budget, 5000) == 500
    await budget.settle()
    assert {level for level, _ in shared.levels.values()} == {0}


async def test_what_comes_back_after_a_settlement_is_settled_with_the_next_one(shared: Shared) -> None:
    budget = worker(shared, lease=1000)
    spending = budget.spend(KEY, 900)
    await budget.settle()
    spending.refund(100)
    await budget.settle()
    assert [level for level, _ in shared.levels.values()] == [900]
    assert spending.left().remaining == 900


async def test_each_worker_overshoots_by_one_lease_at_most(shared: Shared, clock: Clock) -> None:
    """However often they settle, and whoever asks whom."""
    workers = [worker(shared) for _ in range(4)]
    given_out = 0
    for _ in range(10):
        for one in workers:
            given_out += spent(one, 5000)
        for one in workers:
            await one.settle()
    assert 1000 <= given_out <= 1000 + 4 * 250
    clock.now = (given_out - 1000) / 100
    assert [spent(one, 100) for one in workers] == [0] * 4, "the debt is paid first"


async def test_a_worker_that_starts_anew_does_not_fill_the_bucket(shared: Shared) -> None:
    before = worker(shared, lease=1000)
    assert spent(before, 1000) == 1000
    await before.settle()
    after = worker(shared)
    assert spent(after, 5000) == 250, "its lease, since it does not know yet"
    await after.settle()
    assert spent(after, 5000) == 0


async def test_where_the_database_does_not_answer_each_worker_keeps_the_budget_alone(
    shared: Shared, clock: Clock
) -> None:
    budget = worker(shared)
    shared.answers = False
    given_out = 0
    for _ in range(10):
        given_out += spent(budget, 5000)
        await budget.settle()
    assert given_out == 1000
    assert budget.unsettled == 10
    clock.now = 2
    assert spent(budget, 5000) == 200
    shared.answers = True
    await budget.settle()
    assert budget.unsettled == 0
    assert [level for level, _ in shared.levels.values()] == [-200], "it was told all of it, once"


async def test_who_spends_nothing_is_not_settled_and_is_forgotten(shared: Shared, clock: Clock) -> None:
    budget = worker(shared)
    await budget.settle()
    assert shared.asked == 0
    budget.spend(KEY, 10)
    await budget.settle()
    assert budget.buckets == 1
    clock.now = 61
    await budget.settle()
    assert (budget.buckets, shared.asked) == (0, 1)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 400), st.floats(0, 1), st.floats(0, 0.5)), max_size=60),
    st.integers(1, 400),
)
async def test_over_time_nobody_gets_more_than_flows_back_and_a_lease_for_each_worker(
    steps: list[tuple[int, int, float, float]], lease: int
) -> None:
    clock = Clock()
    shared = Shared(clock)
    workers = [worker(shared, lease=lease) for _ in range(3)]
    used = 0
    for which, points, returned, pause in steps:
        try:
            spending = workers[which].spend(KEY, points)
        except RateLimited:
            pass
        else:
            actual = max(1, int(points * returned))
            spending.refund(actual)
            used += actual
        clock.now += pause
        if pause > 0.2:
            for one in workers:
                await one.settle()
    # What is under way before the others know of it: a lease, or the one operation that is larger.
    assert used <= 1000 + 100 * clock.now + 3 * max(lease, 400)


# --- whose


def test_a_bucket_is_a_credentials_in_an_organization() -> None:
    person = Principal("user", "user_1", "org_1", "session_1")
    same = [person, replace(person, session_id="session_2"), replace(person, impersonator_id="a@b.test")]
    others = [replace(person, organization_id="org_2"), replace(person, organization_id=None), GUEST]
    others += [replace(person, user_id="user_2"), Principal("api_key", None, "org_1", "user_1")]
    assert {key_of(one, "192.0.2.1") for one in same} == {("org_1", "user", "user_1")}
    assert len({key_of(one, "192.0.2.1") for one in [person, *others]}) == 6


@pytest.mark.parametrize(
    ("here", "there", "shared"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        (None, None, True),
    ],
)
def test_nobody_in_particular_shares_a_bucket_with_their_address(here: str, there: str, shared: bool) -> None:
    assert (key_of(GUEST, here) == key_of(GUEST, there)) is shared


# --- with the database


@pytest.fixture
def pair(graph: Graph, database: Database) -> list[Graph]:
    """Two workers, each with its own pool, over one database."""
    made = []
    for _ in range(2):
        engine = create_engine(database.api, size=1)
        budget = Budget(partial(budgets.settle, engine), most=300, restored=1, lease=100)
        made.append(Graph.over(graph.schema, engine, deadline_s=60, budget=budget))
    return made


async def test_two_workers_keep_one_budget_and_a_third_that_starts_knows_it(acme: Acting, pair: list[Graph]) -> None:
    asks = [Asker(graph, acme.owner.principal) for graph in pair]
    text, rows = "{ a: viewer { role } b: viewer { user { id } } }", 3
    answered = 0
    for _ in range(3):
        for asker in asks:
            outcome = "ok"
            while outcome == "ok" and answered < 1_000:
                outcome = (await asker.answer(text)).outcome
                answered += outcome == "ok"
            assert outcome == "rate_limited"
        for graph in pair:
            assert graph.budget is not None
            await graph.budget.settle()
    assert 300 <= answered * rows <= 300 + 2 * 100
    refused = await asks[0].answer(text)
    assert (refused.code, refused.retry_after_s) == ("RATE_LIMITED", 3) or refused.retry_after_s > 3  # type: ignore[operator]
    assert (await Asker(pair[0], acme.member.principal).answer(text)).outcome == "ok", "another's budget"
    for graph in pair:
        await graph.engine.dispose()


async def test_what_stands_in_the_database_names_nobody(acme: Acting, pair: list[Graph], database: Database) -> None:
    address = f"192.0.2.{len(unique())}"
    for principal in (acme.owner.principal, GUEST):
        await run(pair[0], principal, Asked("{ viewer { role } }", ip=address))
    assert pair[0].budget is not None
    await pair[0].budget.settle()
    async with as_superuser(database) as superuser:
        rows = await superuser.fetch("select b::text from app.budgets b")
    text = "\n".join(row[0] for row in rows)
    assert len(rows) >= 2
    assert not [word for word in (acme.owner.user_id, acme.rows.workos_id, address) if word in text]
    for graph in pair:
        await graph.engine.dispose()


async def test_an_operation_is_charged_what_it_returned(acme: Acting, graph: Graph, shared: Shared) -> None:
    budget = worker(shared, lease=1000)
    asker = Asker(replace(graph, budget=budget), acme.owner.principal)
    answered = await asker.answer("{ events(first: 100) { nodes { id } } }")
    rows = answered.body.count(b'"id"')
    assert 0 < rows < 100
    assert answered.cost == rows
    await budget.settle()
    assert [level for level, _ in shared.levels.values()] == [1000 - rows]


async def test_what_ran_out_of_time_has_cost_all_of_it(acme: Acting, graph: Graph, shared: Shared) -> None:
    budget = worker(shared, lease=1000)
    asker = Asker(replace(graph, budget=budget, deadline_s=0.000_1), acme.owner.principal)
    answered = await asker.answer("{ events(first: 100) { nodes { id } } }")
    assert (answered.code, answered.cost) == ("TIMEOUT", 100)
    await budget.settle()
    assert [level for level, _ in shared.levels.values()] == [900]


async def test_a_mutation_costs_ten_whatever_becomes_of_it(acme: Acting, graph: Graph) -> None:
    asker = Asker(graph, acme.member.principal)
    text = 'mutation { archiveEvent(input: {id: "%s"}) { __typename } }'
    failed = await asker.answer(text % acme.id_of("Event", "events", "owner"))
    assert failed.cost in {10, 11}
    broken = await asker.answer(text % "no id at all")
    assert broken.cost in {10, 11}
