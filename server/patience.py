"""How long a client may take to send its request and to read its answer: one look over all connections a second.

A timer for every request would cost each honest one something; a look costs each connection less than a microsecond.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from weakref import WeakSet

from uvicorn.server import ServerState

Awaited: TypeAlias = Literal["head", "body"] | None


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for a request's first line and headers, for all of a request, for an answer of which nothing is read."""

    head_s: float = 10.0
    request_s: float = 30.0
    unread_s: float = 30.0
    look_s: float = 1.0

    def watch(self, server: ServerState, loop: asyncio.AbstractEventLoop) -> None:
        """Look at the connections of this server from now on, for as long as there are any."""
        if server not in _WATCHED:
            _WATCHED.add(server)
            loop.call_later(self.look_s, self._look, server, loop)

    def _look(self, server: ServerState, loop: asyncio.AbstractEventLoop) -> None:
        if not server.connections:
            _WATCHED.discard(server)
            return
        now = loop.time()
        for connection in list(server.connections):
            connection.look(self, now)  # type: ignore[union-attr]  # all of them are ours
        loop.call_later(self.look_s, self._look, server, loop)


_WATCHED: WeakSet[ServerState] = WeakSet()


class Watched:
    """What a connection remembers of its client's pace."""

    transport: Any
    awaited: Awaited = None
    since: float = 0.0
    unread: int = 0
    unread_since: float = 0.0

    def awaits(self, what: Awaited, now: float) -> None:
        self.awaited, self.since = what, now

    def look(self, patience: Patience, now: float) -> None:
        """Close, or cut, a connection that has used up its time."""
        if self.awaited is not None:
            allowed = patience.head_s if self.awaited == "head" else patience.request_s
            if now - self.since > allowed:
                self.awaited = None
                self.too_slow()
                return
        unread = self.transport.get_write_buffer_size()
        if not unread or unread != self.unread:
            self.unread, self.unread_since = unread, now
        elif now - self.unread_since > patience.unread_s:
            self.transport.abort()

    def too_slow(self) -> None:
        raise NotImplementedError
