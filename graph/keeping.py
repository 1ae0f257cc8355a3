"""Answers that their client may keep: what a GET answered has an ETag, and who has it still is told 304.

The operation runs all the same: what the caller may see is asked of the database each time, and nothing of an answer is
kept here. What is saved is the way of the bytes.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

# Kept by the client itself, by nobody between, and never used again unasked.
PRIVATE: Final = "private, no-cache"
_TAG = re.compile(r'(?:W/)?("[^"]*")')


def may_be_kept(response: Response, request: Request, cache_control: str = PRIVATE) -> Response:
    """This answer with its ETag; or, where the request names it in If-None-Match, 304 instead."""
    # Weak: the same answer packed in two ways has one tag.
    tag = f'"{hashlib.blake2b(response.body, digest_size=16).hexdigest()}"'
    if _names(request.headers.get("if-none-match", ""), tag):
        response = Response(status_code=304)
    response.headers["etag"] = f"W/{tag}"
    response.headers["cache-control"] = cache_control
    return response


def _names(if_none_match: str, tag: str) -> bool:
    return if_none_match.strip() == "*" or tag in _TAG.findall(if_none_match)
