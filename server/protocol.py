"""uvicorn's HTTP protocol, with one word changed: bytes that are no HTTP are told so in JSON, as everything is."""

from __future__ import annotations

from uuid import uuid4

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from graph.errors import plain


class JsonHttpProtocol(HttpToolsProtocol):
    """For a request that has no head the app could be asked with: both lengths declared, a malformed header."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's own words are not for the caller
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
