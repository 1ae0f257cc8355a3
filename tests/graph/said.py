"""Everything that an operation sends to Postgres, its frame included, in the order in which it is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from asyncpg.connection import Connection
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

# What differs from one run to the next: literals of the frame, uuids, moments.
_LITERAL = re.compile(r"E'(?:[^'\\]|''|\\.)*'")
_SETTING = re.compile(r"set_config\(E?'([a-z_.]+)', E'(?:[^'\\]|''|\\.)*', true\)")
# How `db.scope` speaks to the driver; SQLAlchemy prepares what it sends in its own way.
_SENDING = ("execute", "fetch", "fetchrow", "fetchval")
# Where a line of a snapshot begins anew.
_CLAUSES = re.compile(r" (?=(?:FROM|WHERE|ORDER BY|GROUP BY|LIMIT|RETURNING|VALUES|SET|JOIN|ON CONFLICT|; )\b)")


@contextmanager
def said(engine: AsyncEngine) -> Iterator[list[str]]:
    """What is sent while the block runs: frames, savepoints, plans and COMMIT by `db.scope`, the rest by SQLAlchemy."""
    texts: list[str] = []
    with hearing(engine, lambda text, _: texts.append(text)):
        yield texts


@contextmanager
def hearing(engine: AsyncEngine, hear: Callable[[str, Sequence[Any]], None]) -> Iterator[None]:
    """`hear` is told each text that is sent while the block runs, and the values that go with it."""

    def told(_: Any, __: Any, text: str, values: Any, *___: Any) -> None:
        hear(text, values)

    originals = {name: getattr(Connection, name) for name in _SENDING}
    for name, original in originals.items():
        setattr(Connection, name, _overheard(original, hear))
    event.listen(engine.sync_engine, "before_cursor_execute", told)
    try:
        yield
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", told)
        for name, original in originals.items():
            setattr(Connection, name, original)


def _overheard(original: Any, hear: Callable[[str, Sequence[Any]], None]) -> Any:
    async def overheard(self: Any, query: str, *values: Any, **options: Any) -> Any:
        hear(query, values)
        return await original(self, query, *values, **options)

    return overheard


def statements(heard: list[str]) -> list[str]:
    """The statements besides the scope: no frame, no savepoint, no COMMIT."""
    return [one for one in heard if not re.match(r"begin|commit|rollback|savepoint|release", one)]


def written(heard: list[str]) -> str:
    """As a snapshot has it: one clause a line, the caller's own values left out."""
    return "".join(f"{_plain(one)};\n\n" for one in heard).rstrip() + "\n"


def _plain(statement: str) -> str:
    text = _SETTING.sub(r"\1", " ".join(statement.split()))
    return _CLAUSES.sub("\n", _LITERAL.sub("'…'", text)).replace("; ", ";\n")
