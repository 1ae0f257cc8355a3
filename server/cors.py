"""Who may call /graphql from another web origin: the allow-list, with a bearer token, never with a cookie."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth.addresses import is_loopback
from graph.refusals import Refused, refusal

# No Access-Control-Allow-Credentials: a browser then sends no cookie, or hides the answer from the page.
# x-orgraph-csrf is left out on purpose: it is the sign of our own pages.
PREFLIGHT = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": (
        "accept, authorization, content-type, x-orgraph-cost, x-orgraph-position, x-request-id"
    ),
    "access-control-max-age": "600",
}
EXPOSED = "retry-after, server-timing, www-authenticate, x-orgraph-plan, x-orgraph-position, x-request-id"


class Cors:
    """`any_loopback`: in development a page of this machine may call, whatever its port."""

    def __init__(self, app: ASGIApp, *, allowed: Collection[str], any_loopback: bool) -> None:
        self.app = app
        self.allowed = frozenset(allowed)
        self.any_loopback = any_loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None:
            await self.app(scope, receive, send)
            return
        allowed = origin.lower() in self.allowed or (self.any_loopback and is_loopback(origin))
        preflight = scope["method"] == "OPTIONS" and "access-control-request-method" in headers

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                sent.add_vary_header("Origin")
                if allowed:
                    sent["access-control-allow-origin"] = origin
                    sent["access-control-expose-headers"] = EXPOSED
            await send(message)

        if not preflight:
            await self.app(scope, receive, answer)
        elif allowed:
            await answer({"type": "http.response.start", "status": 204, "headers": list(_PREFLIGHT)})
            await answer({"type": "http.response.body"})
        else:
            refused = Refused(403, "ORIGIN_NOT_ALLOWED", "This web origin may not call: see ORGRAPH_ALLOWED_ORIGINS.")
            await refusal(refused, scope["state"]["request_id"])(scope, receive, answer)


_PREFLIGHT = [(name.encode(), value.encode()) for name, value in PREFLIGHT.items()]
