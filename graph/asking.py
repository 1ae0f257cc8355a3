"""What a request asks: one operation, read strictly from a POST's JSON or a GET's query string."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from starlette.requests import Request

from graph import strict_json
from graph.limits.limits import DEFAULTS, Limits
from graph.refusals import Refused

DRAIN_BYTES = 8 * DEFAULTS.body_bytes
DRAIN_S = 1.0
MOST_IN_A_BATCH = 10

_OPERATION_NAME = re.compile(r"\s*(?:query|mutation|subscription)\s+([_A-Za-z][_0-9A-Za-z]{0,99})\b")
_NAME = re.compile(r"\A[_A-Za-z][_0-9A-Za-z]{0,99}\Z")


@dataclass(frozen=True)
class Parameters:
    """A well-formed request: `query` is not empty, nothing else is known of it yet."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)

    def logged_name(self) -> str | None:
        """What the log calls this operation: a name by GraphQL's rules or nothing, so that no text gets in."""
        if self.operation_name is not None:
            return self.operation_name if _NAME.match(self.operation_name) else None
        found = _OPERATION_NAME.match(self.query)
        return found[1] if found else None


Batch: TypeAlias = list["Parameters | Refused"]


async def posted(request: Request, limits: Limits = DEFAULTS, *, batching: bool = False) -> Parameters | Batch:
    """The operation in the body of a POST, or with `batching` perhaps a list of them. Raises Refused.

    What is wrong with one of a list stops that one alone.
    """
    _demand_json(request)
    body = await _body(request, limits.body_bytes)
    if not body.strip():
        raise Refused(400, "BAD_REQUEST", 'The body is empty: send a JSON object with "query".')
    given = strict_json.read(body)
    return _batch(given, limits) if batching and isinstance(given, list) else _parameters(given, limits)


def got(request: Request, limits: Limits = DEFAULTS) -> Parameters:
    """The operation in the query string of a GET: `variables` and `extensions` are JSON there. Raises Refused."""
    given: dict[str, Any] = {}
    try:
        pairs = parse_qsl(request.scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise Refused(400, "BAD_REQUEST", "The query string is not valid UTF-8.") from None
    for name, value in pairs:
        if name in given:
            raise _wrong(f"{_shown(name)} stands twice in the query string: send it once.")
        given[name] = value
    for name in ("variables", "extensions"):
        if text := given.pop(name, ""):
            given[name] = strict_json.read(text.encode())
    if given.get("operationName") == "":
        del given["operationName"]
    return _parameters(given, limits)


def _demand_json(request: Request) -> None:
    media_type, *parameters = request.headers.get("content-type", "").split(";")
    if media_type.strip().lower() != "application/json":
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Send the operation as application/json.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in {"utf-8", "utf8"}:
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Only UTF-8: leave the charset away, or say utf-8.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(415, "UNSUPPORTED_ENCODING", "Send the body as it is: no content encoding is supported.")


async def _body(request: Request, most: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    chunks: list[bytes] = []
    size = 0
    stream = request.stream()
    if not declared.isdecimal() or int(declared[:20]) > most:
        raise await _too_large(stream, most)
    async for chunk in stream:
        size += len(chunk)
        if size > most:
            raise await _too_large(stream, most)
        chunks.append(chunk)
    return b"".join(chunks)


async def _too_large(rest: AsyncIterator[bytes], most: int) -> Refused:
    """The refusal, once a little more was read and thrown away.

    A connection that is closed over bytes unread is reset, and the client never sees why.
    """
    ignored = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            async for chunk in rest:
                ignored += len(chunk)
                if ignored > DRAIN_BYTES:
                    break
    sentence = f"The body is too large: at most {most} bytes."
    return Refused(413, "PAYLOAD_TOO_LARGE", sentence, headers={"connection": "close"})


def _batch(given: list[Any], limits: Limits) -> Batch:
    if not 0 < len(given) <= MOST_IN_A_BATCH:
        sentence = f"A batch has 1 to {MOST_IN_A_BATCH} operations."
        raise Refused(422, "BATCH_TOO_LARGE", sentence, legacy_status=400)
    batch: Batch = []
    for one in given:
        try:
            if isinstance(one, list):
                raise _wrong("A batch holds operations, and no batches.")
            batch.append(_parameters(one, limits))
        except Refused as refused:
            batch.append(refused)
    return batch


def _parameters(given: Any, limits: Limits) -> Parameters:
    if isinstance(given, list):
        raise Refused(422, "BATCHING_DISABLED", "Send one operation: batching is not switched on.", legacy_status=400)
    if not isinstance(given, dict):
        raise _wrong("An operation must be a JSON object.")
    operation_name, variables = given.get("operationName"), given.get("variables")
    if operation_name is not None and not isinstance(operation_name, str):
        raise _wrong("operationName must be a string.")
    for name in ("variables", "extensions"):
        if given.get(name) is not None and not isinstance(given[name], dict):
            raise _wrong(f"{name} must be an object.")
    if (document_id := given.get("documentId")) is not None:
        if not isinstance(document_id, str):
            raise _wrong("documentId must be a string.")
        raise Refused(404, "PERSISTED_QUERY_NOT_FOUND", "There is no persisted document of this documentId.")
    query = given.get("query")
    if not isinstance(query, str) or not query.strip():
        raise _wrong("query must be a non-empty string.")
    most = limits.document_bytes
    if len(query) > most or len(query.encode()) > most:
        raise Refused(413, "PAYLOAD_TOO_LARGE", f"The document is too large: at most {most} bytes.")
    return Parameters(query, operation_name, variables or {})


def _shown(name: str) -> str:
    return name if name in {"query", "variables", "operationName", "extensions", "documentId"} else "A parameter"


def _wrong(sentence: str) -> Refused:
    return Refused(422, "BAD_REQUEST", sentence, legacy_status=400)
