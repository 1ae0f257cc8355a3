"""How the server's connections are opened: under TLS unless the database is on this machine, with the password of now.

A password may stand in a file of its own, which is read for every new connection, so that it can be changed without
a stop: each of its lines is tried in turn, and while a change is on its way there are two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import asyncpg

from db.urls import LOOPBACK

Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# What asyncpg.connect is given besides the address. SQLAlchemy passes more, for the driver that it would open.
_OPTIONS = ("command_timeout", "timeout", "server_settings", "max_cacheable_statement_size", "statement_cache_size")


async def connected(url: str, password_file: Path | None = None, **options: Any) -> Driver:
    """A connection to `url`. Raises what asyncpg.connect raises, and OSError for a file that cannot be read."""
    if not encryption_is_named(url):
        options["ssl"] = "require"
    if password_file is None:
        return await asyncpg.connect(url, **options)
    refused: asyncpg.PostgresError | None = None
    for password in passwords(password_file):
        try:
            return await asyncpg.connect(url, password=password, **options)
        except asyncpg.InvalidPasswordError as error:
            refused = error
    raise refused or asyncpg.InvalidPasswordError("the password file is empty")


def connector(url: str, password_file: Path | None) -> Callable[..., Awaitable[Driver]]:
    """The same for SQLAlchemy's pool, which brings its options each time."""

    async def connect(*_: Any, **given: Any) -> Driver:
        return await connected(url, password_file, **{name: given[name] for name in _OPTIONS if name in given})

    return connect


def passwords(file: Path) -> list[str]:
    """The lines of a password file that are not empty."""
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def encryption_is_named(url: str) -> bool:
    """Whether nothing has to be added: TLS is named or declined, or the database is on this machine."""
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    host = given.get("host") or parts.hostname or ""
    return bool({"ssl", "sslmode"} & given.keys()) or not host or host.startswith("/") or host in LOOPBACK
