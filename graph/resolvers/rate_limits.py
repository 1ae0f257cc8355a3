"""What the caller has left to spend: known to the process, and asked of no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from graph.context import Context


@dataclass(frozen=True)
class Left:
    """What is left of a budget, and what this operation takes of it at most."""

    cost: int
    remaining: int
    limit: int
    reset_at: datetime


def left(context: Context) -> Left | None:
    """None where nobody has a budget."""
    if context.paid is None or context.paid.spending is None:
        return None
    found = context.paid.spending.left()
    return Left(context.paid.estimate, found.remaining, found.limit, found.reset_at)
