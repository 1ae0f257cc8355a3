"""The graph in both ways, two organizations per test, and a database apart whose rows are odd."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from db.embedded import Cluster
from db.engine import create_engine
from graph.operation import Graph
from graph.schema import build
from tests import make
from tests.conftest import at, prepare
from tests.graph.asking import Acting, World, world_of
from tests.personas import Database, as_superuser
from tests.plan.both import WIDE


@pytest.fixture(scope="session")
async def graph(database: Database) -> AsyncIterator[Graph]:
    engine = create_engine(database.api)
    yield Graph.over(build(), engine, deadline_s=60, limits=WIDE)
    await engine.dispose()


@pytest.fixture
def interpreter(graph: Graph) -> Graph:
    return Graph.over(graph.schema, graph.engine, deadline_s=60, plans=False, limits=WIDE)


@pytest.fixture
async def world(database: Database, graph: Graph) -> World:
    return world_of(database, graph, await make.world(database))


@pytest.fixture
def acme(world: World) -> Acting:
    return world.acme


@pytest.fixture
def globex(world: World) -> Acting:
    return world.globex


@pytest.fixture(scope="session")
def odd(cluster: Cluster) -> Database:
    """Migrated, and without the trigger that keeps the trail: what one request wrote must not be seen by the next."""
    asyncio.run(prepare(cluster, "odd"))
    database = at(cluster, "odd")
    asyncio.run(_unguard(database))
    return database


async def _unguard(database: Database) -> None:
    async with as_superuser(database) as superuser:
        await superuser.execute("alter table app.audit_logs disable trigger t00_append_only")
