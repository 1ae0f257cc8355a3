"""Signing in, over real HTTP: our server, the SDK, the local issuer, and a browser's cookies."""

from __future__ import annotations

import uuid
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.auth.site import ADA, BOB, Site

CSRF = {"x-orgraph-csrf": "1"}


async def test_a_person_signs_in_and_stands_in_the_first_organization_by_name(site: Site) -> None:
    async with site.signed_in(ADA) as browser:
        me = await browser.get("/auth/me")
    assert me.headers["cache-control"] == "no-store"
    assert me.json() == {
        "user": {
            "id": "user_ada",
            "email": "ada@example.com",
            "firstName": "Ada",
            "lastName": "Lovelace",
            "imageUrl": None,
        },
        "organization": {"id": "uuid-acme", "name": "Acme Clinic", "slug": "acme", "role": "owner"},
        "organizations": [
            {
                "id": "uuid-zen",
                "name": "Zen Studio",
                "slug": "zen",
                "role": "member",
                "workosOrganizationId": "org_zen",
            },
            {
                "id": "uuid-acme",
                "name": "Acme Clinic",
                "slug": "acme",
                "role": "owner",
                "workosOrganizationId": "org_acme",
            },
        ],
    }


async def test_a_person_without_organization_signs_in_without_one(site: Site) -> None:
    async with site.signed_in(BOB) as browser:
        me = (await browser.get("/auth/me")).json()
        assert (me["user"]["id"], me["organization"], me["organizations"]) == ("user_bob", None, [])
        assert (await browser.get("/whoami")).json() == ["user_bob", None]


async def test_nobody_is_nobody(site: Site) -> None:
    async with site.browser() as browser:
        assert (await browser.get("/auth/me")).json() == {"user": None, "organization": None, "organizations": []}


async def test_a_sign_in_asks_for_proof_and_keeps_its_secret_in_a_sealed_cookie(site: Site) -> None:
    async with site.browser() as browser:
        begun = await browser.get("/auth/sign-in", params={"return_to": "/graphql"})
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert begun.status_code == 303
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [site.at("/auth/callback")]
    cookie = begun.headers["set-cookie"]
    assert cookie.startswith("orgraph_sign_in=")
    assert "HttpOnly; SameSite=Lax" in cookie
    assert "Max-Age=600" in cookie
    assert asked["state"][0] not in cookie


async def test_signing_up_shows_the_sign_up_screen(site: Site) -> None:
    async with site.browser() as browser:
        begun = await browser.get("/auth/sign-up")
    assert parse_qs(urlsplit(begun.headers["location"]).query)["screen_hint"] == ["sign-up"]


async def test_a_callback_without_a_sign_in_under_way_is_a_page_that_says_so(site: Site) -> None:
    async with site.browser() as browser, site.browser() as another:
        callback = await site.callback_for(browser)
        for refused in (await another.get(callback), await browser.get("/auth/callback", params={"code": "x"})):
            assert refused.status_code == 400
            assert "The sign-in did not work" in refused.text
            assert "LOGIN_FAILED" in refused.text
            assert "script" not in refused.headers["content-security-policy"]
            assert "set-cookie" not in refused.headers


async def test_anothers_state_is_refused(site: Site) -> None:
    async with site.browser() as victim, site.browser() as attacker:
        await site.callback_for(victim)
        foreign = await site.callback_for(attacker, BOB)
        assert (await victim.get(foreign)).status_code == 400
        assert (await victim.get("/auth/me")).json()["user"] is None


async def test_a_callback_works_once(site: Site) -> None:
    async with site.browser() as browser:
        callback = await site.callback_for(browser)
        kept = dict(browser.cookies)
        assert (await browser.get(callback)).status_code == 303
        assert "orgraph_sign_in" not in browser.cookies
        assert (await browser.get(callback)).status_code == 400
    async with site.browser() as thief:  # with a copy of the cookie as well
        thief.cookies.update(kept)
        assert (await thief.get(callback)).status_code == 400


async def test_a_sign_in_may_take_ten_minutes(site: Site) -> None:
    async with site.browser() as browser:
        callback = await site.callback_for(browser)
        site.now += 600
        assert (await browser.get(callback)).status_code == 400


async def test_a_callback_without_code_is_refused(site: Site) -> None:
    async with site.browser() as browser:
        state = parse_qs(urlsplit(await site.callback_for(browser)).query)["state"][0]
        assert (await browser.get("/auth/callback", params={"state": state})).status_code == 400


