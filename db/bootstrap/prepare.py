"""What must exist before the first migration: roles, passwords, the database, its extension and its schemas.

Reads what is there, plans the difference as steps of one sentence each, and runs them. So a second
run has nothing to do, `dry_run` prints the truth, and what somebody changed by hand is put right.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from db.bootstrap import roles
from db.bootstrap.database_steps import EXTENSION, database_steps, inside_steps
from db.bootstrap.role_steps import password_steps, role_steps
from db.bootstrap.steps import quoted, run

MINIMUM_VERSION = 18
# Two bootstraps at once would both find a role missing. The number is arbitrary, and ours alone.
LOCK = 7_262_390_101


class BootstrapError(Exception):
    """The database cannot be prepared; the message says what to change."""


async def bootstrap(
    admin_url: str, passwords: Mapping[str, str], *, database: str = "orgraph", dry_run: bool = False
) -> list[str]:
    """Prepare the server behind `admin_url` and answer what was done (or would be), a sentence per step.

    `admin_url` logs in as a superuser, or as a role with CREATEROLE and CREATEDB. `passwords` are by
    role name; only those given are set. Raises BootstrapError.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", database):
        raise BootstrapError(f"database {database!r}: expected at most 63 lower-case letters, digits and underscores")
    if unknown := sorted(passwords.keys() - set(roles.LOGINS)):
        raise BootstrapError(f"{unknown[0]} takes no password: the logins are {', '.join(roles.LOGINS)}")
    try:
        async with connected(admin_url) as admin:
            await admin.execute(f"select pg_catalog.pg_advisory_lock({LOCK})")
            done = await run(admin, await role_steps(admin), dry_run=dry_run)
            done += await run(admin, await password_steps(admin, passwords), dry_run=dry_run)
            async with owners_rights(admin, dry_run=dry_run):
                exists = await admin.fetchval("select true from pg_catalog.pg_database where datname = $1", database)
                done += await run(admin, await database_steps(admin, database), dry_run=dry_run)
                if dry_run and not exists:
                    return [*done, f"create {EXTENSION} and the schemas {', '.join(roles.SCHEMAS)}, with their grants"]
                async with connected(admin_url, database) as inside:
                    done += await run(inside, await inside_steps(inside), dry_run=dry_run)
    except asyncpg.InsufficientPrivilegeError as error:
        raise BootstrapError(f"{error}: --admin-url needs a superuser, or CREATEROLE and CREATEDB") from error
    except ValueError as error:
        raise BootstrapError(str(error)) from error
    return done


async def missing_logins(admin_url: str) -> list[str]:
    """The logins that do not exist yet: those whose passwords a first bootstrap makes up."""
    async with connected(admin_url) as admin:
        rows = await admin.fetch("select rolname from pg_catalog.pg_roles where rolname = any ($1)", list(roles.LOGINS))
        return [name for name in roles.LOGINS if name not in {row["rolname"] for row in rows}]


@asynccontextmanager
async def connected(admin_url: str, database: str | None = None) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection to Postgres 18 or newer. Raises BootstrapError in one line where there is none."""
    try:
        connection = await asyncpg.connect(admin_url, database=database, timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        # The message of the driver, never the URL: it holds a password.
        raise BootstrapError(f"cannot connect as the admin: {error}") from error
    try:
        version = connection.get_server_version()
        if version.major < MINIMUM_VERSION:
            raise BootstrapError(
                f"this is PostgreSQL {version.major}.{version.minor}: orgraph needs {MINIMUM_VERSION} or newer"
            )
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def owners_rights(admin: asyncpg.Connection[asyncpg.Record], *, dry_run: bool) -> AsyncIterator[None]:
    """An admin who is no superuser creates what the owner shall own by being a member of it, for this long."""
    me = await admin.fetchrow(
        "select current_user as name, rolsuper from pg_catalog.pg_roles where rolname = current_user"
    )
    if me is None or me["rolsuper"] or dry_run:
        yield
        return
    name = quoted(me["name"])
    await admin.execute(f"grant {roles.OWNER}, {roles.DEFINER} to {name} with inherit true, set true")
    try:
        yield
    finally:
        await admin.execute(f"revoke {roles.OWNER}, {roles.DEFINER} from {name} granted by {name}")


def login_url(admin_url: str, role: str, password: str, database: str) -> str:
    """How `role` reaches the server of `admin_url`."""
    parts = urlsplit(admin_url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{place}", path=f"/{database}"))
