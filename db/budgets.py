"""What callers have spent, told to the database by one worker for all others: `app.budgets`."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.scope import Claims, operation

_SETTLE = text("select name, remaining from app.settle_budgets(cast(:spent as jsonb), :most, :restored)")
_FORGET = text("select app.forget_budgets(make_interval(secs => :idle_s))")
_PATIENCE_MS = 1_000


async def settle(engine: AsyncEngine, spent: Mapping[str, int], most: int, restored: int) -> dict[str, float]:
    """Add what was spent of each bucket, and answer what is left of it; `restored` is points a second."""
    parameters = {"spent": orjson.dumps(spent).decode(), "most": most, "restored": restored}
    async with operation(engine, Claims(), mode="write", timeout_ms=_PATIENCE_MS) as transaction:
        rows = await transaction.execute(_SETTLE, parameters)
        return {row.name: row.remaining for row in rows}


async def forget(engine: AsyncEngine, idle_s: float) -> int:
    """Forget the buckets that nobody has touched for so long, and answer how many."""
    async with operation(engine, Claims(), mode="write", timeout_ms=_PATIENCE_MS) as transaction:
        return int(await transaction.scalar(_FORGET.bindparams(idle_s=idle_s)))
