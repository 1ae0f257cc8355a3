"""A refresh token is spent once, whatever becomes of the request that spent it."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from auth.errors import AuthUnavailable, SessionExpired
from auth.refreshes import GRACE_S, Refreshes
from auth.session import Session, unseal_session
from auth.workos import WorkOS
from tests.auth.issuer import CLIENT_ID
from tests.auth.site import Site, client_of


async def session_of(site: Site) -> Session:
    async with site.signed_in() as browser:
        session = unseal_session(browser.cookies["orgraph_session"], site.identity.keys, now=site.now)
    assert session is not None
    site.grants.clear()
    return session


def workos(site: Site, http: httpx2.AsyncClient) -> WorkOS:
    return WorkOS(site.issuer_url, CLIENT_ID, "sk_test_local", http)


async def test_a_client_that_goes_away_does_not_take_the_new_session_with_it(site: Site) -> None:
    session = await session_of(site)
    async with client_of() as http:
        refreshes = Refreshes(workos(site, http))
        first = asyncio.create_task(refreshes.refresh(session))
        second = asyncio.create_task(refreshes.refresh(session))
        await asyncio.sleep(0)  # both are waiting now
        first.cancel()
        assert (await second).refresh_token != session.refresh_token
        assert first.cancelled()
        await refreshes.aclose()
    assert len(site.grants) == 1


async def test_after_the_grace_a_spent_refresh_token_ends_the_session(site: Site) -> None:
    session, now = await session_of(site), 0.0
    async with client_of() as http:
        refreshes = Refreshes(workos(site, http), clock=lambda: now)
        new = await refreshes.refresh(session)
        now = GRACE_S - 1
        assert await refreshes.refresh(session) == new
        now = GRACE_S
        with pytest.raises(SessionExpired):
            await refreshes.refresh(session)
    assert len(site.grants) == 2


async def test_a_refresh_that_did_not_get_through_is_tried_again(site: Site) -> None:
    session = await session_of(site)
    async with client_of() as http:
        refreshes = Refreshes(workos(site, http))
        site.issuer_is_down = True
        with pytest.raises(AuthUnavailable):
            await refreshes.refresh(session)
        site.issuer_is_down = False
        assert (await refreshes.refresh(session)).user == session.user


async def test_a_wrong_client_id_of_ours_does_not_end_a_persons_session(site: Site) -> None:
    session = await session_of(site)
    async with client_of() as http:
        with pytest.raises(AuthUnavailable):
            await WorkOS(site.issuer_url, "client_other", "sk_test_local", http).refresh(session.refresh_token)
        assert (await workos(site, http).refresh(session.refresh_token)).user == session.user


async def test_an_address_nobody_listens_at_is_unavailable(site: Site) -> None:
    session = await session_of(site)
    async with client_of() as http:
        with pytest.raises(AuthUnavailable):
            await WorkOS("http://127.0.0.1:9", CLIENT_ID, "sk_test_local", http).refresh(session.refresh_token)
