"""Who a request is from: its bearer token, its cookie, both, or neither."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx2
import pytest
from cryptography.fernet import Fernet
from starlette.requests import HTTPConnection

from auth.authenticate import csrf_ok
from auth.local import IssuerKey, sign_access_token
from auth.session import cookie_keys, seal, unseal_session
from tests.auth.site import ADA, BOB, Site


def bearer(site: Site, *, organization: str | None = "org_acme", key: IssuerKey | None = None) -> dict[str, str]:
    token = sign_access_token(
        key or site.key, issuer=site.issuer_url, person=ADA, workos_org_id=organization, now=site.now
    )
    return {"authorization": f"Bearer {token}"}


def code_of(answered: httpx2.Response) -> tuple[int, str]:
    return answered.status_code, answered.json()["errors"][0]["extensions"]["code"]


async def test_a_request_without_credentials_is_a_guests(site: Site) -> None:
    async with site.browser() as browser:
        assert (await browser.get("/whoami")).json() == [None, None]


async def test_a_bearer_token_names_its_person(site: Site) -> None:
    async with site.browser() as browser:
        assert (await browser.post("/whoami", headers=bearer(site))).json() == ["user_ada", "org_acme"]


@pytest.mark.parametrize(
    "header",
    [
        b"Bearer",
        b"Bearer a.b.c",
        b"Bearer a.b.c, Bearer a.b.c",
        b"Bearer a.b.c d.e.f",
        b"Bearer \xc3\xa9.b.c",
        b"Basic YTpi",
        b"Bearer " + b"a" * 20_000,
    ],
)
async def test_a_malformed_authorization_is_refused_and_not_a_guest(site: Site, header: bytes) -> None:
    async with site.browser() as browser:
        refused = await browser.get("/whoami", headers=[(b"authorization", header)])
    assert code_of(refused) == (401, "UNAUTHENTICATED")
    assert refused.headers["www-authenticate"] == "Bearer"


async def test_two_authorization_headers_are_refused(site: Site) -> None:
    value = bearer(site)["authorization"]
    async with site.browser() as browser:
        refused = await browser.get("/whoami", headers=[("authorization", value), ("authorization", value)])
    assert code_of(refused) == (401, "UNAUTHENTICATED")


async def test_an_expired_bearer_token_is_refused_and_not_refreshed(site: Site) -> None:
    async with site.browser() as browser:
        headers = bearer(site)
        site.now += 305
        assert code_of(await browser.get("/whoami", headers=headers)) == (401, "UNAUTHENTICATED")
    assert site.grants == []


async def test_a_bearer_token_of_another_key_is_refused(site: Site, another_key: IssuerKey) -> None:
    async with site.browser() as browser:
        refused = await browser.get("/whoami", headers=bearer(site, key=another_key))
        assert code_of(refused) == (401, "UNAUTHENTICATED")


async def test_a_cookie_and_a_bearer_token_that_agree_are_one_person(site: Site) -> None:
    async with site.signed_in(ADA) as browser:
        assert (await browser.get("/whoami", headers=bearer(site))).json() == ["user_ada", "org_acme"]


async def test_a_cookie_and_a_bearer_token_that_disagree_are_refused(site: Site) -> None:
    async with site.signed_in(BOB) as bob, site.signed_in(ADA) as ada:
        assert code_of(await bob.get("/whoami", headers=bearer(site))) == (400, "AMBIGUOUS_CREDENTIALS")
        other = bearer(site, organization="org_zen")
        assert code_of(await ada.get("/whoami", headers=other)) == (400, "AMBIGUOUS_CREDENTIALS")


async def test_a_changed_cookie_is_refused_and_deleted(site: Site) -> None:
    async with site.signed_in() as browser:
        sealed = browser.cookies["orgraph_session"]
        cookie = {"cookie": f"orgraph_session={sealed[:-9]}AAAAAAA=="}
    async with site.browser() as thief:
        refused = await thief.get("/whoami", headers=cookie)
    assert code_of(refused) == (401, "SESSION_EXPIRED")
    assert refused.headers["set-cookie"].startswith("orgraph_session=; Path=/; Max-Age=0")


async def test_a_cookie_of_a_retired_key_or_of_last_week_is_refused(site: Site) -> None:
    async with site.signed_in() as browser:
        session = unseal_session(browser.cookies["orgraph_session"], site.identity.keys, now=site.now)
    assert session is not None
    retired = seal(session, cookie_keys(Fernet.generate_key().decode()), now=site.now)
    old = seal(session, site.identity.keys, now=site.now - 7 * 24 * 3600)
    async with site.browser() as browser:
        for sealed in (retired, old):
            refused = await browser.get("/whoami", headers={"cookie": f"orgraph_session={sealed}"})
            assert code_of(refused) == (401, "SESSION_EXPIRED")


async def test_twenty_requests_on_one_expired_session_refresh_it_once(site: Site) -> None:
    async with site.signed_in() as browser:
        spent = len(site.grants)
        site.now += 306
        cookie = {"cookie": f"orgraph_session={browser.cookies['orgraph_session']}"}
    async with site.browser() as many:
        answers = await asyncio.gather(*(many.get("/whoami", headers=cookie) for _ in range(20)))
        late = await many.get("/whoami", headers=cookie)  # within the grace, with the old cookie
    assert Counter(one.status_code for one in (*answers, late)) == {200: 21}
    assert {tuple(one.json()) for one in (*answers, late)} == {("user_ada", "org_acme")}
    assert all(one.headers["set-cookie"].startswith("orgraph_session=gAAAA") for one in (*answers, late))
    assert len(site.grants) == spent + 1


async def test_a_refreshed_session_goes_on_without_another_refresh(site: Site) -> None:
    async with site.signed_in() as browser:
        site.now += 306
        assert "set-cookie" in (await browser.get("/whoami")).headers
        spent = len(site.grants)
        assert "set-cookie" not in (await browser.get("/whoami")).headers
        assert len(site.grants) == spent


async def test_while_workos_is_down_an_expired_session_waits_and_is_not_lost(site: Site) -> None:
    async with site.signed_in() as browser:
        site.now += 306
        site.issuer_is_down = True
        refused = await browser.get("/whoami")
        assert code_of(refused) == (503, "AUTH_UNAVAILABLE")
        assert refused.headers["retry-after"] == "5"
        assert "set-cookie" not in refused.headers
        site.issuer_is_down = False
        assert (await browser.get("/whoami")).json() == ["user_ada", "org_acme"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, 403),
        ({"x-orgraph-csrf": "1"}, 200),
    ],
)
async def test_a_post_with_the_cookie_must_come_from_our_own_pages(
    site: Site, headers: dict[str, str], status: int
) -> None:
    async with site.signed_in() as browser:
        assert (await browser.post("/whoami", headers=headers)).status_code == status


async def test_our_own_origin_may_post_and_anothers_page_may_not_even_read(site: Site) -> None:
    async with site.signed_in() as browser:
        assert (await browser.post("/whoami", headers={"origin": site.url})).status_code == 200
        refused = await browser.get("/whoami", headers={"sec-fetch-site": "cross-site"})
        assert code_of(refused) == (403, "CSRF_BLOCKED")


async def test_a_post_with_a_bearer_token_may_come_from_anywhere(site: Site) -> None:
    async with site.browser() as browser:
        headers = {**bearer(site), "origin": "http://127.0.0.1:3000", "sec-fetch-site": "cross-site"}
        assert (await browser.post("/whoami", headers=headers)).json() == ["user_ada", "org_acme"]


def test_a_websocket_is_judged_as_a_post_is(site: Site) -> None:
    def handshake(*headers: tuple[bytes, bytes]) -> HTTPConnection:
        return HTTPConnection({"type": "websocket", "path": "/", "query_string": b"", "headers": list(headers)})

    assert csrf_ok(handshake((b"origin", site.url.encode())), site.identity)
    assert not csrf_ok(handshake((b"host", b"127.0.0.1")), site.identity)
