"""The server over a real Postgres and a real issuer, on ports of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from db import embedded
from db.bootstrap import bootstrap
from db.embedded import Cluster
from db.migrate import migrate
from tests.policies import make
from tests.policies.personas import Database, World
from tests.server.site import Site, served


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with embedded.running_cluster(tmp_path_factory.mktemp("server"), durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def database(cluster: Cluster) -> Database:
    """Made in a loop of its own: a test that is a plain function may ask for it first."""
    logins = {role: word for role, word in embedded.passwords(cluster.home).items() if role != "postgres"}

    async def prepare() -> None:
        await bootstrap(cluster.url("postgres", "postgres"), logins)
        await migrate(cluster.url("orgraph_migrator"), lambda _: None)

    asyncio.run(prepare())
    return Database(
        api=cluster.url("orgraph_api"), worker=cluster.url("orgraph_worker"), superuser=cluster.url("postgres")
    )


@pytest.fixture(scope="session")
def site(database: Database) -> Iterator[Site]:
    with served(database.api) as running:
        yield running


@pytest.fixture
async def world(database: Database) -> World:
    return await make.world(database)
