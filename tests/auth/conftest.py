"""The fixtures of these tests: an issuer whose tokens can be spoiled, and the sign-in served over real HTTP."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import pytest

from auth.local import IssuerKey
from tests.auth.issuer import Issuer
from tests.auth.site import Site


@pytest.fixture(scope="session")
def key() -> IssuerKey:
    """Making an RSA key takes a tenth of a second: one for the run."""
    return IssuerKey.new()


@pytest.fixture(scope="session")
def another_key() -> IssuerKey:
    return IssuerKey.new()


@pytest.fixture
async def issuer(key: IssuerKey) -> AsyncIterator[Issuer]:
    issuer = Issuer(key)
    yield issuer
    await issuer.aclose()


@pytest.fixture(scope="session")
def served_site(key: IssuerKey) -> Iterator[Site]:
    """Two servers for the run: starting and stopping them takes half a second."""
    with Site(key).served() as site:
        yield site


@pytest.fixture
def site(served_site: Site) -> Site:
    served_site.now = time.time()
    served_site.grants.clear()
    served_site.issuer_is_down = False
    return served_site
