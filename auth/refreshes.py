"""A refresh token can be spent once: of many requests that hold it, one spends it and all get what it bought."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from auth.session import Session
from auth.workos import WorkOS

GRACE_S = 30.0  # a browser may send the old cookie for a while: requests under way, a second tab


@dataclass(slots=True)
class _Refresh:
    task: asyncio.Task[Session]
    forget_at: float = float("inf")


class Refreshes:
    """The refreshes of this process. `clock` counts seconds and only ever forward."""

    def __init__(self, workos: WorkOS, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._workos = workos
        self._clock = clock
        self._by_token: dict[bytes, _Refresh] = {}

    async def refresh(self, session: Session, organization_id: str | None = None) -> Session:
        """The session that follows `session`: of this call, or of one that came before it.

        So the answer may be in another organization than asked for; spend *its* refresh token to ask again.
        Raises SessionExpired, SignInAgain, AuthUnavailable; a failure is not remembered.
        """
        self._forget()
        key = hashlib.sha256(session.refresh_token.encode()).digest()
        known = self._by_token.get(key)
        if known is None:
            task = asyncio.create_task(self._workos.refresh(session.refresh_token, organization_id), name="refresh")
            known = self._by_token[key] = _Refresh(task)
            task.add_done_callback(lambda done: self._landed(key, done))
        # Shielded: when the first client goes away, the token is spent all the same, and the others wait for it.
        return await asyncio.shield(known.task)

    async def aclose(self) -> None:
        tasks = [known.task for known in self._by_token.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _landed(self, key: bytes, done: asyncio.Task[Session]) -> None:
        if done.cancelled() or done.exception() is not None:
            self._by_token.pop(key, None)
        elif (known := self._by_token.get(key)) is not None:
            known.forget_at = self._clock() + GRACE_S

    def _forget(self) -> None:
        now = self._clock()
        for key in [key for key, known in self._by_token.items() if known.forget_at <= now]:
            del self._by_token[key]
