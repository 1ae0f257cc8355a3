"""GraphQL over HTTP: a request becomes an operation, its outcome a status; nothing leaves in any other shape."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from auth.authenticate import Authenticated, authenticate
from auth.errors import AuthError, InvalidToken
from auth.identity import Identity
from db.replica import END
from graph.accept import GRAPHQL, HTML, JSON, MediaType, preferred, takes_json
from graph.asking import Batch, Parameters, got, posted
from graph.compression import compress
from graph.explorer import page
from graph.freshness import Freshness
from graph.happened import Happened
from graph.keeping import may_be_kept
from graph.operation import Answered, Asked, Graph, run
from graph.refusals import Refused, of_code, refusal
from graph.timing import Timing

T = TypeVar("T")

log = logging.getLogger("orgraph.auth")

ALLOWED = "GET, POST"
COST_HEADER = "x-orgraph-cost"
_PATIENCE_S = 0.05
_VARY = "Accept, Accept-Encoding, Authorization, Cookie"
# What a client is told that reads the newer media type, and one that reads the older.
_STATUS = {"ok": (200, 200), "partial": (294, 200), "failed": (294, 200), "syntax": (400, 400), "invalid": (422, 200)}


@dataclass(frozen=True)
class Endpoint:
    """The ASGI app at /graphql. `explorer`: a browser is shown GraphiQL; `batching`: a list of operations is taken."""

    graph: Graph
    identity: Identity
    explorer: bool = False
    batching: bool = False
    freshness: Freshness | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        request_id = _request_id(scope)
        happened = scope["state"]["happened"] = Happened(parts=[] if scope["state"].get("traced") else None)
        shows_page = self.explorer and request.method == "GET"
        media_type = preferred(request.headers.get("accept"), page=shows_page)
        timing = Timing()
        try:
            _demand_method(request)
            response = await self._response(request, request_id, media_type, timing)
        except Refused as refused:
            happened.code = refused.code
            response = refusal(refused, request_id, media_type or JSON)
        except AuthError as error:
            happened.code = error.code
            response = _not_authenticated(error, request_id, media_type or JSON)
        except ClientDisconnect:
            scope["state"]["client_left"] = True
            return
        response.headers.setdefault("vary", _VARY)
        await compress(response, request.headers.get("accept-encoding"))
        timing.ends("encode")
        response.headers["server-timing"] = timing.header()
        await response(scope, receive, send)

    async def _response(
        self, request: Request, request_id: UUID, media_type: MediaType | None, timing: Timing
    ) -> Response:
        if media_type is None:
            raise Refused(406, "NOT_ACCEPTABLE", f"Accept {GRAPHQL} or {JSON}.")
        if media_type == HTML:
            return page.page(development=self.graph.development)
        happened: Happened = request.state.happened
        limits = self.graph.limits
        posts = request.method == "POST"
        parameters = await posted(request, limits, batching=self.batching) if posts else got(request, limits)
        happened.operation = None if isinstance(parameters, list) else parameters.logged_name()
        timing.ends("parse")
        authenticated = await authenticate(request, self.identity)
        happened.asked_by(authenticated.principal)
        timing.ends("auth")
        if isinstance(parameters, list):
            response = await self._batch(request, request_id, parameters, authenticated, timing)
        else:
            running = self._run(request, request_id, parameters, authenticated, timing)
            answered = await _while_connected(running, request)
            response = answer_of(answered, media_type, request)
            self._tell_position(request, response, [answered])
        for line in authenticated.set_cookie:
            response.headers.append("set-cookie", line)
        return response

    async def _batch(
        self, request: Request, request_id: UUID, batch: Batch, authenticated: Authenticated, timing: Timing
    ) -> Response:
        """One after another, each with limits, a scope and an answer of its own; so one connection at a time."""
        if not takes_json(request.headers.get("accept")):
            raise Refused(406, "NOT_ACCEPTABLE", f"A batch is answered in {JSON}.")

        async def answers() -> list[Answered | Refused]:
            return [
                one
                if isinstance(one, Refused)
                else await self._run(request, request_id, one, authenticated, timing, fresh=True)
                for one in batch
            ]

        request.state.happened.elements = []
        found = await _while_connected(answers(), request)
        bodies = [bytes(refusal(one, request_id).body) if isinstance(one, Refused) else one.body for one in found]
        response = Response(b"[" + b",".join(bodies) + b"]", media_type=JSON)
        self._tell_position(request, response, [one for one in found if isinstance(one, Answered)])
        return response

    def _tell_position(self, request: Request, response: Response, answers: list[Answered]) -> None:
        """Where what was stored can be read, for the queries that follow."""
        written = [answered.written for answered in answers if answered.written is not None]
        if self.freshness is not None and written:
            for name, value in self.freshness.headers(max(written), request):
                response.headers.append(name, value)

    async def _run(
        self,
        request: Request,
        request_id: UUID,
        parameters: Parameters,
        authenticated: Authenticated,
        timing: Timing,
        *,
        fresh: bool = False,
    ) -> Answered:
        """`fresh`: an element of a batch, which may read what the one before it has written."""
        happened: Happened = request.state.happened
        if happened.elements is not None:
            happened = happened.element(parameters.logged_name())
        asked = Asked(
            query=parameters.query,
            operation_name=parameters.operation_name,
            variables=parameters.variables,
            request_id=request_id,
            ip=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent"),
            may_mutate=request.method == "POST",
            timing=timing,
            shows_cost=request.method == "POST" and request.headers.get(COST_HEADER) == "1",
            written=END if fresh or self.freshness is None else self.freshness.brought_by(request),
            happened=happened,
        )
        return await run(self.graph, authenticated.principal, asked)


async def _while_connected(running: Coroutine[Any, Any, T], request: Request) -> T:
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


def answer_of(answered: Answered, media_type: MediaType, request: Request) -> Response:
    """An operation's answer as HTTP: the status that its kind has in this media type, and the headers with it."""
    modern = media_type == GRAPHQL
    headers: dict[str, str] = {}
    if answered.outcome in _STATUS:
        status = _STATUS[answered.outcome][0 if modern else 1]
    elif answered.outcome == "get_mutation":
        status, headers = 405, {"allow": "POST"}
    else:
        refused = of_code(answered.code or "INTERNAL", "")
        status, headers = refused.status, refused.headers
    if answered.retry_after_s is not None:
        headers["retry-after"] = str(answered.retry_after_s)
    response = Response(answered.body, status, headers, media_type)
    if request.method == "GET" and answered.outcome == "ok" and not answered.health_data:
        response = may_be_kept(response, request)
    if answered.way is not None:
        response.headers["x-orgraph-plan"] = answered.way
    return response


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
