"""uvicorn's HTTP protocol, with a few words changed.

Bytes that are no HTTP are told so in JSON, as everything is; an answer's head and body leave together; who sends or
reads too slowly is not waited for (`server.patience`); and a server that ends answers whom it has let in already.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, cast
from uuid import uuid4

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from graph.errors import plain
from server.patience import Patience, Watched

LAST_REQUEST_S = 0.5  # what a connection that was let in has to say what it wants, once the server ends

_ABSOLUTE = re.compile(rb"https?://([^/?#]*)", re.IGNORECASE)


class Together:
    """A transport that sends what was written in one turn of the loop at once: one packet, and one call of the system.

    uvicorn writes an answer's head and then its body, and uvloop sends each as it comes.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._written: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        written, self._written = self._written, []
        if written and not self._transport.is_closing():
            self._transport.write(b"".join(written))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class JsonHttpProtocol(HttpToolsProtocol, Watched):
    """uvicorn's, with our answer to what is no HTTP, and answers in one piece."""

    patience = Patience()
    ending = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(cast("asyncio.Transport", Together(transport)))
        self.awaits("head", self.loop.time())
        self.patience.watch(self.server_state, self.loop)

    def on_message_begin(self) -> None:
        """The first byte of a request is here."""
        super().on_message_begin()
        self.awaits("head", self.loop.time())

    def on_headers_complete(self) -> None:
        """A request's head is here. Where its first line names a host, that is one more, for the edge to compare."""
        if (
            not self.url.startswith(b"/")
            and (named := _ABSOLUTE.match(self.url))
            and (b"host", named[1]) not in self.headers
        ):
            self.headers.append((b"host", named[1]))
        super().on_headers_complete()
        self.awaited = "body"
        if self.ending and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """A request is here to its last byte."""
        super().on_message_complete()
        self.awaited = None

    def shutdown(self) -> None:
        """The server ends. Who was let in and has not spoken yet, or not to the end, is answered all the same."""
        self.ending = True
        if self.awaited == "head":
            self.loop.call_later(LAST_REQUEST_S, super().shutdown)
        else:
            super().shutdown()

    def too_slow(self) -> None:
        """Closed: with a word where a request was begun, in silence where nobody ever spoke."""
        answered = self.cycle is not None and self.cycle.response_started and self.cycle.scope is self.scope
        if self.scope is None or answered:
            self.transport.close()
        else:
            self._refuse(408, "REQUEST_TIMEOUT", "The request took too long to arrive.")

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's own words are not for the caller
        """For a request without a head that the app could be asked with: both lengths declared, a malformed header."""
        self._refuse(400, "BAD_REQUEST", "This is not a valid HTTP request.")

    def _refuse(self, status: int, code: str, sentence: str) -> None:
        request_id = uuid4()
        body = orjson.dumps(plain(code, sentence, request_id))
        head = (
            b"content-type: application/json\r\n"
            b"content-length: %d\r\n"
            b"x-request-id: %s\r\n"
            b"cache-control: no-store\r\n"
            b"x-content-type-options: nosniff\r\n"
            b"connection: close\r\n\r\n" % (len(body), str(request_id).encode())
        )
        self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()
