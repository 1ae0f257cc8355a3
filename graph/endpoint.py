"""GraphQL over HTTP: a request becomes an operation, its outcome a status; nothing leaves in any other shape."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, MutableMapping
from dataclasses import dataclass
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
_PATIENCE_S = 0.05
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
        parameters = await posted(request) if request.method == "POST" else got(request)
        request.state.operation_name = parameters.logged_name()
        timing.ends("parse")
        authenticated = await authenticate(request, self.identity)
        timing.ends("auth")
        answered = await _while_connected(self._run(request, request_id, parameters, authenticated), request)
        timing.ends("operation")
        response = _response(answered, media_type)
        if answered.way is not None:
            timing.parts.append(answered.way.partition(";")[0])
            response.headers["x-orgraph-plan"] = answered.way
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


class Timing:
    """How long each part of a request took, as `Server-Timing` says it, in milliseconds."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._began = time.perf_counter()

    def ends(self, name: str) -> None:
        """The part of this name has just ended; the next one begins."""
        now = time.perf_counter()
        self.parts.append(f"{name};dur={(now - self._began) * 1000:.2f}")
        self._began = now

    def header(self) -> str:
        return ", ".join(self.parts)


async def _while_connected(running: Coroutine[Any, Any, Answered], request: Request) -> Answered:
    """The answer of `running`; ended, and its statement in Postgres with it, when nobody waits for it any more.

    Who leaves is noticed after a moment: watching costs more than most operations take.
    """
    task = asyncio.current_task()
    watch: asyncio.Task[None] | None = None
    left = False

    def end(ended: asyncio.Task[None]) -> None:
        nonlocal left
        if task is not None and not ended.cancelled():
            left = True
            task.cancel()

    def begin() -> None:
        nonlocal watch
        watch = asyncio.create_task(_left(request), name="disconnect")
        watch.add_done_callback(end)

    timer = asyncio.get_running_loop().call_later(_PATIENCE_S, begin)
    try:
        return await running
    except asyncio.CancelledError:
        # By now the transaction is rolled back. We may have been cancelled by somebody else, too.
        if left and task is not None and task.uncancel() == 0:
            raise ClientDisconnect from None
        raise
    finally:
        timer.cancel()
        if watch is not None:
            watch.remove_done_callback(end)
            watch.cancel()


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
