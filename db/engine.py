"""The pool of connections: every one of them rolled back, or dropped, before it is used again."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import orjson
from sqlalchemy import Dialect, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolResetState

from db import pooler

_JSON: dict[str, Any] = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}
# What statements are compiled for where no connection is at hand.
DIALECT: Dialect = make_url("postgresql+asyncpg://").get_dialect()(**_JSON)

CONNECT_S = 2.0
# A connection that lies in the pool is asked by the kernel whether anybody is there: dead after 30 + 3 * 5 seconds.
# And what was sent and not acknowledged for ten seconds ends it.
KEEPALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 10_000))


def create_engine(
    url: str,
    *,
    size: int = 8,
    wait_s: float = 1.0,
    command_timeout_s: float = 15.0,
    application: str = "orgraph",
    pooled: bool = False,
) -> AsyncEngine:
    """A pool for `url` (postgresql://…).

    The engine is in AUTOCOMMIT: `db.scope` alone says BEGIN and COMMIT. `wait_s` is how long an operation waits for a
    connection; `command_timeout_s` is the driver's own limit on one statement, for a network that has gone silent.
    `pooled`: `url` leads to a PgBouncer in transaction mode (db/pooler.py).
    """
    engine = create_async_engine(
        make_url(urlunsplit(urlsplit(url)._replace(scheme="postgresql+asyncpg"))),
        isolation_level="AUTOCOMMIT",
        pool_size=size,
        max_overflow=0,
        pool_timeout=wait_s,
        pool_reset_on_return=None,
        **_JSON,
        connect_args={
            "command_timeout": command_timeout_s,
            "timeout": CONNECT_S,
            "max_cacheable_statement_size": 65_536,  # a compiled operation is prepared once, however long
            "server_settings": {"application_name": application, "jit": "off", "timezone": "UTC"},
            **(pooler.arguments(application) if pooled else {}),
        },
    )

    # SQLAlchemy resets nothing in AUTOCOMMIT. A connection that comes back inside a transaction was left there by a
    # mistake: its scope must not meet the next operation, so the connection goes.
    @event.listens_for(engine.sync_engine, "reset")
    def _drop_if_in_transaction(dbapi_connection: Any, record: Any, state: PoolResetState) -> None:
        if state.terminate_only:
            return
        driver = dbapi_connection.driver_connection
        if driver.is_in_transaction():
            record.invalidate()

    event.listen(engine.sync_engine, "connect", _keep_alive)
    if pooled:
        event.listen(engine.sync_engine, "connect", pooler.connected)
    return engine


def _keep_alive(dbapi_connection: Any, _record: Any) -> None:
    # The driver has no option for it, and nothing public that leads to its socket.
    found: socket.socket | None = dbapi_connection.driver_connection._transport.get_extra_info("socket")  # noqa: SLF001
    if found is None or found.family not in (socket.AF_INET, socket.AF_INET6):
        return
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE:
        if hasattr(socket, name):  # Linux has all of them
            found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
