"""What a caller may spend: a leaky bucket for each organization and credential, whichever worker answers.

A worker spends in memory, and a few times a second it tells the database what was spent and learns what is left. No
request waits for that. Between two settlements a worker spends one lease at most of each bucket, so that is what each
worker may overshoot by; a bucket goes into debt for it, and is paid back before anything more is spent.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TypeAlias

from auth.principal import Principal

log = logging.getLogger("orgraph.budget")

SETTLED_EVERY_S = 0.25
_IDLE_S = 60
_FORGOTTEN_AFTER = 240  # settlements: a minute
_MOST_ACCOUNTS = 100_000
_PREFIX = 64

Key: TypeAlias = tuple[str, str, str]
Settle: TypeAlias = Callable[[Mapping[str, int], int, int], Awaitable[Mapping[str, float]]]
"""Stores what was spent of each bucket (given its size, and what a second restores), and answers what is left of it."""


class RateLimited(Exception):
    """The bucket does not hold so much now. `retry_after_s` is when it will."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("the budget is spent")
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Left:
    """What somebody has left."""

    limit: int
    restored: int
    """Points a second."""
    remaining: int
    reset_at: datetime
    """When the bucket is full again, if nothing more is spent."""


@dataclass(slots=True)
class _Account:
    """One bucket as this worker knows it."""

    level: float
    at: float
    spent: int = 0
    """Since the last settlement."""
    settling: int = 0
    """Is on its way to the database."""
    owed: int = 0
    """Is not known to the database, which did not answer."""
    asked: bool = True
    """Somebody has come since the last settlement: what others spend meanwhile is worth knowing."""


