"""Makes a database what this version of the code expects: functions, tables, policies, months of the trail.

All of it in one transaction, so that no table is ever seen without its row security, under one lock,
so that several machines may start at once: the first does it, the others wait and find nothing to do.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from db import repeatable, revisions
from db.bootstrap.roles import OWNER
from db.repeatable import MigrationError, RepeatableFile

__all__ = ["Applied", "MigrationError", "Status", "expected", "migrate", "status"]

# The number is arbitrary, and ours alone.
LOCK = 7_262_390_102
MONTHS_AHEAD = 13
FEWEST_MONTHS_AHEAD = 2
BEFORE = " < "
MARKS = 10
ATTEMPTS = 5
# A lock that is waited for stops everyone who comes after: better to give up and try again.
LOCK_TIMEOUT = "2s"
LOCK_NOT_AVAILABLE, DEADLOCK = "55P03", "40P01"


@dataclass(frozen=True)
class Applied:
    """What one migration did; all empty when there was nothing to do."""

    revisions: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    dropped_functions: tuple[str, ...] = ()
    months: int = 0

    def __bool__(self) -> bool:
        return bool(self.revisions or self.files or self.dropped_functions or self.months)


@dataclass(frozen=True)
class Status:
    """`files` says for each repeatable file: applied, changed or new; a file that is gone is `removed`."""

    current: str
    head: str
    files: dict[str, Literal["applied", "changed", "new", "removed"]]
    months_ahead: int

    @property
    def pending(self) -> bool:
        stale = any(state != "applied" for state in self.files.values())
        return self.current != self.head or stale or self.months_ahead < FEWEST_MONTHS_AHEAD


async def migrate(url: str, report: Callable[[str], None], *, pause_s: float = 1.0) -> Applied:
    """Apply what is missing, as the owner, and say each step through `report`.

    `url` logs in as orgraph_migrator. Waits for another migration that runs; if a table is locked, rolls
    everything back and starts again, up to five times, each pause longer than the one before by `pause_s`.
    Raises MigrationError, and then nothing was changed.
    """
    async with connected(url) as (connection, driver):
        await take_lock(driver, report)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await driver.execute(f"begin; set local lock_timeout = '{LOCK_TIMEOUT}'; set role {OWNER}")
                applied = await apply(connection, driver, report)
                await driver.execute("commit")
            except Exception as error:
                if not driver.is_closed():
                    await driver.execute("rollback")
                if not waits(error):
                    raise as_migration_error(error) from error
                if attempt == ATTEMPTS:
                    raise MigrationError(
                        f"a table stayed locked for {ATTEMPTS} attempts: {repeatable.first_line(cause(error))}. "
                        "Nothing was changed; end the long transaction (pg_stat_activity) and migrate again"
                    ) from error
                report(f"a table is locked: everything rolled back, attempt {attempt + 1} of {ATTEMPTS} follows")
                await asyncio.sleep(attempt * pause_s)
            else:
                return applied
    raise AssertionError("unreachable")


async def apply(
    connection: AsyncConnection, driver: asyncpg.Connection[asyncpg.Record], report: Callable[[str], None]
) -> Applied:
    """Functions, tables, policies, months: inside the caller's transaction."""
    known = await repeatable.checksums(driver)
    functions, policies = repeatable.files("functions"), repeatable.files("policies")
    declared = {name for file in functions for name in file.functions}
    present = await repeatable.functions_present(driver)
    changed = [
        file
        for file in functions
        if known.get(file.name) != file.checksum or not set(present.values()).issuperset(file.functions)
    ]
    undeclared = await repeatable.apply_functions(driver, changed, check_bodies=False) if changed else []
    applied_revisions = await connection.run_sync(revisions.upgrade, report)
    if changed:
        await repeatable.apply_functions(driver, changed, check_bodies=True)
    applied = list(changed)
    for file in changed:
        report(f"functions {file.noun}")
    walled = await repeatable.tables(driver)
    demand_a_file_per_table(walled, policies)
    for file in policies:
        # A table that a revision made anew has lost its policies, though their file is the same.
        if known.get(file.name) != file.checksum or not walled[file.noun]:
            await repeatable.apply_policies(driver, file)
            applied.append(file)
            report(f"policies {file.noun}")
    stale = sorted({*undeclared, *(each for each, name in present.items() if name not in declared)})
    await repeatable.drop_functions(driver, stale, report)
    await repeatable.remember(driver, applied)
    months = await driver.fetchval("select app.ensure_audit_partitions($1)", MONTHS_AHEAD)
    if months:
        report(f"{months} months of audit_logs")
    await leave_mark(driver)
    return Applied(tuple(applied_revisions), tuple(file.name for file in applied), tuple(stale), months)


