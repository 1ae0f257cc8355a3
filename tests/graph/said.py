"""Everything that an operation sends to Postgres, its frame included, in the order in which it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from asyncpg.connection import Connection
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

# What differs from one run to the next: literals of the frame, uuids, moments.
_LITERAL = re.compile(r"E'(?:[^'\\]|''|\\.)*'")
_SETTING = re.compile(r"set_config\(E'([a-z_.]+)', E'(?:[^'\\]|''|\\.)*', true\)")
# Where a line of a snapshot begins anew.
_CLAUSES = re.compile(r" (?=(?:FROM|WHERE|ORDER BY|GROUP BY|LIMIT|RETURNING|VALUES|SET|JOIN|ON CONFLICT|; )\b)")


@contextmanager
def said(engine: AsyncEngine) -> Iterator[list[str]]:
    """What is sent while the block runs: frames, savepoints and COMMIT by `db.scope`, statements by SQLAlchemy."""
    heard: list[str] = []
    original: Any = Connection.execute

    async def execute(self: Any, query: str, *arguments: Any, **options: Any) -> Any:
        heard.append(query)
        return await original(self, query, *arguments, **options)

    def hear(_: Any, __: Any, statement: str, *___: Any) -> None:
        heard.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", hear)
    Connection.execute = execute  # type: ignore[method-assign]
    try:
        yield heard
    finally:
        Connection.execute = original  # type: ignore[method-assign]
        event.remove(engine.sync_engine, "before_cursor_execute", hear)


def statements(heard: list[str]) -> list[str]:
    """The statements besides the scope: no frame, no savepoint, no COMMIT."""
    return [one for one in heard if not re.match(r"begin|commit|rollback|savepoint|release", one)]


def written(heard: list[str]) -> str:
    """As a snapshot has it: one clause a line, the caller's own values left out."""
    return "".join(f"{_plain(one)};\n\n" for one in heard).rstrip() + "\n"


def _plain(statement: str) -> str:
    text = _SETTING.sub(r"\1", " ".join(statement.split()))
    return _CLAUSES.sub("\n", _LITERAL.sub("'…'", text)).replace("; ", ";\n")
