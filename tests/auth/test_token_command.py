"""`orgraph token`: a token alone on standard output, or a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner, Result

from auth.local import issuer_key, remember_address
from cli.token import token
from db import directory
from db.directory import PersonEntry
from tests.auth.site import PEOPLE


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    async def people(_worker_url: str) -> Sequence[PersonEntry]:
        return PEOPLE

    monkeypatch.setattr(directory, "people", people)  # the database has tests of its own
    remember_address(tmp_path, "http://127.0.0.1:8001")
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(token, ["--home", str(home), "--url", "postgresql://", *arguments])


def test_the_token_stands_alone_on_standard_output_and_is_the_issuers(home: Path) -> None:
    result = run(home, "--user", "Ada@example.com", "--organization", "acme", "--expires-in", "60")
    read = jwt.decode(result.stdout.rstrip("\n"), issuer_key(home).private.public_key(), algorithms=["RS256"])
    assert (read["sub"], read["org_id"], read["exp"] - read["iat"]) == ("user_ada", "org_acme", 60)
    assert read["iss"] == "http://127.0.0.1:8001"
    assert result.stderr == ""


def test_without_organization_the_token_names_none(home: Path) -> None:
    read = jwt.decode(run(home, "--user", "ada@example.com").stdout.strip(), options={"verify_signature": False})
    assert "org_id" not in read


def test_a_suspended_member_gets_a_token_and_a_warning(home: Path) -> None:
    result = run(home, "--user", "ada@example.com", "--organization", "left")
    assert result.stdout.count(".") == 2
    assert "The membership is suspended" in result.stderr


def test_a_stranger_is_named_and_so_are_the_organizations_there_are(home: Path) -> None:
    stranger = run(home, "--user", "eve@example.com")
    assert (stranger.exit_code, stranger.stdout) == (1, "")
    assert "Nobody has the address eve@example.com" in stranger.stderr
    elsewhere = run(home, "--user", "ada@example.com", "--organization", "nowhere")
    assert "Their organizations: zen, left, acme." in elsewhere.stderr


def test_where_no_issuer_ran_the_next_step_is_said(home: Path, tmp_path: Path) -> None:
    result = run(tmp_path / "elsewhere", "--user", "ada@example.com")
    assert result.exit_code == 1
    assert "start `orgraph dev` once" in result.stderr
