"""What one operation was charged, as its caller is told: `extensions.cost`, and the field `rateLimit`."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from graph.limits.budget import Spending


@dataclass(slots=True)
class Paid:
    """The most that the operation can cost, and the bucket that it was taken from; none where budgets are off."""

    estimate: int
    spending: Spending | None = None


def told(body: bytes, data: bytes, paid: Paid, actual: int) -> bytes:
    """An answer that says what it cost. Its data is left as it is, byte for byte."""
    cost: dict[str, object] = {"requestedQueryCost": paid.estimate, "actualQueryCost": actual}
    if paid.spending is not None:
        left = paid.spending.left()
        cost["throttleStatus"] = {
            "maximumAvailable": left.limit,
            "currentlyAvailable": left.remaining,
            "restoreRate": left.restored,
        }
    answer = orjson.loads(body)
    answer["data"] = orjson.Fragment(data)
    answer["extensions"] = {**answer.get("extensions", {}), "cost": cost}
    return orjson.dumps(answer)
