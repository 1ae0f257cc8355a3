"""The end of a worker, announced before it comes: not ready, every answer closes its connection, and then the stop.

Without it the connections that clients keep open are closed under requests that are already on their way.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from dataclasses import dataclass
from types import FrameType
from typing import Any

log = logging.getLogger("orgraph.serving")


@dataclass
class Draining:
    """`seconds`: how long whoever sends requests here has to notice. 0 stops at once."""

    seconds: float = 0.0
    begun: bool = False

    def before_the_stop(self) -> None:
        """From now on SIGTERM begins the draining, and uvicorn hears of it when that is over; a second one ends it.

        To be called in the loop that serves. SIGINT is left alone: who types Ctrl-C means now.
        """
        if self.seconds <= 0 or threading.current_thread() is not threading.main_thread():
            return
        stop: Any = signal.getsignal(signal.SIGTERM)
        if not callable(stop):  # nobody here ends in order, so there is nothing to come before
            return
        loop = asyncio.get_running_loop()

        def begin() -> None:
            if self.begun:
                stop(signal.SIGTERM, None)
                return
            self.begun = True
            log.info("draining for %g s", self.seconds)
            loop.call_later(self.seconds, stop, signal.SIGTERM, None)

        def told(_number: int, _frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(begin)

        signal.signal(signal.SIGTERM, told)
