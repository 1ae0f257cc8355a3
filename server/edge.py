"""What every request gets, whatever becomes of it: an id, the caller's address, safe headers, one line in the log.

And an answer in JSON when all else fails.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Sequence
from ipaddress import ip_address
from uuid import UUID, uuid4

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.errors import described, log_fault
from graph.refusals import Refused, of_code, refusal
from graph.told import is_for_on_call
from server.settings import Network

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

    def __init__(self, app: ASGIApp, *, trusted: Sequence[Network] = (), encrypted: bool = False) -> None:
        self.app = app
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
        scope["client"] = self._client(scope, headers)
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                said = {name for name, _ in message["headers"]}
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
            _write_line(scope, CLIENT_LEFT if state.get("client_left") else status, began)

    def _client(self, scope: Scope, headers: Headers) -> tuple[str, int] | None:
        """The nearest address that is no proxy of ours: anybody may write the far end of X-Forwarded-For."""
        client: tuple[str, int] | None = scope.get("client")
        if not self.trusted or client is None:
            return client
        hops = [hop.strip() for line in headers.getlist("x-forwarded-for") for hop in line.split(",")]
        host = client[0]
        while hops and self._is_trusted(host):
            hop = hops.pop()
            if not _is_address(hop):
                break
            host = hop
        return client if host == client[0] else (host, 0)

    def _is_trusted(self, host: str) -> bool:
        return _is_address(host) and any(ip_address(host) in network for network in self.trusted)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


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


def _write_line(scope: Scope, status: int, began: float) -> None:
    path = scope["path"]
    if path in ("/livez", "/readyz") and status < 400:  # noqa: PLR2004 - asked every second: only a failure is news
        return
    took = round((time.perf_counter() - began) * 1000, 1)
    operation = scope["state"].get("operation_name")
    fields = {
        "method": scope["method"],
        "path": path,
        "status": status,
        "duration_ms": took,
        "operation": operation,
        "request_id": str(scope["state"]["request_id"]),
    }
    named = f", {operation}" if operation else ""
    log.info("%s %s %s in %s ms%s", scope["method"], _printable(path), status, took, named, extra=fields)


def _printable(path: str) -> str:
    return path.encode("ascii", "backslashreplace").decode()[:200] if path.isprintable() else "(unprintable)"
