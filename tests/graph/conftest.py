"""A migrated database, the graph over it, and two organizations per test whose people can ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from db import embedded
from db.bootstrap import bootstrap
from db.embedded import Cluster
from db.engine import create_engine
from db.migrate import migrate
from graph.operation import Graph
from graph.schema import build
from tests.graph.asking import Acting, World, world_of
from tests.policies import make
from tests.policies.personas import Database


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with embedded.running_cluster(tmp_path_factory.mktemp("graph"), durable=False) as running:
        yield running


@pytest.fixture(scope="session")
async def database(cluster: Cluster) -> Database:
    logins = {role: word for role, word in embedded.passwords(cluster.home).items() if role != "postgres"}
    await bootstrap(cluster.url("postgres", "postgres"), logins)
    await migrate(cluster.url("orgraph_migrator"), lambda _: None)
    return Database(
        api=cluster.url("orgraph_api"), worker=cluster.url("orgraph_worker"), superuser=cluster.url("postgres")
    )


@pytest.fixture(scope="session")
async def graph(database: Database) -> AsyncIterator[Graph]:
    engine = create_engine(database.api)
    yield Graph.over(build(), engine)
    await engine.dispose()


@pytest.fixture
async def world(database: Database, graph: Graph) -> World:
    return world_of(database, graph, await make.world(database))


@pytest.fixture
def acme(world: World) -> Acting:
    return world.acme


@pytest.fixture
def globex(world: World) -> Acting:
    return world.globex
