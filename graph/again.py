"""Which operation is run once more: one that met another, was rolled back whole, and has answered nothing yet.

The second run begins anew: its own transaction, context and trail. So it sees what the other has stored, and says what
that means (the slot is taken, the key was used) instead of "try again". What it meets then is a typed failure.
"""

from __future__ import annotations

from typing import Final

from graphql import ExecutionResult

from db.violations import is_stale_plan, sqlstate

# Two that wait for each other, one that waited too long, and a constraint that a row of a moment ago stands against.
# Where a constraint has a name that means something (`violations` of a mutation), that is the answer: nothing is run.
RACES: Final = frozenset({"23505", "23P01", "40001", "40P01", "55P03"})


def is_race(error: BaseException | None) -> bool:
    """Whether the same operation may well succeed now."""
    return error is not None and (sqlstate(error) in RACES or is_stale_plan(error))


def has_race(result: ExecutionResult) -> bool:
    """Whether a field of a mutation that was rolled back had met another."""
    return any(is_race(error.original_error) for error in result.errors or ())
