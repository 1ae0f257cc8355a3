"""Limits over HTTP: statuses, headers, what the price is called, and settings that make them other."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from graph.limits.limits import DEFAULTS, Limits
from server.settings import Settings
from tests.personas import Database
from tests.server.site import Site, environment, loaded, served

MODERN = "application/graphql-response+json"
COST = {"x-orgraph-cost": "1"}


@pytest.fixture(scope="module")
def small(database: Database) -> Iterator[Site]:
    """A server whose limits are soon met."""
    with served(
        database.api,
        ORGRAPH_MOST_BODY_BYTES="2048",
        ORGRAPH_MOST_DOCUMENT_BYTES="1024",
        ORGRAPH_MOST_ALIASES="1",
        ORGRAPH_MOST_COST="100",
        ORGRAPH_BUDGET_POINTS="100",
        ORGRAPH_BUDGET_RESTORED="1",
    ) as site:
        yield site


def address() -> dict[str, str]:
    """Somebody whom the server has not seen: budgets of nobody in particular go by address."""
    return {"x-forwarded-for": f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1", "accept": MODERN}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("{ greeting } #" + "x" * 1_100, 413, "PAYLOAD_TOO_LARGE"),
        ("{ greeting } #" + "x" * 2_100, 413, "PAYLOAD_TOO_LARGE"),
        ("{ a: greeting b: greeting }", 422, "TOO_MANY_ALIASES"),
        ("{ greeting " + "@skip(if: false) " * 6 + "}", 422, "TOO_MANY_DIRECTIVES"),
    ],
)
async def test_what_is_too_much_has_its_status_and_its_code(query: str, status: int, code: str, small: Site) -> None:
    async with small.client() as client:
        answer = await client.post("/graphql", json={"query": query}, headers=address())
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)
        if status == 422:
            legacy = await client.post(
                "/graphql", json={"query": query}, headers={**address(), "accept": "application/json"}
            )
            assert legacy.status_code == 200


async def test_a_spent_budget_is_429_and_says_when_to_come_back(small: Site) -> None:
    who = address()
    async with small.client() as client:
        for _ in range(150):
            answer = await client.post("/graphql", json={"query": "{ greeting }"}, headers=who)
            if answer.status_code != 200:
                break
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["content-type"] == MODERN
        error = answer.json()["errors"][0]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        invalid = await client.post("/graphql", json={"query": "{ nothing }"}, headers=who)
        assert invalid.status_code == 429, "not even read"
        other = await client.post("/graphql", json={"query": "{ greeting }"}, headers=address())
        assert other.status_code == 200


async def test_the_price_is_told_to_who_asks_for_it_and_never_on_a_get(site: Site) -> None:
    async with site.client() as client:
        answer = await client.post("/graphql", json={"query": "{ greeting refused }"}, headers={**address(), **COST})
        assert list(answer.json()) == ["errors", "data", "extensions"]
        cost = answer.json()["extensions"]["cost"]
        assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (1, 1)
        assert cost["throttleStatus"] == {"maximumAvailable": 20000, "currentlyAvailable": 19999, "restoreRate": 2000}
        silent = await client.post("/graphql", json={"query": "{ greeting }"}, headers=address())
        got = await client.get("/graphql", params={"query": "{ greeting }"}, headers={**address(), **COST})
        assert silent.json() == got.json() == {"data": {"greeting": "hello you"}}


async def test_without_a_budget_the_price_is_told_and_nobody_is_stopped(database: Database) -> None:
    with served(database.api, ORGRAPH_BUDGET="off", ORGRAPH_BUDGET_POINTS="100") as site:
        async with site.client() as client:
            for _ in range(120):
                answer = await client.post("/graphql", json={"query": "{ greeting }"}, headers=COST)
            assert answer.json()["extensions"]["cost"] == {"requestedQueryCost": 1, "actualQueryCost": 1}


def settings(**more: str) -> Settings:
    return loaded(environment("postgresql://x@/y", "http://127.0.0.1:1", "http://127.0.0.1:2", **more))


def test_every_limit_has_a_setting_and_the_defaults_are_those_of_the_graph() -> None:
    assert settings(ORGRAPH_INTROSPECTION="permitted").limits == DEFAULTS
    assert {name for name in vars(DEFAULTS) if name in Settings.model_fields} == set(vars(Limits()))


def test_introspection_is_on_in_development_unless_a_setting_says_otherwise() -> None:
    assert settings().limits.introspection == "on"
    assert settings(ORGRAPH_INTROSPECTION="off").limits.introspection == "off"
