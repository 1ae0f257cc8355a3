"""PgBouncer in transaction mode: between two transactions a client may be given another server connection.

So nothing is prepared under a name, which would be looked for on the other one, or found there by another client;
and what the driver asks for itself while it connects is asked inside a transaction. The scope needs nothing: all of
it is local to the transaction. PgBouncer from 1.21 on can keep prepared statements apart; Debian 12 has 1.18.
"""

from __future__ import annotations

from typing import Any

import asyncpg
from sqlalchemy.util import await_only


def arguments(application: str) -> dict[str, Any]:
    """What the driver is told instead. `jit` is no parameter that PgBouncer passes on: the login role has it off."""
    return {
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": lambda: "",
        "server_settings": {"application_name": application, "timezone": "UTC"},
        "async_creator_fn": _connect,
    }


async def _connect(*arguments: Any, **named: Any) -> asyncpg.Connection[Any]:
    driver: asyncpg.Connection[Any] = await asyncpg.connect(*arguments, **named)
    await driver.execute("begin read only")
    return driver


def connected(dbapi_connection: Any, _record: Any) -> None:
    """After all that the driver and SQLAlchemy ask of a new connection."""
    await_only(dbapi_connection.driver_connection.execute("rollback"))