async def test_what_the_sign_in_service_says_is_not_shown_as_it_came(site: Site) -> None:
    async with site.browser() as browser:
        state = parse_qs(urlsplit(await site.callback_for(browser)).query)["state"][0]
        query = {"state": state, "error": "access_denied", "error_description": "<script>alert(1)</script>"}
        refused = await browser.get("/auth/callback", params=query)
        assert refused.status_code == 400
        assert "The sign-in was cancelled" in refused.text
        assert "alert" not in refused.text


async def test_while_the_sign_in_service_is_down_the_page_says_to_come_back(site: Site) -> None:
    async with site.browser() as browser:
        callback = await site.callback_for(browser)
        site.issuer_is_down = True
        refused = await browser.get(callback)
        assert refused.status_code == 503
        assert "Try again" in refused.text


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/graphql?query=%7Bviewer%7D", "/graphql?query=%7Bviewer%7D"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https:evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/auth/sign-in", "/"),
        ("", "/"),
    ],
)
async def test_a_sign_in_returns_to_a_path_of_ours_only(site: Site, wanted: str, reached: str) -> None:
    async with site.browser() as browser:
        arrived = await browser.get(await site.callback_for(browser, return_to=wanted))
        assert (arrived.status_code, arrived.headers["location"]) == (303, reached)


async def test_in_development_localhost_is_led_to_the_address_the_callback_knows(site: Site) -> None:
    async with site.browser() as browser:
        led = await browser.get(site.at("/auth/sign-in?return_to=/x").replace("127.0.0.1", "localhost"))
        assert led.headers["location"] == site.at("/auth/sign-in?return_to=/x")


async def test_a_person_switches_to_another_of_their_organizations(site: Site) -> None:
    async with site.signed_in(ADA) as browser:
        switched = await browser.post("/auth/switch-organization", json={"organizationId": "org_zen"}, headers=CSRF)
        assert switched.json() == {"ok": True}
        assert (await browser.get("/whoami")).json() == ["user_ada", "org_zen"]
        assert (await browser.get("/auth/me")).json()["organization"]["slug"] == "zen"


@pytest.mark.parametrize("organization", ["org_left", "org_of_others"])
async def test_nobody_switches_to_an_organization_they_are_not_active_in(site: Site, organization: str) -> None:
    async with site.signed_in(ADA) as browser:
        spent = len(site.grants)
        refused = await browser.post("/auth/switch-organization", json={"organizationId": organization}, headers=CSRF)
        assert refused.status_code == 403
        error = refused.json()["errors"][0]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert uuid.UUID(error["extensions"]["requestId"])
        assert len(site.grants) == spent
        assert (await browser.get("/whoami")).json() == ["user_ada", "org_acme"]


@pytest.mark.parametrize("body", ["", "[]", "5", '{"organizationId": 5}', '{"organizationId": "acme"}', "{" * 5000])
async def test_a_switch_without_an_organization_id_is_a_bad_request(site: Site, body: str) -> None:
    headers = {**CSRF, "content-type": "application/json"}
    async with site.browser() as browser:
        refused = await browser.post("/auth/switch-organization", content=body, headers=headers)
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_nobody_signed_in_switches_nothing(site: Site) -> None:
    async with site.browser() as browser:
        refused = await browser.post("/auth/switch-organization", json={"organizationId": "org_acme"}, headers=CSRF)
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_signing_out_ends_the_session_here_and_at_the_sign_in_service(site: Site) -> None:
    async with site.signed_in(ADA) as browser:
        kept = dict(browser.cookies)
        gone = await browser.post("/auth/sign-out", headers=CSRF)
        assert gone.json()["ok"] is True
        assert dict(browser.cookies) == {}
        assert (await browser.get("/whoami")).json() == [None, None]
        back = await browser.get(gone.json()["logoutUrl"])
        assert back.headers["location"] == site.at("/")
    async with site.browser() as thief:  # the access token has five minutes left, the refresh token is dead
        thief.cookies.update(kept)
        site.now += 306
        refused = await thief.get("/whoami")
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (401, "SESSION_EXPIRED")
        assert "Max-Age=0" in refused.headers["set-cookie"]


async def test_a_sign_out_from_another_site_is_refused(site: Site) -> None:
    async with site.signed_in(ADA) as browser:
        refused = await browser.post("/auth/sign-out", headers={"sec-fetch-site": "cross-site"})
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "CSRF_BLOCKED")
        assert (await browser.get("/whoami")).json() == ["user_ada", "org_acme"]


async def test_signing_out_twice_is_no_error(site: Site) -> None:
    async with site.browser() as browser:
        assert (await browser.post("/auth/sign-out")).json() == {"ok": True, "logoutUrl": None}
        assert (await browser.get("/auth/sign-out")).status_code == 405
