"""uvicorn's HTTP protocol, with two words changed.

Bytes that are no HTTP are told so in JSON, as everything is. And an answer's head and body leave together.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, cast
from uuid import uuid4

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from graph.errors import plain

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


class JsonHttpProtocol(HttpToolsProtocol):
    """uvicorn's, with our answer to what is no HTTP, and answers in one piece."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(cast("asyncio.Transport", Together(transport)))

    def on_headers_complete(self) -> None:
        """A request's head is here. Where its first line names a host, that is one more, for the edge to compare."""
        if (
            not self.url.startswith(b"/")
            and (named := _ABSOLUTE.match(self.url))
            and (b"host", named[1]) not in self.headers
        ):
            self.headers.append((b"host", named[1]))
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's own words are not for the caller
        """For a request without a head that the app could be asked with: both lengths declared, a malformed header."""
        request_id = uuid4()
        body = orjson.dumps(plain("BAD_REQUEST", "This is not a valid HTTP request.", request_id))
        head = (
            b"content-type: application/json\r\n"
            b"content-length: %d\r\n"
            b"x-request-id: %s\r\n"
            b"cache-control: no-store\r\n"
            b"x-content-type-options: nosniff\r\n"
            b"connection: close\r\n\r\n" % (len(body), str(request_id).encode())
        )
        self.transport.write(STATUS_LINE[400] + head + body)
        self.transport.close()
