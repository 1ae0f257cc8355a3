"""GraphQL over HTTP: every status of the matrix, by both media types, each with its code."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
import pytest

from tests.personas import Connection, Database, World, as_superuser
from tests.server.site import CANARY, Site

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
JSON = {"content-type": "application/json"}
ASK = b'{"query": "{ greeting }"}'


@dataclass(frozen=True)
class Row:
    """A request, and what it must get: `status` by the newer media type, `legacy` by the older where it differs."""

    fact: str
    status: int
    code: str | None
    legacy: int | None = None
    method: str = "POST"
    body: bytes = ASK
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))
    query: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.fact.replace(" ", "_")


def post(fact: str, body: bytes | str, status: int, code: str | None, legacy: int | None = None) -> Row:
    return Row(fact, status, code, legacy, body=body.encode() if isinstance(body, str) else body)


def typed(fact: str, content_type: str | None) -> Row:
    headers = {} if content_type is None else {"content-type": content_type}
    return Row(fact, 415, "UNSUPPORTED_MEDIA_TYPE", headers=headers)


def get(fact: str, status: int, code: str | None, legacy: int | None = None, **query: str) -> Row:
    return Row(fact, status, code, legacy, method="GET", body=b"", headers={}, query=query)


def query(text: str, **more: Any) -> bytes:
    return orjson.dumps({"query": text, **more})


TWICE_BELOW = '{"query": "{ greeting }", "variables": {"a": 1, "\\u0061": 2}}'
MANY = b'{"query": "{ greeting }", "variables": {"or": [' + b"{}," * 10_000 + b"{}]}}"
DEEP = b'{"query": "{ greeting }", "variables": {"a": ' + b"[" * 63 + b"]" * 63 + b"}}"
INVALID = "GRAPHQL_VALIDATION_FAILED"
UNKNOWN = "OPERATION_NOT_FOUND"
NAMED = "query ($n: String) { greeting(name: $n) }"
TWO = "query A { greeting } query B { greeting }"

ROWS = [
    post("a query is answered", ASK, 200, None),
    post("null stands for left away", query("{ greeting }", variables=None, operationName=None), 200, None),
    post("unknown keys are ignored", query("{ greeting }", id=7), 200, None),
    post("a variable is used", query(NAMED, variables={"n": "x"}), 200, None),
    post("a quote and a colon in a text are no key", query('{ greeting(name: "a\\": b") }'), 200, None),
    Row("a charset of utf-8 is taken", 200, None, headers={"content-type": 'Application/JSON; charset="UTF-8"'}),
    Row("PUT is no method of ours", 405, "METHOD_NOT_ALLOWED", method="PUT"),
    Row("DELETE is no method of ours", 405, "METHOD_NOT_ALLOWED", method="DELETE"),
    Row("HEAD is no method of ours", 405, None, method="HEAD", body=b""),
    typed("a type is demanded", None),
    typed("text plain is refused", "text/plain"),
    typed("a form is refused", "application/x-www-form-urlencoded"),
    typed("a multipart form is refused", "multipart/form-data; boundary=x"),
    typed("a type that contains ours is refused", "xapplication/jsonx"),
    typed("a type that ends in ours is refused", "text/application/json"),
    typed("utf-16 is refused", "application/json; charset=utf-16"),
    Row("gzip is refused", 415, "UNSUPPORTED_ENCODING", headers={**JSON, "content-encoding": "gzip"}),
    post("an empty body is refused", b"", 400, "BAD_REQUEST"),
    post("what is not JSON is refused", "{bad", 400, "BAD_JSON"),
    post("half an object is refused", '{"query": "{ greeting }"', 400, "BAD_JSON"),
    post("a number is no request", "5", 422, "BAD_REQUEST", 400),
    post("null is no request", "null", 422, "BAD_REQUEST", 400),
    post("a string is no request", '"x"', 422, "BAD_REQUEST", 400),
    post("true is no request", "true", 422, "BAD_REQUEST", 400),
    post("an empty batch is refused", "[]", 422, "BATCHING_DISABLED", 400),
    post("a batch is refused", b"[" + ASK + b"]", 422, "BATCHING_DISABLED", 400),
    post("bytes that are no UTF-8 are refused", b'{"query": "\xff"}', 400, "BAD_JSON"),
    post("a byte order mark is refused", b"\xef\xbb\xbf" + ASK, 400, "BAD_JSON"),
    post("half a surrogate is refused", '{"query": "\\ud800"}', 400, "BAD_JSON"),
    post("a hundred thousand arrays are refused", b"[" * 100_000, 400, "JSON_TOO_DEEP"),
    post("65 levels are refused", DEEP, 400, "JSON_TOO_DEEP"),
    post("more values than anybody asks with are refused", MANY, 400, "JSON_TOO_LARGE"),
    post("a number of a million digits is refused", b'{"query": ' + b"9" * 900_000 + b"}", 400, "BAD_JSON"),
    post("a number too large is refused", '{"query": "{ greeting }", "variables": {"a": 1e999}}', 400, "BAD_JSON"),
    post("NaN is refused", '{"variables": {"a": NaN}}', 400, "BAD_JSON"),
    post("Infinity is refused", '{"variables": {"a": Infinity}}', 400, "BAD_JSON"),
    post("a key that stands twice is refused", '{"query": "{ greeting }", "query": "{ broken }"}', 400, "BAD_JSON"),
    post("a key twice below is refused", TWICE_BELOW, 400, "BAD_JSON"),
    post("a body of more than a MiB is refused", b'{"query": "' + b" " * 1_048_576 + b'"}', 413, "PAYLOAD_TOO_LARGE"),
    post("a document of more than 100 KiB is refused", query("{ greeting }" + "#" * 102_400), 413, "PAYLOAD_TOO_LARGE"),
    post("query is demanded", "{}", 422, "BAD_REQUEST", 400),
    post("query must be a string", '{"query": 5}', 422, "BAD_REQUEST", 400),
    post("query must not be empty", '{"query": "  "}', 422, "BAD_REQUEST", 400),
    post("variables must be an object", query("{ greeting }", variables=[1]), 422, "BAD_REQUEST", 400),
    post("variables in a string are refused", query("{ greeting }", variables="{}"), 422, "BAD_REQUEST", 400),
    post("extensions must be an object", query("{ greeting }", extensions=5), 422, "BAD_REQUEST", 400),
    post("operationName must be a string", query("{ greeting }", operationName=5), 422, "BAD_REQUEST", 400),
    post("a document id is not known", '{"documentId": "a1"}', 404, "PERSISTED_QUERY_NOT_FOUND"),
    post("a syntax error is refused", query("{ greeting"), 400, "GRAPHQL_PARSE_FAILED"),
    post("an unknown field does not validate", query("{ nothing }"), 422, INVALID, 200),
    post("an unknown argument does not validate", query("{ greeting(a: 1) }"), 422, INVALID, 200),
    post("an unknown type does not validate", query("query ($a: T) { greeting }"), 422, INVALID, 200),
    post("a variable that does not fit is refused", query("query ($a: Int!) { greeting }"), 422, None, 200),
    post("of two operations one is named", query(TWO), 422, "OPERATION_NAME_REQUIRED", 200),
    post("an unknown name is refused", query("query A { greeting }", operationName="B"), 422, UNKNOWN, 200),
    post("a subscription is no operation yet", query("subscription { a }"), 422, INVALID, 200),
    post("some data and some errors", query("{ greeting refused }"), 294, "BAD_USER_INPUT", 200),
    post("a fault of ours is masked", query("{ greeting broken }"), 294, "INTERNAL", 200),
    post("a fault that takes all data", query("{ brokenWhole }"), 294, "INTERNAL", 200),
    post("a mutation that is rolled back", query("mutation { fail }"), 294, "BAD_USER_INPUT", 200),
    get("GET asks a query", 200, None, query="{ greeting }"),
    get("GET carries variables in JSON", 200, None, query=NAMED, variables='{"n": "x"}'),
    get("GET does not mutate", 405, "METHOD_NOT_ALLOWED", query="mutation { fail }"),
    get("GET with half a JSON is refused", 400, "BAD_JSON", query="{ greeting }", variables="{"),
    get("GET with a list of variables is refused", 422, "BAD_REQUEST", 400, query="{ greeting }", variables="[1]"),
    get("GET with a number for extensions is refused", 422, "BAD_REQUEST", 400, query="{ greeting }", extensions="5"),
    get("GET without a query is refused", 422, "BAD_REQUEST", 400),
]  # fmt: skip


@pytest.mark.parametrize("accept", [MODERN, LEGACY, None])
@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_each_request_gets_its_status_its_type_and_its_code(site: Site, row: Row, accept: str | None) -> None:
    headers = {**row.headers, **({} if accept is None else {"accept": accept})}
    async with site.client() as client:
        del client.headers["accept"]
        answer = await client.request(row.method, "/graphql", content=row.body, headers=headers, params=row.query)
    expected = row.status if accept == MODERN else row.legacy or row.status
    assert answer.status_code == expected, answer.text
    assert answer.headers["content-type"] == (accept or LEGACY)
    assert UUID(answer.headers["x-request-id"])
    assert answer.headers["x-content-type-options"] == "nosniff"
    if row.status == 405:
        assert answer.headers["allow"] == ("POST" if row.method == "GET" else "GET, POST")
    if row.method == "HEAD":
        return
    body = answer.json()
    assert CANARY not in answer.text
    assert [error["extensions"]["code"] for error in body.get("errors", [])][:1] == (
        [row.code] if row.code else []
    ) or (row.code is None and row.status == 422)
    for error in body.get("errors", []):
        assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    assert ("data" in body) == (row.status in {200, 294})


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, LEGACY),
        ("*/*", LEGACY),
        ("application/*", LEGACY),
        ("application/json", LEGACY),
        ("application/json; charset=utf-8", LEGACY),
        (MODERN, MODERN),
        (f"{MODERN}, application/json;q=0.9", MODERN),
        (f"application/json, {MODERN}", MODERN),
        (f"{MODERN};q=0.1, application/json;q=0.9", LEGACY),
        (f"{MODERN};q=0, */*", LEGACY),
        ("text/html;q=0.5, application/json", LEGACY),
        ("text/html, application/xhtml+xml, */*;q=0.8", "text/html; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/html;q=0.5, */*;q=0.8", LEGACY),
        ("text/*", None),
        ("image/png", None),
        ("application/json;q=0", None),
    ],
)
async def test_accept_chooses_the_media_type(site: Site, accept: str | None, content_type: str | None) -> None:
    async with site.client() as client:
        del client.headers["accept"]
        headers = {} if accept is None else {"accept": accept}
        answer = await client.get("/graphql", params={"query": "{ greeting }"}, headers=headers)
    assert answer.status_code == (406 if content_type is None else 200)
    assert answer.headers["content-type"] == (content_type or LEGACY)
    assert "Accept" in answer.headers["vary"]


async def test_a_post_is_never_answered_with_a_page(site: Site) -> None:
    async with site.client() as client:
        answer = await client.post("/graphql", content=ASK, headers={**JSON, "accept": "text/html"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (406, "NOT_ACCEPTABLE")


async def test_a_bad_token_stops_the_whole_request(site: Site) -> None:
    async with site.client(headers={**JSON, "authorization": "Bearer a.b.c"}) as client:
        answer = await client.post("/graphql", content=ASK)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_member_is_served_and_a_stranger_is_refused_whole(site: Site, world: World) -> None:
    acme, stranger = world.acme, world.globex.people["owner"]
    async with site.client(headers={**JSON, "accept": MODERN}) as client:
        for user, status in ((acme.people["owner"], 200), (stranger, 403), (acme.people["suspended"], 403)):
            token = site.token(user, acme.workos_id)
            answer = await client.post("/graphql", content=ASK, headers={"authorization": f"Bearer {token}"})
            assert answer.status_code == status, answer.text
            assert ("errors" in answer.json()) == (status == 403)


async def test_a_cookie_from_elsewhere_is_no_permission(site: Site) -> None:
    forged = {**JSON, "cookie": "orgraph_session=x", "sec-fetch-site": "cross-site"}
    async with site.client() as client:
        answer = await client.post("/graphql", content=ASK, headers=forged)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "CSRF_BLOCKED")


async def test_a_cookie_that_does_not_open_is_taken_away(site: Site) -> None:
    async with site.client() as client:
        headers = {**JSON, "cookie": "orgraph_session=x", "x-orgraph-csrf": "1"}
        answer = await client.post("/graphql", content=ASK, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "SESSION_EXPIRED")
    assert "Max-Age=0" in answer.headers["set-cookie"]


async def test_an_upgrade_to_websocket_is_refused_for_now(site: Site) -> None:
    headers = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    async with site.client() as client:
        answer = await client.get("/graphql", headers={**headers, "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (426, "UPGRADE_REQUIRED")


async def test_the_time_of_each_part_is_told(site: Site) -> None:
    async with site.client(headers=JSON) as client:
        answer = await client.post("/graphql", content=ASK)
    parts = [part.partition(";dur=") for part in answer.headers["server-timing"].split(", ")]
    assert [name for name, _, _ in parts] == ["parse", "auth", "scope", "resolve", "database", "encode"]
    assert all(float(took) >= 0 for _, _, took in parts)
    assert answer.headers["x-orgraph-plan"] == "interpreted; no organization"


async def test_who_finds_no_free_connection_is_told_when_to_come_back(site: Site) -> None:
    async with site.client(headers=JSON) as client:
        held = [asyncio.create_task(client.post("/graphql", content=query("{ sleep(seconds: 1.2) }"))) for _ in "ab"]
        await asyncio.sleep(0.3)  # not for luck: had they not begun, the third would wait for them all the same
        answer = await client.post("/graphql", content=ASK)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (503, "OVERLOADED")
        assert answer.headers["retry-after"] == "1"
        assert [done.status_code for done in await asyncio.gather(*held)] == [200, 200]


async def test_an_operation_that_takes_too_long_is_ended(site: Site) -> None:
    async with site.client(headers={**JSON, "accept": MODERN}) as client:
        answer = await client.post("/graphql", content=query("{ sleep(seconds: 9) }"))
    # Postgres and we have the same limit: either may be first.
    assert answer.status_code in {294, 503}
    assert answer.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert answer.elapsed.total_seconds() < 5


async def test_a_client_that_leaves_takes_its_statement_along(site: Site, database: Database) -> None:
    async with as_superuser(database) as superuser, site.client(headers=JSON) as client:
        asking = asyncio.create_task(client.post("/graphql", content=query("{ sleep(seconds: 1.375) }")))
        await sleepers(superuser, 1)
        began = time.monotonic()
        asking.cancel()
        await sleepers(superuser, 0)
    assert time.monotonic() - began < 0.8, "the statement ended by itself"


async def sleepers(superuser: Connection, number: int) -> None:
    """Waits until that many statements of the test above are under way."""
    running = """select count(*) from pg_stat_activity
        where state = 'active' and query like '%pg_sleep(1.375%' and pid <> pg_backend_pid()"""
    async with asyncio.timeout(5):
        while await superuser.fetchval(running) != number:  # noqa: ASYNC110 - the other side is Postgres
            await asyncio.sleep(0.01)
