"""What the usual scanners of GraphQL servers look for, asked in production settings: they find nothing."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.personas import World
from tests.server.site import Site

FROM_ELSEWHERE = {"cookie": "orgraph_session=x", "sec-fetch-site": "cross-site"}

TYPES = "types { name fields { name } }"
CIRCLE = "{ __schema { types { " + "fields { type { " * 3 + "name" + " } }" * 3 + " } } }"


async def asked(site: Site, query: str, **headers: str) -> httpx2.Response:
    """The answer to nobody in particular."""
    async with site.client(headers=headers) as client:
        return await client.post("/graphql", json={"query": query})


def codes(answer: httpx2.Response) -> set[str]:
    return {error["extensions"]["code"] for error in answer.json()["errors"]}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ " + " ".join(f"a{n}: __typename" for n in range(101)) + " }", "TOO_MANY_ALIASES"),
        ("{ __typename " + "@include(if: true) " * 10 + "}", "TOO_MANY_DIRECTIVES"),
        (f"{{ __schema {{ {TYPES} }} }}", "INTROSPECTION_DISABLED"),
        (CIRCLE, "INTROSPECTION_DISABLED"),
        ("fragment a on Query { __schema { " + TYPES + " } } { ...a }", "INTROSPECTION_DISABLED"),
        ('{ __type(name: "Query") { fields { name } } }', "INTROSPECTION_DISABLED"),
    ],
    ids=["aliases", "directives", "introspection", "in circles", "in a fragment", "of one type"],
)
async def test_what_costs_much_or_tells_much_is_refused(real: Site, query: str, code: str) -> None:
    answer = await asked(real, query)
    assert (codes(answer), "data" in answer.json()) == ({code}, False)


async def test_a_field_500_times_is_refused(real: Site) -> None:
    assert "data" not in (await asked(real, "{ " + "__typename " * 500 + "}")).json()


async def test_an_unknown_directive_ten_times_is_told_five_times_at_most(real: Site) -> None:
    assert len((await asked(real, "{ __typename " + "@aa " * 10 + "}")).json()["errors"]) <= 5


async def test_a_list_of_operations_is_refused(real: Site) -> None:
    async with real.client() as client:
        answer = await client.post("/graphql", json=[{"query": "{ __typename }"}] * 10)
    assert codes(answer) == {"BATCHING_DISABLED"}


@pytest.mark.parametrize("query", ["{ __schema { directive } }", "{ viewr { id } }", "{ events(frist: 1) { id } }"])
async def test_nothing_is_suggested(real: Site, query: str) -> None:
    assert "Did you mean" not in (await asked(real, query)).text


@pytest.mark.parametrize("path", ["/", "/graphql", "/graphiql", "/playground", "/console", "/altair", "/voyager"])
async def test_there_is_no_page_to_ask_from(real: Site, path: str) -> None:
    async with real.client(headers={"accept": "text/html"}) as client:
        answer = await client.get(path)
    assert (answer.status_code >= 400, answer.headers["content-type"]) == (True, "application/json")
    assert "graphi" not in answer.text.lower().replace("/graphql", "")


async def test_a_get_changes_nothing(real: Site) -> None:
    async with real.client() as client:
        answer = await client.get("/graphql", params={"query": "mutation { __typename }"})
    assert (answer.status_code, answer.headers["allow"], "data" in answer.json()) == (405, "POST", False)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_another_site_asks_nothing_in_somebodys_name(real: Site, method: str) -> None:
    async with real.client(headers=FROM_ELSEWHERE) as client:
        options: dict[str, Any] = {"params" if method == "GET" else "json": {"query": "{ __typename }"}}
        answer = await client.request(method, "/graphql", **options)
    assert (answer.status_code, codes(answer)) == (403, {"CSRF_BLOCKED"})


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"]
)
async def test_no_form_is_read(real: Site, content_type: str) -> None:
    async with real.client(headers={"content-type": content_type}) as client:
        for body in (b"query=%7B__typename%7D", b'{"query": "{ __typename }"}'):
            assert codes(await client.post("/graphql", content=body)) == {"UNSUPPORTED_MEDIA_TYPE"}


async def test_nothing_is_traced(real: Site) -> None:
    answer = await asked(real, "{ __typename }", **{"x-apollo-tracing": "1", "apollo-federation-include-trace": "ftv1"})
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "query",
    ["qwerty cop { abc }", "query ($a: aaa) { __typename }", "{ __typename(a: 1) }", "\0", "{ node(id: 1.5) { id } }"],
)
async def test_no_error_tells_where_it_was_raised(real: Site, query: str) -> None:
    answer = await asked(real, query)
    for error in answer.json()["errors"]:
        assert set(error) <= {"message", "locations", "path", "extensions"}
        assert set(error["extensions"]) == {"code", "requestId"}
    for word in ("Traceback", "exception", ".py", "graphql-core", "strawberry", "asyncpg", "stack"):
        assert word not in answer.text


async def test_the_server_does_not_say_what_it_is_made_of(real: Site, world: World) -> None:
    headers = {"authorization": f"Bearer {real.token(world.acme.people['owner'], world.acme.workos_id)}"}
    answer = await asked(real, "{ __typename }", **headers)
    assert not {"server", "x-powered-by", "via"} & set(answer.headers)
