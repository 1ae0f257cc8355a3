"""What the process writes about itself: lines for people in development, one JSON object a line in production.

Nothing here may carry a query's text, a variable, an e-mail address or a token. So an exception is told by its
kind and its place in the code, never by its message: a driver quotes values there.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

from graph.happened import HAPPENED

MOST_FRAMES = 8
# What a log call may add to its message; anything else in `extra` is not ours.
FIELDS = ("method", "path", "status", "duration_ms", "request_id", *HAPPENED)
_QUIET = ("alembic", "asyncio", "httpcore2", "httpx2", "watchfiles")  # httpx2 writes addresses with their query strings


def configure(*, as_json: bool) -> None:
    """Send every logger of this process to standard error, in one of the two forms."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else PlainLines())
    logging.root.handlers[:] = [handler]
    # No record is asked from which file, thread or process it comes; finding out costs more than writing it.
    logging._srcfile = None  # noqa: SLF001 - what the logging documentation says to set
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # The access line is ours: it has the request id and the operation's name, and no query string.
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False


class PlainLines(logging.Formatter):
    """`14:03:21 POST /graphql 200 in 12.4 ms, Meetings`"""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        return f"{at} {level}{_message(record)}"


class JsonLines(logging.Formatter):
    """`{"at": …, "level": …, "logger": …, "message": …, "request_id": …}`, times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        given = record.__dict__
        line |= {name: given[name] for name in FIELDS if given.get(name) is not None}
        return orjson.dumps(line, default=str).decode()


def _message(record: logging.LogRecord) -> str:
    message = record.getMessage()
    if record.exc_info and record.exc_info[1] is not None:
        message = f"{message.strip()}: {told(record.exc_info[1])}"
    return message


def told(error: BaseException) -> str:
    """`ValueError at events.py:31 > meetings.py:12`: the innermost frames, and nothing of its message."""
    frames: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' > '.join(frames[-MOST_FRAMES:]) or 'an unknown place'}"