class Budget:
    """The buckets of one worker. `clock` is in seconds, from any beginning."""

    def __init__(
        self,
        settle: Settle,
        *,
        most: int = 20_000,
        restored: int = 2_000,
        lease: int = 5_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.most = most
        self.restored = restored
        self.lease = min(lease, most)
        self.refused = 0
        """How many operations, since the process began."""
        self.unsettled = 0
        """How many settlements failed, one after the other, until now."""
        self._settle = settle
        self._clock = clock
        self._accounts: dict[Key, _Account] = {}

    @property
    def buckets(self) -> int:
        """How many buckets this worker has in hand."""
        return len(self._accounts)

    def spend(self, key: Key, points: int) -> Spending:
        """Take so many points out. Raises RateLimited, and then takes nothing."""
        now = self._clock()
        account = self._accounts.get(key)
        if account is None:
            if len(self._accounts) >= _MOST_ACCOUNTS:
                del self._accounts[next(iter(self._accounts))]
            account = self._accounts[key] = _Account(self.most, now)
        account.asked = True
        missing = points - self._remaining(account, now)
        if missing > 0:
            self.refused += 1
            raise RateLimited(max(1, math.ceil(missing / self.restored)))
        if account.spent + account.settling + points > max(self.lease, points):
            # There is more, and perhaps another worker is spending it: after the next settlement this one knows.
            self.refused += 1
            raise RateLimited(1)
        account.spent += points
        return Spending(self, account, points)

    def demand(self, key: Key) -> None:
        """Raises RateLimited where nothing is left at all: what costs nothing to find out is found out first."""
        account = self._accounts.get(key)
        if account is not None and (remaining := self._remaining(account, self._clock())) < 1:
            account.asked = True
            self.refused += 1
            raise RateLimited(max(1, math.ceil((1 - remaining) / self.restored)))

    def left(self, account: _Account) -> Left:
        """What is left in a bucket."""
        remaining = self._remaining(account, self._clock())
        seconds = max(0.0, (self.most - remaining) / self.restored)
        reset_at = datetime.now(UTC) + timedelta(seconds=seconds)
        return Left(self.most, self.restored, max(0, int(remaining)), reset_at)

    def _remaining(self, account: _Account, now: float) -> float:
        return self._level(account, now) - account.spent - account.settling

    def _level(self, account: _Account, now: float) -> float:
        return min(self.most, account.level + (now - account.at) * self.restored)

    async def settle(self) -> None:
        """Tell the database what was spent, and learn what is left; where it does not answer, go on alone."""
        due = self._due()
        if not due:
            return
        levels: Mapping[str, float] = {}
        try:
            owed = {name: account.settling + account.owed for name, account in due.items()}
            levels = await self._settle(owed, self.most, self.restored)
            self.unsettled = 0
        except Exception as error:  # noqa: BLE001 - whatever it is, the worker's own bucket holds meanwhile
            self.unsettled += 1
            if self.unsettled == 1:
                log.warning("budgets are not settled (%s): each worker counts alone", type(error).__name__)
        finally:
            # Also where the process is ending: what is not settled now will be once more.
            now = self._clock()
            for name, account in due.items():
                self._learn(account, levels.get(name), now)

    def _due(self) -> dict[str, _Account]:
        """The accounts that have something to tell; those that have had nothing for long are forgotten."""
        now = self._clock()
        for key in [key for key, one in self._accounts.items() if self._is_idle(one, now)]:
            del self._accounts[key]
        due = {_name(key): one for key, one in self._accounts.items() if one.asked or one.spent or one.owed}
        for account in due.values():
            account.spent, account.settling, account.asked = 0, account.spent, False
        return due

    def _learn(self, account: _Account, level: float | None, now: float) -> None:
        if level is None:
            account.level = self._level(account, now) - account.settling
            account.owed += account.settling
        else:
            account.level, account.owed = level, 0
        account.at, account.settling = now, 0

    def _is_idle(self, account: _Account, now: float) -> bool:
        return now - account.at > _IDLE_S and not (account.spent or account.owed)


@asynccontextmanager
async def kept(budget: Budget | None, forget: Callable[[float], Awaitable[object]]) -> AsyncIterator[None]:
    """Settle while the block runs, a few times a second, and once more when it ends.

    Once a minute `forget` is called, with how many seconds a bucket must have been idle to be full for certain.
    """
    if budget is None:
        yield
        return
    settling = asyncio.create_task(_settling(budget, forget), name="budget")
    try:
        yield
    finally:
        settling.cancel()
        with suppress(asyncio.CancelledError):
            await settling
        await budget.settle()


async def _settling(budget: Budget, forget: Callable[[float], Awaitable[object]]) -> None:
    # Out of debt, and full again.
    idle_s = _IDLE_S + 2 * budget.most / budget.restored
    while True:
        for _ in range(_FORGOTTEN_AFTER):
            await asyncio.sleep(SETTLED_EVERY_S)
            await budget.settle()
        if not budget.unsettled:
            with suppress(Exception):  # the next minute will do
                await forget(idle_s)


@dataclass(slots=True)
class Spending:
    """What one operation has taken out."""

    budget: Budget
    account: _Account
    points: int

    def refund(self, actual: int) -> None:
        """It has cost so much, and not more: the rest goes back."""
        self.account.spent -= self.points - actual

    def left(self) -> Left:
        """What is left."""
        return self.budget.left(self.account)


def key_of(principal: Principal, ip: str | None) -> Key:
    """Whose bucket: a credential's in its organization; whoever has none shares one with their address."""
    who = principal.user_id or principal.session_id
    return principal.organization_id or "", principal.kind if who else "guest", who or _network(ip)


def _network(ip: str | None) -> str:
    """The address; of the newer kind its network, since whoever has one has the whole of it."""
    if ip is None or ":" not in ip:
        return ip or ""
    try:
        return str(int(ip_address(ip.partition("%")[0])) >> (128 - _PREFIX))
    except ValueError:
        return ip


def _name(key: Key) -> str:
    """What the database calls it: nobody's id or address stands there."""
    return hashlib.sha256("\0".join(key).encode()).hexdigest()
