"""A cluster for the tests of db, and databases in it: roles belong to the cluster, the rest to a database."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TypeAlias

import asyncpg
import pytest

from db import repeatable, revisions
from db.bootstrap import bootstrap
from db.bootstrap.roles import LOGINS
from db.embedded import Cluster, passwords, remove, start, stop
from db.migrate import migrate

NUMBERS = count(1)
Edit: TypeAlias = Callable[[str, Callable[[str], str]], None]
Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


def silent(_: str) -> None:
    """A report that nobody reads."""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Postgres of these tests' own, since they change roles, which belong to all of it; migrated as well."""
    folder = Path(tempfile.mkdtemp(prefix="orgraph-"))
    folder.chmod(0o755)  # as root, Postgres runs as somebody else, who must get through
    running = start(folder / "home", durable=False)
    try:
        asyncio.run(prepare(running))
        yield running
    finally:
        stop(running)
        remove(running.home)
        shutil.rmtree(folder)


def login_passwords(cluster: Cluster) -> dict[str, str]:
    return {role: password for role, password in passwords(cluster.home).items() if role in LOGINS}


async def prepare(cluster: Cluster, database: str = "orgraph") -> None:
    await bootstrap(cluster.url("postgres", "postgres"), login_passwords(cluster), database=database)
    await migrate(cluster.url("orgraph_migrator", database), silent)


@pytest.fixture
async def admin(cluster: Cluster) -> AsyncIterator[Admin]:
    """The superuser in the migrated database."""
    connection = await asyncpg.connect(cluster.url("postgres"))
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
def url(cluster: Cluster) -> Iterator[str]:
    """The migrator's address of a new database, bootstrapped."""
    database = f"migrate_{next(NUMBERS)}"
    root = cluster.url("postgres", "postgres")
    asyncio.run(bootstrap(root, {}, database=database))
    yield cluster.url("orgraph_migrator", database)
    asyncio.run(drop(root, database))


async def drop(root: str, database: str) -> None:
    connection = await asyncpg.connect(root)
    await connection.execute(f"drop database {database} with (force)")
    await connection.close()


@pytest.fixture
async def superuser(cluster: Cluster, url: str) -> AsyncIterator[Admin]:
    """The superuser in that database."""
    connection = await asyncpg.connect(cluster.url("postgres"), database=url.partition("?")[0].rpartition("/")[2])
    yield connection
    await connection.close()


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Changes a file of a copy of sql/ and the migrations: `edit("policies/meetings.sql", lambda text: …)`."""
    shutil.copytree(repeatable.FOLDER, tmp_path / "sql")
    shutil.copytree(revisions.FOLDER, tmp_path / "migrations")
    monkeypatch.setattr(repeatable, "FOLDER", tmp_path / "sql")
    monkeypatch.setattr(revisions, "FOLDER", tmp_path / "migrations")

    def edited(name: str, change: Callable[[str], str]) -> None:
        path = tmp_path / ("migrations" if name.startswith("versions/") else "sql") / name
        text = change(path.read_text() if path.exists() else "")
        if text:
            path.write_text(text)
        else:
            path.unlink()

    return edited


async def tables_of(superuser: Admin) -> list[str]:
    rows = await superuser.fetch("select tablename from pg_tables where schemaname in ('app', 'migration')")
    return [row["tablename"] for row in rows]


def added(more: str) -> Callable[[str], str]:
    return lambda text: text + more
