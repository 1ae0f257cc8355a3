"""How many operations run at the same time, and how many wait: the rest is told at once to come back."""

from __future__ import annotations

import asyncio

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
        self.waiting = 0
        self.shed = 0
        """How many were refused, since the process began."""
        self._free = asyncio.Semaphore(running)

    async def __aenter__(self) -> None:
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        self.running += 1

    async def __aexit__(self, *_: object) -> None:
        self.running -= 1
        self._free.release()

    async def _wait(self) -> None:
        if self.waiting >= self.most_waiting:
            self.shed += 1
            raise Overloaded
        self.waiting += 1
        try:
            async with asyncio.timeout(self.wait_s):
                await self._free.acquire()
        except TimeoutError:
            self.shed += 1
            raise Overloaded from None
        finally:
            self.waiting -= 1