def demand_a_file_per_table(walled: dict[str, bool], policies: list[RepeatableFile]) -> None:
    nouns = {file.noun for file in policies}
    if bare := sorted(walled.keys() - nouns):
        raise MigrationError(
            f"{', '.join(f'app.{table}' for table in bare)}: no policies; "
            f"write {', '.join(f'sql/policies/{table}.sql' for table in bare)}. Nothing was changed"
        )
    if lost := sorted(nouns - walled.keys()):
        raise MigrationError(f"sql/policies/{lost[0]}.sql: there is no table app.{lost[0]}. Nothing was changed")


def expected() -> str:
    """What a database that matches this code says of itself, in the comment on its schema `migration`."""
    every = [*repeatable.files("functions"), *repeatable.files("policies")]
    digest = hashlib.sha256("".join(f"{file.name}{file.checksum}" for file in every).encode()).hexdigest()
    return f"revision {revisions.head()}, files {digest[:16]}"


async def leave_mark(driver: asyncpg.Connection[asyncpg.Record]) -> None:
    """Say in the comment on the schema what is here now, and what was here before: whose code may go on serving."""
    said = await driver.fetchval("select pg_catalog.obj_description('migration'::pg_catalog.regnamespace)") or ""
    now = expected()
    before = [mark for mark in said.split(BEFORE) if mark.startswith("revision ") and mark != now][:MARKS]
    if said.split(BEFORE)[0] != now:
        # The words are ours: numbers, hexadecimal digits, no quotes.
        await driver.execute(f"comment on schema migration is '{BEFORE.join([now, *before])}'")


async def status(url: str) -> Status:
    """What is applied, what is not; changes nothing."""
    async with connected(url) as (_, driver):
        await driver.execute(f"set role {OWNER}")
        known = await repeatable.checksums(driver)
        files: dict[str, Literal["applied", "changed", "new", "removed"]] = {}
        for file in (*repeatable.files("functions"), *repeatable.files("policies")):
            checksum = known.pop(file.name, None)
            files[file.name] = "new" if checksum is None else "applied" if checksum == file.checksum else "changed"
        files |= dict.fromkeys(known, "removed")
        current, ahead = "", 0
        if await driver.fetchval("select pg_catalog.to_regclass('migration.alembic_version') is not null"):
            current = await driver.fetchval("select version_num from migration.alembic_version") or ""
        ahead = await driver.fetchval("""
            select count(*) from pg_catalog.pg_inherits i
            join pg_catalog.pg_class c on c.oid = i.inhrelid
            where i.inhparent = pg_catalog.to_regclass('app.audit_logs') and c.relname ~ '^audit_logs_\\d{4}_\\d{2}$'
              and c.relname > 'audit_logs_' || pg_catalog.to_char(now() at time zone 'UTC', 'YYYY_MM')
        """)
    return Status(current, revisions.head(), files, ahead)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[tuple[AsyncConnection, asyncpg.Connection[asyncpg.Record]]]:
    """One connection, seen as Alembic's and as the driver's: it alone runs a file of many statements."""
    try:
        driver = await asyncpg.connect(url, timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        # The message of the driver, never the URL: it holds a password.
        raise MigrationError(f"cannot connect as the migrator: {error}") from error

    async def creator() -> asyncpg.Connection[asyncpg.Record]:
        return driver

    # AUTOCOMMIT: this module says begin and commit, SQLAlchemy says neither.
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=creator, poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    try:
        async with engine.connect() as connection:
            yield connection, driver
    finally:
        await engine.dispose()
        await driver.close()


async def take_lock(driver: asyncpg.Connection[asyncpg.Record], report: Callable[[str], None]) -> None:
    """Held until the connection closes. Asked for again and again: a statement that waits would hold a snapshot."""
    told = False
    while not await driver.fetchval("select pg_catalog.pg_try_advisory_lock($1)", LOCK):
        if not told:
            report("another migration is running: waiting for it")
            told = True
        await asyncio.sleep(0.2)


def waits(error: Exception) -> bool:
    return getattr(cause(error), "sqlstate", None) in (LOCK_NOT_AVAILABLE, DEADLOCK)


def cause(error: Exception) -> BaseException:
    """The driver's error, from under SQLAlchemy's."""
    return (error.orig.__cause__ or error.orig) if isinstance(error, DBAPIError) and error.orig else error


def as_migration_error(error: Exception) -> Exception:
    """A statement that failed, in one line; anything that is no fault of SQL stays what it is."""
    postgres = cause(error)
    if not isinstance(postgres, asyncpg.PostgresError):
        return error
    places = [*getattr(error, "__notes__", []), repeatable.first_line(postgres)]
    return MigrationError(f"{': '.join(places)}. Nothing was changed")
