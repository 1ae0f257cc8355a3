"""Rows of plain values into one table: what demo and seed are made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text

from db.scope import Transaction


async def insert_rows(transaction: Transaction, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert `rows`, which all have the same columns. Table and columns are written by us, never by a caller."""
    values = list(rows)
    if not values:
        return
    names = ", ".join(values[0])
    marks = ", ".join(f":{name}" for name in values[0])
    await transaction.execute(text(f"insert into app.{table} ({names}) values ({marks})"), values)
