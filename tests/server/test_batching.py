"""Several operations in one request, where that is switched on: each has its own scope, limits and answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.personas import Database, World
from tests.server.site import Site, served

MODERN = "application/graphql-response+json"


@pytest.fixture(scope="module")
def batching(database: Database) -> Iterator[Site]:
    with served(database.api, ORGRAPH_BATCHING="true") as running:
        yield running


async def posted(site: Site, batch: list[Any], **headers: str) -> httpx2.Response:
    async with site.client() as client:
        return await client.post("/graphql", json=batch, headers=headers)


def codes(body: list[Any]) -> list[str | None]:
    """The code of each answer's first error; None where there is none."""
    return [one["errors"][0]["extensions"]["code"] if "errors" in one else None for one in body]


async def test_each_is_answered_in_its_place(batching: Site) -> None:
    answer = await posted(batching, [{"query": "{ greeting }"}, {"query": '{ greeting(name: "x") }'}])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == [{"data": {"greeting": "hello you"}}, {"data": {"greeting": "hello x"}}]


async def test_what_is_wrong_with_one_stops_that_one_alone(batching: Site) -> None:
    good: dict[str, Any] = {"query": "{ greeting }"}
    bad: list[Any] = [
        {"query": "{"},
        5,
        {"query": "{ nothing }"},
        [good],
        {"query": 7},
        {"documentId": "a"},
        {"query": "{ brokenWhole }"},
        {"query": "mutation { fail }"},
    ]
    answer = await posted(batching, [good, *bad, good])
    assert answer.status_code == 200
    assert codes(answer.json()) == [
        None,
        "GRAPHQL_PARSE_FAILED",
        "BAD_REQUEST",
        "GRAPHQL_VALIDATION_FAILED",
        "BAD_REQUEST",
        "BAD_REQUEST",
        "PERSISTED_QUERY_NOT_FOUND",
        "INTERNAL",
        "BAD_USER_INPUT",
        None,
    ]


async def test_each_has_a_transaction_of_its_own(batching: Site) -> None:
    answer = await posted(
        batching, [{"query": "{ began }"}, {"query": "{ began }"}, {"query": "{ a: began b: began }"}]
    )
    first, second, third = (one["data"] for one in answer.json())
    assert len({first["began"], second["began"], third["a"]}) == 3
    assert third["a"] == third["b"]


async def test_each_has_a_deadline_of_its_own(batching: Site) -> None:
    answer = await posted(batching, [{"query": "{ sleep(seconds: 9) }"}, {"query": "{ greeting }"}])
    assert codes(answer.json()) == ["TIMEOUT", None]


@pytest.mark.parametrize("number", [0, 11, 100])
async def test_a_batch_has_one_to_ten(batching: Site, number: int) -> None:
    answer = await posted(batching, [{"query": "{ greeting }"}] * number)
    assert (answer.status_code, codes([answer.json()])) == (400, ["BATCH_TOO_LARGE"])
    answer = await posted(batching, [{"query": "{ greeting }"}] * number, accept=MODERN)
    assert (answer.status_code, codes([answer.json()])) == (422, ["BATCH_TOO_LARGE"])


async def test_ten_are_answered(batching: Site) -> None:
    assert codes((await posted(batching, [{"query": "{ greeting }"}] * 10)).json()) == [None] * 10


async def test_a_list_of_answers_is_plain_json_or_nothing(batching: Site) -> None:
    batch = [{"query": "{ greeting }"}]
    answer = await posted(batching, batch, accept=f"{MODERN}, application/json;q=0.5")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    answer = await posted(batching, batch, accept=MODERN)
    assert (answer.status_code, codes([answer.json()])) == (406, ["NOT_ACCEPTABLE"])


async def test_a_credential_is_read_once_and_a_bad_one_stops_all(batching: Site, world: World) -> None:
    batch = [{"query": "{ greeting }"}] * 2
    answer = await posted(batching, batch, authorization="Bearer a.b.c")
    assert (answer.status_code, codes([answer.json()])) == (401, ["UNAUTHENTICATED"])

    stranger = batching.token(world.globex.people["owner"], world.acme.workos_id)
    answer = await posted(batching, batch, authorization=f"Bearer {stranger}")
    assert (answer.status_code, codes(answer.json())) == (200, ["FORBIDDEN", "FORBIDDEN"])


async def test_one_operation_is_answered_as_ever(batching: Site) -> None:
    async with batching.client() as client:
        answer = await client.post("/graphql", json={"query": "{ greeting }"}, headers={"accept": MODERN})
    assert (answer.status_code, answer.headers["content-type"]) == (200, MODERN)
    assert answer.json() == {"data": {"greeting": "hello you"}}
