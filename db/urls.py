"""Which connection string a command uses: the environment's, else the embedded Postgres's; and the same for libpq."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

ROLE_WORDS = {
    "api": "orgraph_api",
    "worker": "orgraph_worker",
    "migrator": "orgraph_migrator",
    "backup": "orgraph_backup",
    "superuser": "postgres",
}
VARIABLES = {
    "api": "DATABASE_URL",
    "worker": "DATABASE_WORKER_URL",
    "migrator": "DATABASE_MIGRATOR_URL",
    "backup": "DATABASE_BACKUP_URL",
}

# libpq's variable for each thing that may stand after the `?`. asyncpg's `ssl` is libpq's `sslmode`.
AFTER_QUESTION_MARK = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "ssl": "PGSSLMODE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "channel_binding": "PGCHANNELBINDING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class UrlError(ValueError):
    """A connection string is missing or cannot be read; the message is one line and holds no part of it."""


@dataclass(frozen=True)
class Target:
    """How libpq's programs reach a database: all in the environment, since everybody may read a command line."""

    environ: dict[str, str]
    tls: bool


def is_embedded(environ: Mapping[str, str]) -> bool:
    """Whether commands mean the embedded Postgres: no variable names another one."""
    return not any(environ.get(variable) for variable in VARIABLES.values())


def url_for(role_word: str, home: Path, environ: Mapping[str, str]) -> str:
    """The connection string of api, worker, migrator, backup or superuser.

    As soon as one of the variables is set, the embedded Postgres is out of the question for all: a
    command that migrates here and serves there is worse than one that stops. Raises UrlError, EmbeddedError.
    """
    if is_embedded(environ):
        from db.embedded import url  # noqa: PLC0415 - known in development only

        return url(home, ROLE_WORDS[role_word])
    variable = VARIABLES.get(role_word)
    if variable and (given := environ.get(variable)):
        return given
    others = " and ".join(name for name in VARIABLES.values() if environ.get(name))
    if variable:
        raise UrlError(f"{variable} is not set, though {others} is: set it, so that both name the same database")
    raise UrlError(f"{others} names a Postgres of your own: only you know its {role_word} connection string")


def libpq(url: str, environ: Mapping[str, str]) -> Target:
    """`url` as libpq's variables, over an environment of which every other PG* variable is dropped. Raises UrlError."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.partition("+")[0], parts.hostname, parts.port
    except ValueError:
        raise UrlError(
            "the connection string cannot be read: expected postgresql://role:password@host/database"
        ) from None
    if scheme not in ("postgresql", "postgres"):
        raise UrlError(
            f"the connection string begins with {scheme!r}: expected postgresql://role:password@host/database"
        )
    given = {
        "PGHOST": unquote(host or ""),
        "PGPORT": str(port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.removeprefix("/")),
    }
    for word, value in parse_qsl(parts.query):
        if word in AFTER_QUESTION_MARK:
            given[AFTER_QUESTION_MARK[word]] = value
    given = {name: value for name, value in given.items() if value}
    where = given.get("PGHOST", "")
    # Without a word on it, a server elsewhere is spoken to under TLS or not at all.
    tls = not (where.startswith("/") or where in LOOPBACK) and given.get("PGSSLMODE") != "disable"
    if tls and given.get("PGSSLMODE") in (None, "allow", "prefer"):
        given["PGSSLMODE"] = "require"
    tls = tls or given.get("PGSSLMODE") in ("require", "verify-ca", "verify-full")
    kept = {name: value for name, value in environ.items() if not name.startswith("PG")}
    return Target(kept | given, tls)
