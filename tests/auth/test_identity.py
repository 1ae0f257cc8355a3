"""Which settings make a sign-in, and that the local issuer can never serve a production one."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from cryptography.fernet import Fernet

from auth.addresses import is_loopback, path_of_ours
from auth.identity import Identity, IdentitySettingsError, problems_with

PRODUCTION: dict[str, Any] = {
    "base_url": "https://api.workos.com",
    "client_id": "client_orgraph",
    "api_key": "sk_live_1",
    "issuers": ["https://api.workos.com"],
    "cookie_password": Fernet.generate_key().decode(),
    "public_url": "https://orgraph.example",
    "development": False,
}
LOCAL: dict[str, Any] = {
    **PRODUCTION,
    "base_url": "http://127.0.0.1:8001",
    "api_key": "sk_test_local",
    "issuers": ["http://127.0.0.1:8001"],
    "public_url": "http://127.0.0.1:8000",
    "development": True,
}


async def test_production_settings_make_a_host_only_cookie() -> None:
    identity = Identity.open(**PRODUCTION)
    assert identity.session_cookie.name == "__Host-orgraph_session"
    assert identity.session_cookie.secure
    await identity.aclose()


async def test_development_settings_work_with_the_local_issuer() -> None:
    identity = Identity.open(**LOCAL)
    assert identity.session_cookie.name == "orgraph_session"
    await identity.aclose()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8001", "https://localhost:8001", "http://[::1]:1", "http://workos.example"]
)
@pytest.mark.parametrize("setting", ["base_url", "issuers"])
def test_production_refuses_an_issuer_on_this_machine_or_on_plain_http(setting: str, url: str) -> None:
    changed = {**PRODUCTION, setting: [url] if setting == "issuers" else url}
    (problem,) = problems_with(**changed)
    assert url in problem
    assert "expected https:// and a host other than this machine" in problem
    with pytest.raises(IdentitySettingsError, match="other than this machine"):
        Identity.open(**changed)


def test_development_under_a_public_address_refuses_the_local_issuer() -> None:
    problems = problems_with(**{**LOCAL, "public_url": "https://staging.example"})
    assert [problem.split()[0] for problem in problems] == ["WORKOS_BASE_URL", "WORKOS_ISSUER"]


def test_the_local_issuer_refuses_a_production_key() -> None:
    (problem,) = problems_with(**{**LOCAL, "api_key": "sk_live_secret"})
    assert "WORKOS_API_KEY is a production key" in problem
    assert "secret" not in problem


def test_production_refuses_to_serve_the_cookie_over_plain_http() -> None:
    (problem,) = problems_with(**{**PRODUCTION, "public_url": "http://orgraph.example"})
    assert problem.startswith("ORGRAPH_URL is 'http://orgraph.example': expected https://")


def test_all_that_is_wrong_is_said_at_once() -> None:
    nothing = {"client_id": "", "api_key": "", "issuers": [], "cookie_password": ""}
    problems = problems_with(**{**PRODUCTION, **nothing})
    assert [problem.split()[0] for problem in problems] == [
        "WORKOS_CLIENT_ID",
        "WORKOS_API_KEY",
        "WORKOS_ISSUER",
        "WORKOS_COOKIE_PASSWORD",
    ]


def test_the_sdk_is_not_loaded_before_somebody_signs_in() -> None:
    code = "import sys, auth.routes, auth.identity, auth.local; sys.exit('workos' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1.evil.example", "http://user@127.0.0.1", "ftp://127.0.0.1", "http://[::1", "http://0.0.0.0", ""],
)
def test_an_address_that_only_looks_like_loopback_is_none(url: str) -> None:
    assert not is_loopback(url)


def test_a_path_of_ours_is_kept_with_its_query() -> None:
    assert path_of_ours("/graphql?a=//b") == "/graphql?a=//b"
    assert path_of_ours("/" + "a" * 5000) == "/"
    assert path_of_ours(None) == "/"
