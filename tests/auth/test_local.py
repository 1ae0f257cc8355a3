"""The local issuer keeps the rules that WorkOS keeps, and works on this machine alone."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import jwt
import pytest

from auth.local import IssuerKey, issuer_key, known_address, local_issuer, remember_address, sign_access_token
from tests.auth.issuer import CLIENT_ID
from tests.auth.site import ADA, BOB, Site, client_of

VERIFIER = "v" * 43
ASKED = {
    "client_id": CLIENT_ID,
    "response_type": "code",
    "redirect_uri": "http://127.0.0.1:1/auth/callback?kept=1",
    "code_challenge": "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM",
    "code_challenge_method": "S256",
    "state": "s",
    "login_hint": ADA.email,
}


@pytest.fixture
async def issuer(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(site.issuer_url) as client:
        yield client


async def a_code(issuer: httpx2.AsyncClient, **changes: str) -> str:
    clicked = await issuer.get("/user_management/authorize", params={**ASKED, **changes})
    return parse_qs(urlsplit(clicked.headers["location"]).query)["code"][0]


async def authenticate(issuer: httpx2.AsyncClient, **body: Any) -> httpx2.Response:
    return await issuer.post("/user_management/authenticate", json={"client_id": CLIENT_ID, **body})


async def by_code(issuer: httpx2.AsyncClient, code: str, verifier: str = VERIFIER) -> httpx2.Response:
    return await authenticate(issuer, grant_type="authorization_code", code=code, code_verifier=verifier)


async def by_refresh(issuer: httpx2.AsyncClient, token: str, **body: str) -> httpx2.Response:
    return await authenticate(issuer, grant_type="refresh_token", refresh_token=token, **body)


async def test_a_click_leads_back_with_code_and_state(issuer: httpx2.AsyncClient) -> None:
    clicked = await issuer.get("/user_management/authorize", params=ASKED)
    back = urlsplit(clicked.headers["location"])
    assert (clicked.status_code, back.path) == (303, "/auth/callback")
    assert parse_qs(back.query).keys() == {"kept", "code", "state"}


async def test_the_page_lists_everybody_with_organizations_and_roles_and_runs_no_script(
    issuer: httpx2.AsyncClient,
) -> None:
    page = await issuer.get("/user_management/authorize", params={**ASKED, "login_hint": ""})
    for shown in (
        "Ada Lovelace",
        "Acme Clinic: owner",
        "A Former Employer: member, suspended",
        BOB.email,
        "no organization",
    ):
        assert shown in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in page.text


async def test_the_page_shows_nothing_of_the_request_as_it_came(issuer: httpx2.AsyncClient) -> None:
    asked = {**ASKED, "login_hint": "", "state": '"><b>x'}
    assert "<b>" not in (await issuer.get("/user_management/authorize", params=asked)).text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("redirect_uri", "https://evil.example/auth/callback"),
        ("redirect_uri", "http://127.0.0.1.evil.example/"),
        ("redirect_uri", "javascript:alert(1)"),
        ("client_id", "client_other"),
        ("response_type", "token"),
        ("code_challenge_method", "plain"),
        ("code_challenge", "short"),
        ("state", "s" * 1025),
    ],
)
async def test_a_request_that_workos_would_refuse_gets_a_page_and_no_redirect(
    issuer: httpx2.AsyncClient, name: str, value: str
) -> None:
    refused = await issuer.get("/user_management/authorize", params={**ASKED, name: value})
    assert refused.status_code == 400
    assert "location" not in refused.headers


async def test_a_code_without_its_verifier_is_worth_nothing(issuer: httpx2.AsyncClient) -> None:
    code = await a_code(issuer)
    assert (await by_code(issuer, code, "w" * 43)).json()["error"] == "invalid_grant"
    assert (await by_code(issuer, code)).status_code == 400  # and the try has spent it


async def test_a_code_is_good_once_and_for_ten_minutes(site: Site, issuer: httpx2.AsyncClient) -> None:
    code = await a_code(issuer)
    assert (await by_code(issuer, code)).status_code == 200
    assert (await by_code(issuer, code)).json()["error"] == "invalid_grant"
    late = await a_code(issuer)
    site.now += 600
    assert (await by_code(issuer, late)).json()["error"] == "invalid_grant"


async def test_a_refresh_token_is_good_once_and_keeps_its_session(issuer: httpx2.AsyncClient) -> None:
    first = (await by_code(issuer, await a_code(issuer))).json()
    second = await by_refresh(issuer, first["refresh_token"], organization_id="org_zen")
    assert second.status_code == 200
    assert (await by_refresh(issuer, first["refresh_token"])).json()["error"] == "invalid_grant"
    third = (await by_refresh(issuer, second.json()["refresh_token"])).json()
    before, after = claims(first["access_token"]), claims(third["access_token"])
    assert before["sid"] == after["sid"]
    assert ("org_id" in before, after["org_id"], after["role"]) == (False, "org_zen", "member")


@pytest.mark.parametrize("organization", ["org_left", "org_unknown"])
async def test_no_token_is_given_for_an_organization_without_active_membership(
    issuer: httpx2.AsyncClient, organization: str
) -> None:
    token = (await by_code(issuer, await a_code(issuer))).json()["refresh_token"]
    assert (await by_refresh(issuer, token, organization_id=organization)).status_code == 403
    assert (await by_refresh(issuer, token)).status_code == 200  # the refusal cost nothing
    assert (await by_code(issuer, await a_code(issuer, organization_id=organization))).status_code == 403


async def test_a_signed_out_session_refreshes_no_more(issuer: httpx2.AsyncClient) -> None:
    given = (await by_code(issuer, await a_code(issuer))).json()
    sid = claims(given["access_token"])["sid"]
    query = {"session_id": sid, "return_to": "https://evil.example"}
    assert "location" not in (await issuer.get("/user_management/sessions/logout", params=query)).headers
    assert (await by_refresh(issuer, given["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("body", [b"", b"5", b'{"client_id": 5}', b'{"client_id": "client_orgraph"}'])
async def test_a_body_of_another_shape_is_refused(issuer: httpx2.AsyncClient, body: bytes) -> None:
    assert (await issuer.post("/user_management/authenticate", content=body)).status_code == 400


async def test_the_keys_are_published_for_our_client_alone(site: Site, issuer: httpx2.AsyncClient) -> None:
    (published,) = (await issuer.get(f"/sso/jwks/{CLIENT_ID}")).json()["keys"]
    assert published == site.key.jwks()["keys"][0]
    assert published.keys() == {"kty", "use", "alg", "kid", "n", "e"}
    assert (await issuer.get("/sso/jwks/client_other")).status_code == 404


def test_it_is_not_built_for_another_machine(key: IssuerKey) -> None:
    async def directory() -> list[Any]:
        return []

    with pytest.raises(ValueError, match="expected one on this machine"):
        local_issuer(base_url="https://api.workos.com", client_id=CLIENT_ID, key=key, directory=directory)
    with pytest.raises(ValueError, match="expected one on this machine"):
        sign_access_token(key, issuer="https://api.workos.com", person=ADA, workos_org_id=None)


def test_a_token_has_the_claims_of_a_workos_access_token(key: IssuerKey) -> None:
    token = sign_access_token(key, issuer="http://127.0.0.1:1/", person=ADA, workos_org_id="org_acme", now=1000.0)
    read = claims(token)
    assert read.pop("sid").startswith("session_")
    assert len(read.pop("jti")) == 32
    assert read == {
        "iss": "http://127.0.0.1:1",
        "sub": "user_ada",
        "iat": 1000,
        "auth_time": 1000,
        "exp": 1300,
        "org_id": "org_acme",
        "role": "owner",
        "roles": ["owner"],
        "permissions": [],
    }


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    first = issuer_key(tmp_path / "home")
    assert issuer_key(tmp_path / "home").kid == first.kid
    path = tmp_path / "home" / "issuer" / "key.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["key.pem"]


def test_the_address_is_remembered_for_other_shells(tmp_path: Path) -> None:
    assert known_address(tmp_path) is None
    remember_address(tmp_path, "http://127.0.0.1:8001/")
    assert known_address(tmp_path) == "http://127.0.0.1:8001"


def claims(token: str) -> dict[str, Any]:
    read: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return read
