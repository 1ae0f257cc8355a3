"""The benchmark's own Postgres: its data sets, made once and found again, and copies of them to write in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from bench.progress import say
from bench.sets import DataSet
from db.bootstrap import bootstrap
from db.bootstrap.roles import LOGINS
from db.embedded import Cluster, passwords, running_cluster
from db.migrate import migrate
from db.seed import seed

BYPASS = "bench_bypass"


@contextmanager
def postgres(home: Path) -> Iterator[Cluster]:
    """The server of `home`, durable as in production. Raises EmbeddedError."""
    say(f"starting Postgres in {home}")
    with running_cluster(home) as cluster:
        asyncio.run(_executed(cluster, "postgres", f"drop role if exists {BYPASS}"))
        yield cluster


def prepare(cluster: Cluster, data: DataSet) -> None:
    """Make the database of `data`, or what is missing of it. Raises BootstrapError, MigrationError, SeedError."""
    asyncio.run(_prepare(cluster, data))


async def _prepare(cluster: Cluster, data: DataSet) -> None:
    await _bootstrapped(cluster, data.database)
    await migrate(cluster.url("orgraph_migrator", data.database), lambda _: None)
    total, made, shown = data.plan.total_meetings, 0, 0

    def progress(meetings: int, *, now: bool) -> None:
        nonlocal made, shown
        made += meetings
        if now and made * 10 // total > shown:
            shown = made * 10 // total
            say(f"{data}: {made:,} of {total:,} meetings")

    new = await seed(cluster.url("orgraph_worker", data.database), data.plan, now=datetime.now(UTC), progress=progress)
    if new:
        # What autovacuum would do some time later, in the middle of a measurement.
        await _executed(cluster, data.database, "vacuum analyze", "checkpoint")
    say(f"{data}: {total:,} meetings are there")


async def _bootstrapped(cluster: Cluster, name: str) -> None:
    logins = {role: word for role, word in passwords(cluster.home).items() if role in LOGINS}
    await bootstrap(cluster.url("postgres", "postgres"), logins, database=name)


@contextmanager
def copy(cluster: Cluster, data: DataSet, name: str, *statements: str) -> Iterator[str]:
    """A copy of a data set to write in, changed by `statements` as the superuser, and dropped afterwards; its name.

    Nobody may be connected to the original while it is copied.
    """
    asyncio.run(_copied(cluster, data.database, name, statements))
    try:
        yield name
    finally:
        asyncio.run(_executed(cluster, "postgres", f"drop database if exists {name} with (force)"))


async def _copied(cluster: Cluster, original: str, name: str, statements: tuple[str, ...]) -> None:
    drop, create = f"drop database if exists {name} with (force)", f"create database {name} template {original}"
    await _executed(cluster, "postgres", drop, create)
    await _bootstrapped(cluster, name)  # who may connect is not copied
    await _executed(cluster, name, *statements)
    await _executed(cluster, name, "vacuum analyze", "checkpoint")


@contextmanager
def bypass(cluster: Cluster, database: str) -> Iterator[None]:
    """A role above row security that the server's login may become, for as long as the block.

    No orgraph may start meanwhile: it refuses a database with such a role.
    """
    functions = "app.current_user_id(), app.current_org_id(), app.may(text), app.current_permissions()"
    asyncio.run(
        _executed(
            cluster,
            database,
            f"create role {BYPASS} nologin bypassrls",
            f"grant {BYPASS} to orgraph_api",
            f"grant usage on schema app to {BYPASS}",
            f"grant select on all tables in schema app to {BYPASS}",
            f"grant execute on function {functions} to {BYPASS}",
        )
    )
    try:
        yield
    finally:
        asyncio.run(_executed(cluster, database, f"drop owned by {BYPASS}", f"drop role {BYPASS}"))


def ask(cluster: Cluster, database: str, statement: str, *values: object) -> list[asyncpg.Record]:
    """Rows as the superuser sees them."""

    async def rows() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(cluster.url("postgres", database))
        try:
            found: list[asyncpg.Record] = await connection.fetch(statement, *values)
            return found
        finally:
            await connection.close()

    return asyncio.run(rows())


def run_as_superuser(cluster: Cluster, database: str, *statements: str) -> None:
    """Run each statement in a transaction of its own."""
    asyncio.run(_executed(cluster, database, *statements))


async def _executed(cluster: Cluster, database: str, *statements: str) -> None:
    connection = await asyncpg.connect(cluster.url("postgres", database))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
