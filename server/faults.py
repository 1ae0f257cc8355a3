"""Faults of the server's own: no such address, no such method, a start that is refused."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.refusals import Refused, refusal
from server.logging import told
from server.startup import NotServing

log = logging.getLogger("orgraph.startup")

_KNOWN = {
    404: ("NOT_FOUND", "There is nothing at this address. The API is at /graphql."),
    405: ("METHOD_NOT_ALLOWED", "This address does not take that method: see Allow."),
}


async def answer(request: Request, error: Exception) -> Response:
    """What Starlette would say as plain text, in our one shape of errors."""
    if not isinstance(error, HTTPException):
        raise error
    code, sentence = _KNOWN.get(error.status_code, ("BAD_REQUEST", "The request cannot be answered."))
    headers = dict(error.headers or {})
    if "Allow" in headers:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))  # Starlette joins a set
    refused = Refused(error.status_code, code, sentence, headers=headers)
    return refusal(refused, request.state.request_id)


HANDLERS: Mapping[Any, Any] = {HTTPException: answer}


class PlainStart:
    """A start that fails says why in a line for each reason; a traceback would bury them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def plain(message: Message) -> None:
            if message["type"].endswith(".failed"):
                for reason in _reasons(sys.exception()):
                    log.error("%s", reason)
                message["message"] = ""
            await send(message)

        await self.app(scope, receive, plain if scope["type"] == "lifespan" else send)


def _reasons(error: BaseException | None) -> list[str]:
    if isinstance(error, NotServing):
        return str(error).splitlines()
    return [told(error)] if error is not None else []
