"""A migrated Postgres for the policy tests, and a world of two organizations per test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from db import embedded
from db.bootstrap import bootstrap
from db.embedded import Cluster
from db.migrate import migrate
from tests.policies import make
from tests.policies.personas import Connection, Database, World, as_superuser

LONE = "lone"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    home = tmp_path_factory.mktemp("policies")
    with embedded.running_cluster(home, durable=False) as running:
        yield running
    embedded.remove(home)  # as root its data lies outside the folder that pytest removes


@pytest.fixture(scope="session")
async def migrated(cluster: Cluster) -> Cluster:
    """Bootstrapped and migrated, as on the first day of an installation; and a copy for the probes."""
    logins = {role: word for role, word in embedded.passwords(cluster.home).items() if role != "postgres"}
    await bootstrap(cluster.url("postgres", "postgres"), logins)
    await migrate(cluster.url("orgraph_migrator"), lambda _: None)
    admin = await asyncpg.connect(cluster.url("postgres", "postgres"))
    await admin.execute(f"create database {LONE} template {embedded.DATABASE}")
    await admin.execute(f"grant connect on database {LONE} to orgraph_api, orgraph_worker")
    await admin.close()
    return cluster


def at(cluster: Cluster, name: str) -> Database:
    return Database(
        api=cluster.url("orgraph_api", name),
        worker=cluster.url("orgraph_worker", name),
        superuser=cluster.url("postgres", name),
    )


@pytest.fixture
def database(migrated: Cluster) -> Database:
    return at(migrated, embedded.DATABASE)


@pytest.fixture
async def world(database: Database) -> World:
    return await make.world(database)


@pytest.fixture(scope="session")
async def lone_world(migrated: Cluster) -> World:
    """The only world of its database, so that a statement without a condition reaches it and nothing else."""
    return await make.world(at(migrated, LONE))


@pytest.fixture
async def alone(migrated: Cluster, lone_world: World) -> AsyncIterator[Connection]:
    """A superuser's transaction on that database, undone when the test ends."""
    async with as_superuser(at(migrated, LONE)) as superuser:
        await superuser.execute("begin")
        yield superuser
        await superuser.execute("rollback")
