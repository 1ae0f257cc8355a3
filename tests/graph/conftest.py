"""The graph over the migrated database, and two organizations per test whose people can ask."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.engine import create_engine
from graph.operation import Graph
from graph.schema import build
from tests import make
from tests.graph.asking import Acting, World, world_of
from tests.personas import Database


@pytest.fixture(scope="session")
async def graph(database: Database) -> AsyncIterator[Graph]:
    engine = create_engine(database.api)
    # Tests of the deadline set their own; no other is about how busy the machine is.
    yield Graph.over(build(), engine, deadline_s=60)
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
