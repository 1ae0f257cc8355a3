"""One migrated Postgres for a run (for each process of it), and what every test may ask of it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from db import embedded
from db.bootstrap import bootstrap
from db.bootstrap.roles import LOGINS
from db.embedded import Cluster
from db.migrate import migrate
from tests.personas import Database


def pytest_configure() -> None:
    """What tests import and remember is large, and looking it through for garbage was a fifth of their time."""
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A Postgres with our roles and one migrated database, as on the first day of an installation."""
    home = tmp_path_factory.mktemp("postgres")
    with embedded.running_cluster(home, durable=False) as running:
        # In a loop of its own: a test that is a plain function may ask for it first.
        asyncio.run(prepare(running, embedded.DATABASE))
        yield running
    embedded.remove(home)  # as root its data lies outside the folder that pytest removes


async def prepare(cluster: Cluster, name: str) -> None:
    """Bootstrap and migrate a database of this name."""
    logins = {role: word for role, word in embedded.passwords(cluster.home).items() if role in LOGINS}
    await bootstrap(cluster.url("postgres", "postgres"), logins, database=name)
    await migrate(cluster.url("orgraph_migrator", name), lambda _: None)


def at(cluster: Cluster, name: str) -> Database:
    """Where each login finds the database of this name."""
    return Database(
        api=cluster.url("orgraph_api", name),
        worker=cluster.url("orgraph_worker", name),
        superuser=cluster.url("postgres", name),
    )


@pytest.fixture(scope="session")
def database(cluster: Cluster) -> Database:
    return at(cluster, embedded.DATABASE)
