"""A world of two organizations per test, and one that is alone in its database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.embedded import Cluster
from tests import make
from tests.conftest import at, prepare
from tests.personas import Connection, Database, World, as_superuser

LONE = "lone"


@pytest.fixture
async def world(database: Database) -> World:
    return await make.world(database)


@pytest.fixture(scope="session")
async def lone_world(cluster: Cluster) -> World:
    """The only world of its database, so that a statement without a condition reaches it and nothing else."""
    await prepare(cluster, LONE)
    return await make.world(at(cluster, LONE))


@pytest.fixture
async def alone(cluster: Cluster, lone_world: World) -> AsyncIterator[Connection]:
    """A superuser's transaction on that database, undone when the test ends."""
    async with as_superuser(at(cluster, LONE)) as superuser:
        await superuser.execute("begin")
        yield superuser
        await superuser.execute("rollback")
