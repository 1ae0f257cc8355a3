"""What Postgres or its driver objected to: the SQLSTATE and the constraint, never the text, which holds values."""

from __future__ import annotations

from collections.abc import Iterator

import asyncpg
from asyncpg.exceptions import InternalClientError, TargetServerAttributeNotMatched
from sqlalchemy.exc import DBAPIError

LOST, CLOSED, WRONG_SERVER, PROTOCOL = "08006", "08003", "08004", "08P01"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was raised from, down to what the driver said."""
    seen: BaseException | None = error.orig if isinstance(error, DBAPIError) else error
    while seen is not None:
        yield seen
        seen = seen.__cause__


def _driver_error(error: BaseException) -> asyncpg.PostgresError | None:
    return next((one for one in _chain(error) if isinstance(one, asyncpg.PostgresError)), None)


def sqlstate(error: BaseException) -> str | None:
    """The five characters of the SQLSTATE, or of the one that says what the driver found; None for a fault of ours.

    The driver raises its InterfaceError for a connection that is closed, and for being used wrongly.
    """
    found = _driver_error(error)
    if found is not None:
        return found.sqlstate
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return LOST
    for one in _chain(error):
        if isinstance(one, TargetServerAttributeNotMatched):
            return WRONG_SERVER
        if isinstance(one, InternalClientError):
            return PROTOCOL  # what came was not expected: a session that is ended says so whenever it likes
        if isinstance(one, asyncpg.InterfaceError) and "closed" in str(one):
            return CLOSED
    return None


def is_stale_plan(error: BaseException) -> bool:
    """Whether a statement that was prepared no longer fits the tables: a migration has just changed them.

    The driver has forgotten it by then, so that the operation, run anew, prepares it anew.
    """
    stale = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)
    return any(isinstance(one, stale) for one in _chain(error))


def constraint(error: BaseException) -> str | None:
    """The name of the constraint that was violated, if one was."""
    found = _driver_error(error)
    return None if found is None else found.constraint_name
