"""Another web origin may call with a token if it is allowed to, and never with a cookie."""

from __future__ import annotations

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server.cors import Cors
from server.edge import Edge

APP = "https://app.example"


async def fine(_: Request) -> Response:
    return PlainTextResponse("fine", headers={"vary": "Accept"})


def client(*, development: bool = False) -> httpx2.AsyncClient:
    cors = Middleware(Cors, allowed=[APP], any_loopback=development)
    app = Starlette(
        routes=[Route("/", fine, methods=["GET", "POST", "OPTIONS"], middleware=[cors])], middleware=[Middleware(Edge)]
    )
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://testing")


def preflight(origin: str) -> dict[str, str]:
    return {"origin": origin, "access-control-request-method": "POST"}


@pytest.mark.parametrize("origin", ["http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:9"])
async def test_in_development_any_loopback_origin_may_call(origin: str) -> None:
    async with client(development=True) as asking:
        allowed = await asking.options("/", headers=preflight(origin))
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, origin)
    async with client() as asking:
        assert (await asking.options("/", headers=preflight(origin))).status_code == 403


async def test_an_allowed_origin_reads_the_answer() -> None:
    async with client() as asking:
        answer = await asking.post("/", headers={"origin": APP})
    assert answer.headers["access-control-allow-origin"] == APP
    assert "x-request-id" in answer.headers["access-control-expose-headers"]
    assert answer.headers["vary"] == "Accept, Origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "https://app.example.evil.example", "null", f"{APP}:8443"])
async def test_an_unknown_origin_is_refused_and_told_nothing(origin: str) -> None:
    async with client(development=True) as asking:
        refused = await asking.options("/", headers=preflight(origin))
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "ORIGIN_NOT_ALLOWED")
        answer = await asking.post("/", headers={"origin": origin})
    for each in (refused, answer):
        assert not [name for name in each.headers if name.startswith("access-control-allow")]
        assert "Origin" in each.headers["vary"]


async def test_a_cookie_and_our_own_sign_are_never_allowed() -> None:
    async with client(development=True) as asking:
        allowed = await asking.options("/", headers=preflight(APP))
    assert "access-control-allow-credentials" not in allowed.headers
    assert "x-orgraph-csrf" not in allowed.headers["access-control-allow-headers"]
    assert "authorization" in allowed.headers["access-control-allow-headers"]
