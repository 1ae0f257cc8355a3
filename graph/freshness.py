"""Reading what one has written: a mutation's answer carries a position, sealed, that the next query brings along.

Sealed, since the position in the log tells how much everybody writes. Whatever is not one of ours, however long,
forged or made up, stands for the end of time: the primary answers, which knows everything, and nothing waits for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cryptography.fernet import InvalidToken, MultiFernet
from starlette.requests import Request

from auth.cookies import Cookie
from db.replica import END

HEADER: Final = "x-orgraph-position"
COOKIE_S: Final = 3600
_LONGEST: Final = 200
_OPENED: Final = re.compile(rb"position:([0-9a-f]{1,16})")


@dataclass(frozen=True)
class Freshness:
    """Seals positions with the keys of the session cookie, and opens them."""

    keys: MultiFernet
    cookie: Cookie

    def sealed(self, position: int) -> str:
        """What a client keeps."""
        return self.keys.encrypt(f"position:{position:x}".encode()).decode()

    def opened(self, token: str) -> int:
        """What the client has seen; the end of time for what is not ours."""
        if len(token) > _LONGEST:
            return END
        try:
            found = _OPENED.fullmatch(self.keys.decrypt(token))
        except (InvalidToken, ValueError):
            return END
        return int(found[1], 16) if found else END

    def brought_by(self, request: Request) -> int | None:
        """The position that a request carries, in the header or in the cookie; None without one."""
        token = request.headers.get(HEADER) or self.cookie.read(request.cookies)
        return None if token is None else self.opened(token)

    def headers(self, position: int, request: Request) -> list[tuple[str, str]]:
        """What the answer of a mutation tells: to a browser with a session in a cookie as well."""
        token = self.sealed(position)
        told = [(HEADER, token)]
        if request.cookies:
            told += [("set-cookie", line) for line in self.cookie.set(token, request.cookies)]
        return told
