"""How long each part of a request took, as `Server-Timing` says it."""

from __future__ import annotations

import time

# In the order in which they are told. What a request did not do is not named.
PARTS = ("parse", "auth", "scope", "plan", "resolve", "database", "encode")


class Timing:
    """A clock that is always within one part; a part that comes again is added to."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}
        self._began = time.perf_counter()

    def ends(self, name: str, *, database_s: float = 0.0) -> None:
        """The part of this name has just ended; the next one begins. So much of it was waiting for the database."""
        now = time.perf_counter()
        self._add(name, now - self._began - database_s)
        if database_s:
            self._add("database", database_s)
        self._began = now

    def header(self) -> str:
        """The parts, in milliseconds."""
        told = ((name, self._spent[name]) for name in PARTS if name in self._spent)
        return ", ".join(f"{name};dur={seconds * 1000:.2f}" for name, seconds in told)

    def _add(self, name: str, seconds: float) -> None:
        self._spent[name] = self._spent.get(name, 0.0) + max(seconds, 0.0)
