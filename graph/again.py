"""Where an operation is run, and when once more: one that was rolled back whole and has answered nothing yet.

The second run begins anew: its own transaction, context and trail. So it sees what the other has stored, and says what
that means (the slot is taken, the key was used) instead of "try again". What it meets then is a typed failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graphql import ExecutionResult
from sqlalchemy.ext.asyncio import AsyncEngine

from db.replica import Replica
from db.scope import Mode, NotAMember
from db.violations import is_stale_plan, sqlstate
from graph.told import is_away

# Two that wait for each other, one that waited too long, and a constraint that a row of a moment ago stands against.
# Where a constraint has a name that means something (`violations` of a mutation), that is the answer: nothing is run.
RACES: Final = frozenset({"23505", "23P01", "40001", "40P01", "55P03"})


def is_race(error: BaseException | None) -> bool:
    """Whether the same operation may well succeed now."""
    return error is not None and (sqlstate(error) in RACES or is_stale_plan(error))


def has_race(result: ExecutionResult) -> bool:
    """Whether a field of a mutation that was rolled back had met another."""
    return any(is_race(error.original_error) for error in result.errors or ())


@dataclass(frozen=True)
class Run:
    """One of the runs that an operation may get: in which database, and what that one must have replayed."""

    engine: AsyncEngine
    last: bool
    replica: Replica | None = None
    replayed: str | None = None
    within_s: float | None = None

    def is_followed(self, error: Exception, result: ExecutionResult | None) -> bool:
        """Whether the next run may do better. Of the replica nothing is believed but an answer."""
        if self.replica is None:
            return not self.last and (has_race(result) if result is not None else is_race(error))
        if is_away(error) and sqlstate(error) != "57014" and not isinstance(error, NotAMember):
            self.replica.failed()
        return True


def runs(
    primary: AsyncEngine, replica: Replica | None, mode: Mode, written: int | None, deadline_s: float
) -> list[Run]:
    """A read that writes nothing is first a fresh replica's, where there is one; all else is the primary's."""
    of_primary = [Run(primary, last=False), Run(primary, last=True)]
    if replica is None or mode != "read" or (replayed := replica.must_have_replayed(written)) is None:
        return of_primary
    return [Run(replica.engine, last=False, replica=replica, replayed=replayed, within_s=deadline_s / 3), *of_primary]
