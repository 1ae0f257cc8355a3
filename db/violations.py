"""What Postgres objected to: the SQLSTATE and the constraint, never the text, which holds values."""

from __future__ import annotations

import asyncpg
from sqlalchemy.exc import DBAPIError


def _driver_error(error: BaseException) -> asyncpg.PostgresError | None:
    seen: BaseException | None = error.orig if isinstance(error, DBAPIError) else error
    while seen is not None:
        if isinstance(seen, asyncpg.PostgresError):
            return seen
        seen = seen.__cause__
    return None


def sqlstate(error: BaseException) -> str | None:
    """The five characters of the SQLSTATE; None for what did not come from Postgres."""
    found = _driver_error(error)
    if found is not None:
        return found.sqlstate
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "08006"
    return "08003" if isinstance(error, asyncpg.InterfaceError) else None


def constraint(error: BaseException) -> str | None:
    """The name of the constraint that was violated, if one was."""
    found = _driver_error(error)
    return None if found is None else found.constraint_name
