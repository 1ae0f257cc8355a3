"""The whole server over a network that a test can break."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from graph.schema import build
from tests import make
from tests.faults.asking import Person
from tests.faults.proxy import Proxy, proxied
from tests.personas import Database
from tests.server.site import Site, served


@pytest.fixture(scope="module")
def network(database: Database) -> Iterator[Proxy]:
    with proxied(database.api) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def site(network: Proxy, database: Database) -> Iterator[Site]:
    """Two connections; an operation has a second and a half. No accounts of callers, whose bytes would be counted."""
    with served(network.url(database.api), schema=build(), ORGRAPH_BUDGET="off") as running:
        yield running


@pytest.fixture
async def person(site: Site, network: Proxy, database: Database) -> AsyncIterator[Person]:
    world = await make.world(database)
    async with site.client() as client:
        person = Person(site, client, world.acme, database)
        await person.recovered(20)
        yield person
        network.heal()
