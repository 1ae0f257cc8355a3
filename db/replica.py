"""A replica for reads: asked only for what it has replayed already, and left alone for a while after it failed.

What it must have replayed is the larger of two positions in the primary's log: the one that a client was given with its
own last write, and the one where the primary was a second ago. So nobody reads less than they wrote, and nobody what
is older than some two seconds, as long as the primary answers. A replica that has replayed less is not waited for.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.scope import as_login

OBSERVED_EVERY_S = 1.0
AWAY_S = 2.0
END = 2**64 - 1  # no replica is ever there: for who must read from the primary

_POSITION = text("select pg_catalog.pg_current_wal_insert_lsn()::text")


@dataclass
class Replica:
    """A pool of the replica's connections, and what is known of the primary."""

    engine: AsyncEngine
    primary: AsyncEngine
    _floor: int | None = None
    _latest: int | None = None
    _observed_at: float = float("-inf")
    _away_until: float = float("-inf")
    _observing: asyncio.Task[None] | None = None

    def must_have_replayed(self, written: int | None) -> str | None:
        """What a read may be asked with, as a pg_lsn; None when it is the primary's. Waits for nothing."""
        now = monotonic()
        if now - self._observed_at >= OBSERVED_EVERY_S and (self._observing is None or self._observing.done()):
            self._observed_at = now
            self._observing = asyncio.create_task(self._observe(), name="replica")
        if self._floor is None or now < self._away_until or written == END:
            return None
        return lsn(max(self._floor, written or 0))

    def failed(self) -> None:
        """It is not asked for two seconds."""
        self._away_until = monotonic() + AWAY_S

    async def position(self) -> int:
        """Where the primary is now, after whatever it has acknowledged; END when it does not say."""
        try:
            async with asyncio.timeout(0.5), as_login(self.primary) as transaction:
                return number(await transaction.scalar(_POSITION))
        except (OSError, SQLAlchemyError):
            return END

    async def close(self) -> None:
        """Its connections are closed, and nothing more is asked."""
        if self._observing is not None:
            self._observing.cancel()
            await asyncio.wait([self._observing])
        await self.engine.dispose()

    async def _observe(self) -> None:
        now = await self.position()
        if now != END:
            # What was seen a second ago is what is asked for: a replica that is well is never behind it.
            self._floor, self._latest = self._latest, now


def number(position: str) -> int:
    """A pg_lsn as bytes since the beginning of the log."""
    high, _, low = position.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def lsn(position: int) -> str:
    """And back."""
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"
