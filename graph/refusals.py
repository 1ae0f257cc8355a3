"""A request that is refused before any operation begins: its code, its status, its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import orjson
from starlette.responses import Response

from graph.accept import GRAPHQL, JSON, MediaType
from graph.errors import plain

TRY_AGAIN_S = 1  # what Retry-After says: a pool or a database that is back is back soon

# The status of a fault of the whole request, by its code. What is not here is 500.
STATUSES: Mapping[str, int] = {
    "BAD_REQUEST": 400,
    "BAD_USER_INPUT": 422,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "ORGANIZATION_REQUIRED": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "COMMIT_UNKNOWN": 503,
    "DB_UNAVAILABLE": 503,
    "OVERLOADED": 503,
    "RATE_LIMITED": 429,
    "TIMEOUT": 503,
}
_WORTH_ANOTHER_TRY = frozenset({409, 429, 503})


class Refused(Exception):
    """The request stops here. `legacy_status` is what a client that takes only application/json is told."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        legacy_status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.legacy_status = legacy_status or status
        self.code = code
        self.headers = dict(headers or {})


def refusal(refused: Refused, request_id: UUID, media_type: MediaType = JSON) -> Response:
    """The answer that says so, in the one shape of every error of ours."""
    status = refused.status if media_type == GRAPHQL else refused.legacy_status
    body = orjson.dumps(plain(refused.code, str(refused), request_id))
    return Response(body, status, refused.headers, GRAPHQL if media_type == GRAPHQL else JSON)


def of_code(code: str, message: str) -> Refused:
    """The refusal that a fault's code stands for, with the hint to come back where that helps."""
    status = STATUSES.get(code, 500)
    headers = {"retry-after": str(TRY_AGAIN_S)} if status in _WORTH_ANOTHER_TRY else {}
    return Refused(status, code, message, headers=headers)
