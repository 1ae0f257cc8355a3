"""Everything that a process logs while a block runs, the way its handlers write it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

import orjson

from server.logging import JsonLines, PlainLines

FORMS = {"plain": PlainLines(), "json": JsonLines()}


@contextlib.contextmanager
def everything_written() -> Iterator[list[str]]:
    """Every line, in both forms."""
    lines: list[str] = []

    class Both(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.name.startswith(("httpx2", "httpcore2")):  # the test's own client; ours is told to be quiet
                lines.extend(form.format(record) for form in FORMS.values())

    handler, level = Both(), logging.root.level
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        logging.root.removeHandler(handler)
        logging.root.setLevel(level)


def parsed(line: str) -> dict[str, Any] | None:
    """The object of a line in JSON; None for one for people."""
    try:
        found: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found


def accesses(lines: list[str]) -> list[dict[str, Any]]:
    """What was written of each request, in order."""
    return [line for line in map(parsed, lines) if line and line["logger"] == "orgraph.access"]
