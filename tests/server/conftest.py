"""The server over a real Postgres and a real issuer, on ports of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph.schema import build
from tests import make
from tests.personas import Database, World
from tests.server.site import Site, served


@pytest.fixture(scope="session")
def site(database: Database) -> Iterator[Site]:
    with served(database.api) as running:
        yield running


@pytest.fixture(scope="session")
def real(database: Database) -> Iterator[Site]:
    """The same with the API's own schema, as in production."""
    with served(database.api, build(), production=True) as running:
        yield running


@pytest.fixture
async def world(database: Database) -> World:
    return await make.world(database)
