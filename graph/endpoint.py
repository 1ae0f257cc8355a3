"""GraphQL over HTTP: a request becomes an operation, its outcome a status; nothing leaves in any other shape."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from auth.authenticate import Authenticated, authenticate
from auth.errors import AuthError, InvalidToken
from auth.identity import Identity
from graph.accept import GRAPHQL, HTML, JSON, MediaType, preferred
from graph.asking import Parameters, got, posted
from graph.explorer import page
from graph.operation import Answered, Asked, Graph, run
from graph.refusals import Refused, of_code, refusal

log = logging.getLogger("orgraph.auth")

ALLOWED = "GET, POST"
_VARY = "Accept, Authorization, Cookie"
# What a client is told that reads the newer media type, and one that reads the older.
_STATUS = {"ok": (200, 200), "partial": (294, 200), "failed": (294, 200), "syntax": (400, 400), "invalid": (422, 200)}


@dataclass(frozen=True)
class Endpoint:
    """The ASGI app at /graphql. `explorer`: whether a browser is shown GraphiQL."""

    graph: Graph
    identity: Identity
    explorer: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        request_id = _request_id(scope)
        accept = request.headers.get("accept")
        shows_page = self.explorer and request.method == "GET"
        media_type = preferred(accept, page=shows_page)
        try:
            _demand_method(request)
            response = await self._response(request, request_id, media_type)
        except Refused as refused:
            response = refusal(refused, request_id, media_type or JSON)
        except AuthError as error:
            response = _not_authenticated(error, request_id, media_type or JSON)
        except ClientDisconnect:
            scope["state"]["client_left"] = True
            return
        response.headers.setdefault("vary", _VARY)
        await response(scope, receive, send)

    async def _response(self, request: Request, request_id: UUID, media_type: MediaType | None) -> Response:
        if media_type is None:
            raise Refused(406, "NOT_ACCEPTABLE", f"Accept {GRAPHQL} or {JSON}.")
        if media_type == HTML:
            return page.page(development=self.graph.development)
        timing = Timing()
        with timing.of("parse"):
            parameters = await posted(request) if request.method == "POST" else got(request)
        request.state.operation_name = parameters.logged_name()
        with timing.of("auth"):
            authenticated = await authenticate(request, self.identity)
        with timing.of("operation"):
            answered = await _while_connected(self._run(request, request_id, parameters, authenticated), request)
        response = _response(answered, media_type)
        response.headers["server-timing"] = timing.header()
        for line in authenticated.set_cookie:
            response.headers.append("set-cookie", line)
        return response

    async def _run(
        self, request: Request, request_id: UUID, parameters: Parameters, authenticated: Authenticated
    ) -> Answered:
        asked = Asked(
            query=parameters.query,
            operation_name=parameters.operation_name,
            variables=parameters.variables,
            request_id=request_id,
            ip=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent"),
            may_mutate=request.method == "POST",
        )
        return await run(self.graph, authenticated.principal, asked)


@dataclass
class Timing:
    """How long each part of a request took, as `Server-Timing` says it, in milliseconds."""

    parts: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def of(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.parts.append(f"{name};dur={(time.perf_counter() - began) * 1000:.2f}")

    def header(self) -> str:
        return ", ".join(self.parts)


async def _while_connected(running: Coroutine[Any, Any, Answered], request: Request) -> Answered:
    """The answer of `running`; ended, and its statement in Postgres with it, when nobody waits for it any more."""
    operation = asyncio.create_task(running, name="operation")
    watch = asyncio.create_task(_left(request), name="disconnect")
    try:
        await asyncio.wait({operation, watch}, return_when=asyncio.FIRST_COMPLETED)
        if operation.done():
            return operation.result()
        raise ClientDisconnect
    finally:
        watch.cancel()
        if not operation.done():
            # Also when we are cancelled ourselves: the transaction is rolled back before anything else happens.
            operation.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await operation


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _demand_method(request: Request) -> None:
    if request.headers.get("upgrade", "").lower() == "websocket":
        raise Refused(
            426,
            "UPGRADE_REQUIRED",
            "There are no subscriptions yet: send queries and mutations over HTTP.",
            headers={"upgrade": "HTTP/1.1", "connection": "upgrade"},
        )
    if request.method not in {"GET", "POST"}:
        raise Refused(405, "METHOD_NOT_ALLOWED", "Use POST, or GET for queries.", headers={"allow": ALLOWED})


def _response(answered: Answered, media_type: MediaType) -> Response:
    modern = media_type == GRAPHQL
    headers: dict[str, str] = {}
    if answered.outcome in _STATUS:
        status = _STATUS[answered.outcome][0 if modern else 1]
    elif answered.outcome == "get_mutation":
        status, headers = 405, {"allow": "POST"}
    else:
        refused = of_code(answered.code or "INTERNAL", "")
        status, headers = refused.status, refused.headers
    return Response(answered.body, status, headers, media_type)


def _not_authenticated(error: AuthError, request_id: UUID, media_type: MediaType) -> Response:
    if isinstance(error, InvalidToken):
        log.info("token refused: %s", error.reason, extra={"request_id": str(request_id)})
    response = refusal(Refused(error.status, error.code, str(error), headers=error.headers), request_id, media_type)
    for line in error.set_cookie:
        response.headers.append("set-cookie", line)
    return response


def _request_id(scope: Scope) -> UUID:
    state: MutableMapping[str, Any] = scope.setdefault("state", {})
    if "request_id" not in state:
        state["request_id"] = uuid4()
    given: UUID = state["request_id"]
    return given
