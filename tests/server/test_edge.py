"""What every request gets: an id, safe headers, JSON errors, the right address, an honest log."""

from __future__ import annotations

import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_network
from uuid import UUID

import httpx2
import orjson
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server.edge import Edge
from server.faults import HANDLERS
from server.settings import Network
from tests.personas import Database, World, really
from tests.server.site import CANARY, Site

GIVEN = "0198f0a2-0000-7000-8000-000000000001"


def code_of(answer: httpx2.Response) -> str:
    code: str = answer.json()["errors"][0]["extensions"]["code"]
    return code


async def test_the_callers_request_id_is_kept_if_it_is_a_uuid(site: Site) -> None:
    async with site.client() as client:
        assert (await client.get("/livez", headers={"x-request-id": GIVEN})).headers["x-request-id"] == GIVEN
        ours = (await client.get("/livez", headers={"x-request-id": "<script>"})).headers["x-request-id"]
    assert UUID(ours)


@pytest.mark.parametrize(
    "path", ["/nothing", "/graphql/", "/graphql/../admin", "/%2e%2e/etc/passwd", "/auth", "//livez"]
)
async def test_an_unknown_address_is_told_so_in_json(site: Site, path: str) -> None:
    answer = site.raw(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404 ")
    assert b"content-type: application/json" in head
    assert orjson.loads(body)["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "path", "allow"), [("POST", "/livez", "GET, HEAD"), ("GET", "/auth/sign-out", "POST")]
)
async def test_another_method_is_told_which_are_allowed(site: Site, method: str, path: str, allow: str) -> None:
    async with site.client() as client:
        answer = await client.request(method, path)
    assert (answer.status_code, code_of(answer), answer.headers["allow"]) == (405, "METHOD_NOT_ALLOWED", allow)


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /graphql HTTP/1.1\r\nhost: x\r\nbad header: y\r\n\r\n",
        b"\x16\x03\x01 this is TLS",
    ],
    ids=["both lengths", "a malformed header", "TLS"],
)
def test_what_is_no_http_is_refused_in_json_and_closed(site: Site, request_: bytes) -> None:
    head, _, body = site.raw(request_).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"connection: close" in head
    assert orjson.loads(body)["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"".join(b"x-%d: y\r\n" % number for number in range(200)), b"431"),
        (b"x-long: " + b"y" * 20_000 + b"\r\n", b"431"),
    ],
    ids=["200 headers", "20 kB"],
)
def test_headers_have_a_limit(site: Site, head: bytes, status: bytes) -> None:
    answer = site.raw(b"GET /livez HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b'"HEADERS_TOO_LARGE"' in answer


async def test_an_address_has_a_limit(site: Site) -> None:
    async with site.client() as client:
        answer = await client.get("/graphql", params={"query": "{ greeting }" + "#" * 9_000})
    assert (answer.status_code, code_of(answer)) == (414, "URI_TOO_LONG")


def test_a_chunked_body_that_crosses_the_limit_is_refused_and_closed(site: Site) -> None:
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    answer = site.raw(head + chunk * 20 + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer


def test_a_body_that_says_it_is_too_large_is_refused_when_its_client_can_hear_it(site: Site) -> None:
    size = 4 * 1_048_576
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % size
    answer = site.raw(head + b" " * size)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer


async def test_a_client_that_leaves_in_the_middle_of_its_body_harms_nobody(site: Site) -> None:
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"
    host, _, port = site.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head)
    async with site.client() as client:
        assert (await client.get("/livez")).status_code == 200


App = Callable[[Request], Awaitable[Response]]


def alone(endpoint: App, *, trusted: Sequence[Network] = (), encrypted: bool = False) -> httpx2.AsyncClient:
    app = Starlette(
        routes=[Route("/", endpoint)],
        middleware=[Middleware(Edge, trusted=trusted, encrypted=encrypted)],
        exception_handlers=HANDLERS,
    )
    transport = httpx2.ASGITransport(app, client=("10.0.0.9", 1))
    return httpx2.AsyncClient(transport=transport, base_url="http://testing")


async def test_an_unexpected_fault_is_masked_and_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    async def failing(_: Request) -> Response:
        raise ValueError(CANARY)

    async with alone(failing) as client:
        answer = await client.get("/", headers={"x-request-id": GIVEN})
    assert (answer.status_code, code_of(answer)) == (500, "INTERNAL")
    assert answer.json()["errors"][0]["extensions"]["requestId"] == GIVEN
    assert CANARY not in answer.text + caplog.text
    assert "ValueError at " in caplog.text


async def test_a_database_out_of_reach_is_said_to_be_out_of_reach() -> None:
    async def failing(_: Request) -> Response:
        raise ConnectionRefusedError(CANARY)

    async with alone(failing) as client:
        answer = await client.get("/")
    assert (answer.status_code, code_of(answer), answer.headers["retry-after"]) == (503, "DB_UNAVAILABLE", "1")


PROXIES: list[Network] = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("trusted", "forwarded", "seen"),
    [
        ([], ["198.51.100.7"], "10.0.0.9"),
        (PROXIES, [], "10.0.0.9"),
        (PROXIES, ["198.51.100.7"], "198.51.100.7"),
        (PROXIES, ["203.0.113.1, 198.51.100.7, 10.1.1.1"], "198.51.100.7"),
        (PROXIES, ["203.0.113.1", "198.51.100.7"], "198.51.100.7"),
        (PROXIES, ["2001:db8::1, fd00::2"], "2001:db8::1"),
        (PROXIES, ["198.51.100.7, not-an-address"], "10.0.0.9"),
        ([ip_network("192.0.2.0/24")], ["198.51.100.7"], "10.0.0.9"),
        (PROXIES, ["198.51.100.7:40123, ::ffff:10.1.1.1"], "198.51.100.7"),
        (PROXIES, ["[2001:db8::1]:443"], "2001:db8::1"),
        (PROXIES, ["fe80::1%eth0"], "fe80::1"),
        (PROXIES, ["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
        (PROXIES, ["198.51.100.7, "], "10.0.0.9"),
    ],
)
async def test_an_address_is_believed_from_our_own_proxies_only(
    trusted: list[Network], forwarded: list[str], seen: str
) -> None:
    async def address(request: Request) -> Response:
        assert request.client
        return PlainTextResponse(request.client.host)

    async with alone(address, trusted=trusted) as client:
        answer = await client.get("/", headers=[("x-forwarded-for", line) for line in forwarded])
    assert answer.text == seen


async def test_the_address_reaches_the_scope_of_the_database(site: Site) -> None:
    async with site.client(headers={"x-forwarded-for": "203.0.113.9, 198.51.100.7"}) as client:
        answer = await client.post("/graphql", json={"query": "{ address }"})
    assert answer.json() == {"data": {"address": "198.51.100.7"}}


async def test_the_trail_names_the_address_that_our_proxy_saw_and_not_the_one_that_was_forged(
    site: Site, world: World, database: Database
) -> None:
    token = site.token(world.acme.people["owner"], world.globex.workos_id)
    headers = {
        "authorization": f"Bearer {token}",
        "x-forwarded-for": "203.0.113.9, 198.51.100.7",
        "x-request-id": GIVEN,
    }
    async with site.client(headers=headers) as client:
        assert (await client.post("/graphql", json={"query": "{ greeting }"})).status_code == 403
    rows = "select array_agg(distinct host(ip)) from app.audit_logs where request_id = $1"
    assert await really(database, rows, UUID(GIVEN)) == ["198.51.100.7"]


async def test_browsers_are_told_to_stay_on_https_where_there_is_https() -> None:
    async def fine(_: Request) -> Response:
        return PlainTextResponse("fine")

    async with alone(fine, encrypted=True) as client:
        assert re.match(r"max-age=\d+", (await client.get("/")).headers["strict-transport-security"])
    async with alone(fine) as client:
        assert "strict-transport-security" not in (await client.get("/")).headers
