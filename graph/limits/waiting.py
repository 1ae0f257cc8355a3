"""How many operations run at the same time, and how many wait: the rest is told at once to come back."""

from __future__ import annotations

import asyncio
from collections import deque

from graph.errors import Overloaded


class Places:
    """As many as there are connections; `async with places:` takes one, or raises Overloaded.

    Who waits is served in turn, and waits `wait_s` seconds at most.
    """

    def __init__(self, *, running: int, waiting: int, wait_s: float) -> None:
        self.most_running = running
        self.most_waiting = waiting
        self.wait_s = wait_s
        self.running = 0
        self.shed = 0
        """How many were refused, since the process began."""
        self._queue: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._queue)

    async def __aenter__(self) -> None:
        if self.running < self.most_running:
            self.running += 1
        else:
            await self._wait()

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        """The place is the next one's who still waits."""
        while self._queue:
            first = self._queue.popleft()
            if not first.done():
                first.set_result(None)
                return
        self.running -= 1

    async def _wait(self) -> None:
        if len(self._queue) >= self.most_waiting:
            self.shed += 1
            raise Overloaded
        mine = asyncio.get_running_loop().create_future()
        self._queue.append(mine)
        try:
            async with asyncio.timeout(self.wait_s):
                await mine
        except BaseException as error:
            if mine.done() and not mine.cancelled():
                self._leave()  # it was given just when nobody wanted it any more
            elif mine in self._queue:
                self._queue.remove(mine)
            if isinstance(error, TimeoutError):
                self.shed += 1
                raise Overloaded from None
            raise
