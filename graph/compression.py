"""Large answers made small: zstd or gzip, whichever the request's Accept-Encoding prefers.

The length of what is packed tells something about its content to whoever reads the wire, can put words of their own
into the same answer, and has it asked for again and again (BREACH). Every packed answer is therefore longer by a random
number of bytes. What makes the attack pointless besides stands in docs/http.md#compression.
"""

from __future__ import annotations

import asyncio
import gzip
import secrets
import struct
import sys
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from starlette.responses import Response

from graph.accept import weights_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Coding: TypeAlias = Literal["zstd", "gzip"]

# Below this nothing is gained: it fits into one packet anyway.
SMALLEST: Final = 1_400
# Above this it is packed in a thread, so that nobody else waits; it takes milliseconds.
_ELSEWHERE: Final = 131_072
_MOST_PADDING: Final = 100
_GZIP_LEVEL = 5
_ZSTD_LEVEL = 3
_ZSTD_SKIPPED = 0x184D2A50  # RFC 8878, 3.1.2: a frame that every reader passes over


@lru_cache(maxsize=128)
def chosen(accept_encoding: str | None) -> Coding | None:
    """The coding to answer in; None where the answer goes out as it is. A draw goes to zstd."""
    if accept_encoding is None:
        return None
    weights = weights_of(accept_encoding)
    anything = weights.get("*", 0.0)
    # RFC 9110, 12.5.3: what is not named is as good as the star; without one, it is not taken.
    wanted: dict[Coding, float] = {
        "zstd": weights.get("zstd", anything),
        "gzip": max(weights.get("gzip", anything), weights.get("x-gzip", 0.0)),
    }
    best = max(wanted, key=lambda coding: wanted[coding])
    # As it is, is better only where somebody says so.
    return best if wanted[best] > 0 and wanted[best] >= weights.get("identity", 0.0) else None


async def compress(response: Response, accept_encoding: str | None) -> None:
    """Pack the body of this answer, if it is large and the request takes that.

    Its headers say so; that they vary with Accept-Encoding is for the caller to say, of small answers too.
    """
    body = response.body
    if len(body) < SMALLEST or (coding := chosen(accept_encoding)) is None:
        return
    pack = _zstd if coding == "zstd" else _gzip
    packed = pack(body) if len(body) < _ELSEWHERE else await asyncio.to_thread(pack, body)
    if len(packed) < len(body):
        response.body = packed
        response.headers["content-length"] = str(len(packed))
        response.headers["content-encoding"] = coding


def _gzip(body: bytes | memoryview) -> bytes:
    """One member, whose header carries a file name of random length (RFC 1952: ended by a zero)."""
    packed = gzip.compress(body, _GZIP_LEVEL, mtime=0)
    name = b"x" * secrets.randbelow(_MOST_PADDING) + b"\0"
    flags = packed[3] | 0x08
    return packed[:3] + bytes([flags]) + packed[4:10] + name + packed[10:]


def _zstd(body: bytes | memoryview) -> bytes:
    """One frame, and behind it one of random length that is skipped."""
    padding = secrets.randbelow(_MOST_PADDING)
    return zstd.compress(body, _ZSTD_LEVEL) + struct.pack("<II", _ZSTD_SKIPPED, padding) + bytes(padding)
