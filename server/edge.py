"""What every request gets, whatever becomes of it: an id, the caller's address, safe headers, one line in the log.

And an answer in JSON when all else fails.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.errors import described, log_fault
from graph.happened import HAPPENED, Happened
from graph.refusals import Refused, of_code, refusal
from graph.told import is_for_on_call
from server.draining import Draining
from server.metrics import Meter
from server.proxies import address, client_of
from server.settings import Network

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from server.tracing import Tracing  # an extra: nothing of it is imported where it is off

log = logging.getLogger("orgraph.access")

MOST_HEADER_BYTES = 16_384
MOST_HEADERS = 100
MOST_URL_BYTES = 8_192
CLIENT_LEFT = 499  # in the log only: nobody was there to be told

# For answers that say nothing of their own. A JSON answer loads nothing, is framed by nobody and kept by nobody.
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
HSTS = {"strict-transport-security": "max-age=63072000"}


class Edge:
    """The outermost layer. `encrypted`: browsers are told to come over https only."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        trusted: Sequence[Network] = (),
        encrypted: bool = False,
        draining: Draining | None = None,
        meter: Meter | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self.tracing = tracing
        self.app = app
        self.meter = meter or Meter()
        self.draining = draining or Draining()
        self.trusted = tuple(trusted)
        headers = HEADERS | HSTS if encrypted else HEADERS
        self.headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        request_id: UUID = _request_id(headers)
        state["request_id"] = request_id
        span = self._traced(scope, headers) if self.tracing else None
        scope["client"] = self._client(scope, headers)
        status = 0
        self.meter.in_flight += 1

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                said = {name for name, _ in message["headers"]}
                if self.draining.begun and b"connection" not in said:
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
                silent = [header for header in self.headers if header[0] not in said]
                message["headers"] = [*message["headers"], (b"x-request-id", str(request_id).encode()), *silent]
            await send(message)

        try:
            if refused := _unacceptable(scope):
                await refusal(refused, request_id)(scope, receive, answer)
            else:
                await self.app(scope, receive, answer)
        except Exception as error:
            refused = _fault(error, request_id)
            if status:
                raise  # half an answer is out: the connection ends here
            await refusal(refused, request_id)(scope, receive, answer)
        finally:
            self.meter.in_flight -= 1
            left = bool(state.get("client_left"))
            took_s = time.perf_counter() - began
            if (happened := state.get("happened")) is not None:
                self.meter.observe(happened, took_s, left=left)
                if self.tracing and span:
                    self.tracing.end(span, CLIENT_LEFT if left else status, str(request_id), happened)
            _write_line(scope, CLIENT_LEFT if left else status, took_s)

    def _traced(self, scope: Scope, headers: Headers) -> Span | None:
        if self.tracing is None or scope["path"] != "/graphql":
            return None
        peer = address(scope["client"][0]) if scope.get("client") else None
        ours = peer is not None and any(peer in network for network in self.trusted)
        span = self.tracing.opened(scope["method"], scope["path"], headers if ours else {})
        scope["state"]["traced"] = span.is_recording()
        return span

    def _client(self, scope: Scope, headers: Headers) -> tuple[str, int] | None:
        client: tuple[str, int] | None = scope.get("client")
        if client is None:
            return None
        host = client_of(client[0], headers.getlist("x-forwarded-for"), self.trusted)
        return client if host == client[0] else (host, 0)


def _request_id(headers: Headers) -> UUID:
    try:
        return UUID(headers["x-request-id"])
    except (KeyError, ValueError):
        return uuid4()


# A name or an address, and perhaps a port; an empty one is what HTTP/1.1 asks of who has none.
_HOST = re.compile(rb"([\w.-]*|\[[0-9a-f:.]+\])(:\d{1,5})?", re.IGNORECASE)


def _unacceptable(scope: Scope) -> Refused | None:
    headers = scope["headers"]
    hosts = [value for name, value in headers if name == b"host"]
    # Which name of ours it is decides nothing here. Two of them are how one server is made to see another request
    # than the proxy before it has seen.
    if len(hosts) > 1 or not all(map(_HOST.fullmatch, hosts)) or (not hosts and scope["http_version"] == "1.1"):
        return Refused(400, "BAD_HOST", "Name one host, as it is in the address.", headers={"connection": "close"})
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES:
        message = f"The headers are too large: at most {MOST_HEADERS}, and {MOST_HEADER_BYTES} bytes in all."
        return Refused(431, "HEADERS_TOO_LARGE", message, headers={"connection": "close"})
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_URL_BYTES:
        return Refused(414, "URI_TOO_LONG", f"The address is too long: at most {MOST_URL_BYTES} bytes. Use POST.")
    return None


def _fault(error: Exception, request_id: UUID) -> Refused:
    known = described(error)
    if known is None or is_for_on_call(error):
        log_fault(error, request_id)
    return of_code(
        *(known or ("INTERNAL", "Something went wrong on our side. Quote the request id when you report it."))
    )


def _write_line(scope: Scope, status: int, took_s: float) -> None:
    path = scope["path"]
    if path in ("/livez", "/readyz") and status < 400:  # noqa: PLR2004 - asked every second: only a failure is news
        return
    if status == 404 and path != "/graphql":  # noqa: PLR2004 - what is nowhere was made up by somebody
        path = "(nowhere)"
    took = round(took_s * 1000, 1)
    happened: Happened | None = scope["state"].get("happened")
    operation = happened.operation if happened else None
    fields: dict[str, Any] = {
        "method": scope["method"],
        "path": path,
        "status": status,
        "duration_ms": took,
        "request_id": str(scope["state"]["request_id"]),
    }
    if happened is not None:
        fields |= {name: value for name in HAPPENED if (value := getattr(happened, name))}
    named = f", {operation}" if operation else ""
    log.info("%s %s %s in %s ms%s", scope["method"], _printable(path), status, took, named, extra=fields)


def _printable(path: str) -> str:
    return path.encode("ascii", "backslashreplace").decode()[:200] if path.isprintable() else "(unprintable)"
