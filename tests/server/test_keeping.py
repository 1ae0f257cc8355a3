"""What a GET answered may be kept by its client, who asks again each time, and is told when nothing changed."""

from __future__ import annotations

import pytest

from tests.personas import World
from tests.server.site import Site

ASK = {"query": "{ greeting }"}


async def test_who_has_the_answer_still_is_told_so_without_a_body(site: Site) -> None:
    async with site.client() as client:
        first = await client.get("/graphql", params=ASK)
        tag = first.headers["etag"]
        for names in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            again = await client.get("/graphql", params=ASK, headers={"if-none-match": names})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
            for name in ("cache-control", "vary"):
                assert again.headers[name] == first.headers[name]
    assert first.headers["cache-control"] == "private, no-cache"
    assert {"Accept", "Authorization", "Cookie", "Accept-Encoding"} <= set(first.headers["vary"].split(", "))


async def test_another_answer_has_another_tag(site: Site) -> None:
    async with site.client() as client:
        tag = (await client.get("/graphql", params=ASK)).headers["etag"]
        other = await client.get(
            "/graphql", params={"query": '{ greeting(name: "x") }'}, headers={"if-none-match": tag}
        )
    assert (other.status_code, other.headers["etag"] != tag) == (200, True)


async def test_packed_or_not_the_tag_is_one(site: Site) -> None:
    params = {"query": "{ words(count: 5000) }"}
    async with site.client() as client:
        answers = [
            await client.get("/graphql", params=params, headers={"accept-encoding": coding})
            for coding in ("identity", "gzip")
        ]
    assert [answer.headers.get("content-encoding") for answer in answers] == [None, "gzip"]
    assert len({answer.headers["etag"] for answer in answers}) == 1


@pytest.mark.parametrize("query", ["{ greeting refused }", "{ nothing }", "{", "{ brokenWhole }", "mutation { fail }"])
async def test_what_is_no_whole_answer_is_kept_by_nobody(site: Site, query: str) -> None:
    async with site.client() as client:
        answer = await client.get("/graphql", params={"query": query}, headers={"if-none-match": "*"})
    assert answer.status_code != 304
    assert ("etag" in answer.headers, answer.headers["cache-control"]) == (False, "no-store")


async def test_what_is_posted_is_kept_by_nobody(site: Site) -> None:
    async with site.client() as client:
        answer = await client.post("/graphql", json=ASK, headers={"if-none-match": "*"})
    assert (answer.status_code, "etag" in answer.headers, answer.headers["cache-control"]) == (200, False, "no-store")


async def test_health_data_is_kept_by_nobody(real: Site, world: World) -> None:
    acme = world.acme
    token = real.token(acme.people["owner"], acme.workos_id)
    async with real.client(headers={"authorization": f"Bearer {token}"}) as client:
        kept = await client.get("/graphql", params={"query": "{ meetings { nodes { id } } }"})
        notes = await client.get("/graphql", params={"query": "{ meetings { nodes { id guestNotes } } }"})
    assert (kept.status_code, notes.status_code) == (200, 200)
    assert kept.headers["x-orgraph-plan"] == "planned"
    assert kept.headers["cache-control"] == "private, no-cache"
    assert ("etag" in notes.headers, notes.headers["cache-control"]) == (False, "no-store")


async def test_a_planned_query_says_how_long_its_plan_and_its_statement_took(real: Site, world: World) -> None:
    acme = world.acme
    headers = {"authorization": f"Bearer {real.token(acme.people['owner'], acme.workos_id)}"}
    async with real.client(headers=headers) as client:
        answer = await client.get("/graphql", params={"query": "{ meetings { nodes { id } } }"})
    parts = [part.partition(";dur=")[0] for part in answer.headers["server-timing"].split(", ")]
    assert parts == ["parse", "auth", "scope", "plan", "database", "encode"]
