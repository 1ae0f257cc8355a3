"""The whole matrix, every cell of it: what is wrong, by which method, with which Accept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson
import pytest
from starlette.requests import Request

from graph.endpoint import answer_of
from graph.operation import Answered
from graph.refusals import STATUSES
from tests.personas import World
from tests.server.site import CANARY, Site

MODERN, LEGACY = "application/graphql-response+json", "application/json"
ACCEPTS = {
    None: LEGACY,
    "*/*": LEGACY,
    LEGACY: LEGACY,
    MODERN: MODERN,
    f"{MODERN}, {LEGACY}": MODERN,
    f"{LEGACY}, {MODERN};q=0.5": LEGACY,
    "text/html": "page",
    "image/png": None,
}
OTHERS = ("PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "PROPFIND")


@dataclass(frozen=True)
class Case:
    """A request, and its status by the newer media type and by the older; `get` is what a GET of the same is told."""

    fact: str
    asked: Mapping[str, Any]
    modern: int
    legacy: int
    code: str | None
    headers: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    get: tuple[int, str] | None = None
    methods: tuple[str, ...] = ("GET", "POST")


GOOD = {"query": "{ greeting }"}
COOKIE = {"cookie": "orgraph_session=x"}
SOCKET = {"connection": "upgrade", "upgrade": "websocket"}
TWO = "query A { greeting } query B { greeting }"
INVALID = "GRAPHQL_VALIDATION_FAILED"
CASES = [
    Case("all is well", GOOD, 200, 200, None),
    Case("a field fails", {"query": "{ greeting refused }"}, 294, 200, "BAD_USER_INPUT"),
    Case("all fails", {"query": "{ brokenWhole }"}, 294, 200, "INTERNAL"),
    Case("rolled back", {"query": "mutation { fail }"}, 294, 200, "BAD_USER_INPUT", get=(405, "METHOD_NOT_ALLOWED")),
    Case("a syntax error", {"query": "{"}, 400, 400, "GRAPHQL_PARSE_FAILED"),
    Case("not valid", {"query": "{ nothing }"}, 422, 200, INVALID),
    Case("a variable", {"query": "query ($n: String!) { greeting(name: $n) }"}, 422, 200, "BAD_USER_INPUT"),
    Case("no such operation", {**GOOD, "operationName": "A"}, 422, 200, "OPERATION_NOT_FOUND"),
    Case("which operation", {"query": TWO}, 422, 200, "OPERATION_NAME_REQUIRED"),
    Case("a subscription", {"query": "subscription { a }"}, 422, 200, INVALID),
    Case("no query", {"operationName": "A"}, 422, 400, "BAD_REQUEST"),
    Case("variables of another shape", {**GOOD, "variables": [1]}, 422, 400, "BAD_REQUEST"),
    Case("an unknown document", {"documentId": "a1"}, 404, 404, "PERSISTED_QUERY_NOT_FOUND"),
    Case("a large document", {"query": "#" * 102_401}, 413, 413, "PAYLOAD_TOO_LARGE", methods=("POST",)),
    Case("a large address", {"query": "#" * 8_193}, 414, 414, "URI_TOO_LONG", methods=("GET",)),
    Case("a bad token", GOOD, 401, 401, "UNAUTHENTICATED", {"authorization": "Bearer a.b.c"}),
    Case("no token in it", GOOD, 401, 401, "UNAUTHENTICATED", {"authorization": "Bearer"}),
    Case("a dead session", GOOD, 401, 401, "SESSION_EXPIRED", {**COOKIE, "x-orgraph-csrf": "1"}),
    Case("another site", GOOD, 403, 403, "CSRF_BLOCKED", {**COOKIE, "sec-fetch-site": "cross-site"}),
    Case("a sibling site", GOOD, 403, 403, "CSRF_BLOCKED", {**COOKIE, "sec-fetch-site": "same-site"}),
    Case("another origin", GOOD, 403, 403, "CSRF_BLOCKED", {**COOKIE, "origin": "https://evil.example"}),
    Case("a socket", GOOD, 426, 426, "UPGRADE_REQUIRED", SOCKET, {"upgrade": "HTTP/1.1"}, methods=("GET",)),
]
# Stopped before anything is asked of Accept, or of anything else.
AT_THE_DOOR = {"URI_TOO_LONG": LEGACY, "UPGRADE_REQUIRED": None}
# A status of 200 without data: the older rules, for what stopped before anything was run.
NEVER_RUN = {INVALID, "OPERATION_NOT_FOUND", "OPERATION_NAME_REQUIRED"}


def expected(case: Case, method: str, accept: str | None) -> tuple[int, str | None, str]:
    """Status, code and media type."""
    chosen = ACCEPTS[accept]
    media_type = MODERN if chosen == MODERN else LEGACY
    if case.code in AT_THE_DOOR:
        return case.modern, case.code, AT_THE_DOOR[case.code] or media_type
    if chosen == "page" and method == "GET":
        return 200, None, "text/html; charset=utf-8"
    if chosen in {"page", None}:
        return 406, "NOT_ACCEPTABLE", LEGACY
    if case.get and method == "GET":
        return *case.get, media_type
    return case.modern if chosen == MODERN else case.legacy, case.code, media_type


async def sent(client: httpx2.AsyncClient, method: str, asked: Mapping[str, Any], **options: Any) -> httpx2.Response:
    """The same request by either method: a GET carries objects as JSON."""
    if method == "GET":
        params = {
            key: value if isinstance(value, str) else orjson.dumps(value).decode() for key, value in asked.items()
        }
        return await client.get("/graphql", params=params, **options)
    return await client.post("/graphql", json=asked, **options)


@pytest.mark.parametrize(
    ("case", "method"),
    [
        pytest.param(case, method, id=f"{case.fact.replace(' ', '_')}-{method}")
        for case in CASES
        for method in case.methods
    ],
)
async def test_what_is_wrong_has_its_status_whatever_is_accepted(site: Site, case: Case, method: str) -> None:
    async with site.client() as client:
        del client.headers["accept"]
        for accept in ACCEPTS:
            headers = {**case.headers, **({} if accept is None else {"accept": accept})}
            answer = await sent(client, method, case.asked, headers=headers)
            status, code, media_type = expected(case, method, accept)
            assert (accept, answer.status_code, answer.headers["content-type"]) == (accept, status, media_type)
            if media_type.startswith("text/html"):
                continue
            body = answer.json()
            errors = body.get("errors", [])
            assert [error["extensions"]["code"] for error in errors][:1] == ([code] if code else [])
            assert {error["extensions"]["requestId"] for error in errors} <= {answer.headers["x-request-id"]}
            assert ("data" in body) == (status in {200, 294} and case.fact != "a variable" and code not in NEVER_RUN)
            assert CANARY not in answer.text
            if code == case.code:
                assert case.answers.items() <= dict(answer.headers).items()
            assert answer.headers.get("allow") == ("POST" if status == 405 else None)
            assert answer.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)


@pytest.mark.parametrize("method", OTHERS)
async def test_another_method_is_refused_whatever_is_accepted(site: Site, method: str) -> None:
    async with site.client() as client:
        for accept, chosen in ACCEPTS.items():
            headers = {"content-type": LEGACY, **({} if accept is None else {"accept": accept})}
            answer = await client.request(method, "/graphql", content=b'{"query": "{ greeting }"}', headers=headers)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
            assert answer.headers["content-type"] == (MODERN if chosen == MODERN else LEGACY)
            if method != "HEAD":
                assert answer.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("accept", [None, LEGACY, MODERN])
async def test_a_post_of_another_type_is_refused(site: Site, content_type: str | None, accept: str | None) -> None:
    headers = {name: value for name, value in (("content-type", content_type), ("accept", accept)) if value}
    async with site.client() as client:
        answer = await client.post("/graphql", content=b"query=%7B+greeting+%7D", headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("accept", [None, LEGACY, MODERN])
async def test_what_was_answered_before_is_answered_304(site: Site, accept: str | None) -> None:
    headers = {} if accept is None else {"accept": accept}
    async with site.client() as client:
        tag = (await sent(client, "GET", GOOD, headers=headers)).headers["etag"]
        again = await sent(client, "GET", GOOD, headers={**headers, "if-none-match": tag})
        posted = await sent(client, "POST", GOOD, headers={**headers, "if-none-match": tag})
    assert (again.status_code, again.content, posted.status_code) == (304, b"", 200)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("accept", [None, LEGACY, MODERN])
async def test_who_is_no_member_is_refused_whole(site: Site, world: World, accept: str | None, method: str) -> None:
    token = site.token(world.globex.people["owner"], world.acme.workos_id)
    headers = {"authorization": f"Bearer {token}", **({} if accept is None else {"accept": accept})}
    async with site.client(headers=headers) as client:
        answer = await sent(client, method, GOOD)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    assert "data" not in answer.json()


@pytest.mark.parametrize("media_type", [LEGACY, MODERN])
@pytest.mark.parametrize("code", [*STATUSES, "INTERNAL"])
def test_a_fault_of_the_whole_operation_has_the_status_of_its_code(code: str, media_type: Any) -> None:
    """Whatever stops an operation says its code; status and headers follow from that alone."""
    request = Request({"type": "http", "method": "POST", "headers": []})
    answer = answer_of(Answered(b"{}", "unavailable", code), media_type, request)
    assert (answer.status_code, answer.media_type) == (STATUSES.get(code, 500), media_type)
    assert ("retry-after" in answer.headers) == (answer.status_code in {409, 429, 503})


PATHS = (
    "/", "/graphql", "/graphql/", "/graphql/explorer/nothing.js", "/schema.graphql", "/auth", "/auth/me",
    "/auth/sign-out", "/auth/organization", "/livez", "/readyz", "/metrics", "/nothing", "/favicon.ico", "/.env",
    "/%00", "/%ff",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_every_refusal_on_every_path_by_every_method_is_json(site: Site, path: str) -> None:
    async with site.client(headers={"authorization": "Bearer a.b.c"}) as client:
        for method in ("GET", "POST", *OTHERS):
            answer = await client.request(method, path, follow_redirects=False)
            assert answer.status_code < 500
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == LEGACY
                assert answer.headers["cache-control"] == "no-store"
                assert ("allow" in answer.headers) == (answer.status_code == 405)
                assert ("www-authenticate" in answer.headers) == (answer.status_code == 401)
                if method != "HEAD":
                    [error] = answer.json()["errors"]
                    assert error["extensions"]["code"]
                    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
