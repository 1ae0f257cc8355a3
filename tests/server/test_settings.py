"""The environment is right, or the start is refused with everything that is wrong with it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError

from server.settings import Settings, SettingsError, variables
from tests.server.site import environment, loaded

ROOT = Path(__file__).parents[2]
SECRET = "hunter2-7f3a9c"
PRODUCTION = {
    "ORGRAPH_URL": "https://api.example.com",
    "DATABASE_URL": f"postgresql://orgraph_api:{SECRET}@db.internal/orgraph",
    "WORKOS_CLIENT_ID": "client_01",
    "WORKOS_API_KEY": f"sk_live_{SECRET}",
    "WORKOS_ISSUER": "https://api.workos.com, https://auth.example.com",
    "WORKOS_COOKIE_PASSWORD": Fernet.generate_key().decode(),
}


def problems(**changes: str) -> dict[str, str]:
    """What is wrong with production's settings after these changes, by variable."""
    with pytest.raises(SettingsError) as refused:
        loaded(PRODUCTION | changes)
    return {line.partition(" ")[0]: line for line in refused.value.problems}


def test_production_is_the_default_and_shows_less() -> None:
    settings = loaded(PRODUCTION)
    assert (settings.development, settings.shows_graphiql, settings.logs_json) == (False, False, True)
    assert settings.workos_issuer == ("https://api.workos.com", "https://auth.example.com")


def test_development_shows_more() -> None:
    url = "http://127.0.0.1:8000"
    settings = loaded(environment("postgresql://x@/y", url, "http://127.0.0.1:8001"))
    assert (settings.development, settings.shows_graphiql, settings.logs_json) == (True, True, False)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = {
        "ORGRAPH_ENVIRONMENT": "prod",
        "ORGRAPH_URL": "api.example.com",
        "DATABASE_URL": "mysql://x",
        "WORKOS_API_KEY": "",
        "ORGRAPH_POOL_SIZE": "many",
        "ORGRAPH_DEADLINE_S": "60",
        "ORGRAPH_LOG_FORMAT": "xml",
        "ORGRAPH_ALLOWED_ORIGINS": "*",
        "ORGRAPH_TRUSTED_PROXIES": "10.0.0.300",
        "ORGRAPH_GRAPHIQL": "maybe",
    }
    assert problems(**wrong).keys() == wrong.keys()


def test_nothing_set_names_everything_that_must_be() -> None:
    with pytest.raises(SettingsError) as refused:
        loaded({})
    named = {line.partition(" ")[0] for line in refused.value.problems}
    assert named == set(PRODUCTION)


def test_each_problem_points_to_its_place_in_the_docs() -> None:
    for name, line in problems(ORGRAPH_URL="", ORGRAPH_POOL_SIZE="0", WORKOS_ISSUER="").items():
        assert line.endswith(f"See docs/settings.md#{name.lower()}")


@pytest.mark.parametrize("name", ["DATABASE_URL", "WORKOS_API_KEY", "WORKOS_COOKIE_PASSWORD", "ORGRAPH_POOL_SIZE"])
def test_a_problem_never_shows_the_value(name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        loaded(PRODUCTION | {name: f"<{SECRET}"})
    assert name in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORGRAPH_URL", "http://api.example.com"),
        ("ORGRAPH_URL", "http://127.0.0.1:8000"),
        ("ORGRAPH_URL", "https://api.example.com/path"),
        ("ORGRAPH_URL", f"https://user:{SECRET}@api.example.com"),
        ("ORGRAPH_URL", "https://api.example.com:port"),
        ("ORGRAPH_URL", "https://[api"),
        ("DATABASE_URL", f"postgresql://orgraph_api:{SECRET}@[db/orgraph"),
        ("WORKOS_BASE_URL", "http://127.0.0.1:8001"),
        ("WORKOS_BASE_URL", "https://localhost"),
        ("WORKOS_BASE_URL", "http://api.workos.com"),
        ("WORKOS_ISSUER", "http://127.0.0.1:8001"),
        ("WORKOS_ISSUER", ""),
        ("WORKOS_API_KEY", "sk_changeme"),
        ("WORKOS_API_KEY", "sk_test_local"),
        ("WORKOS_CLIENT_ID", "client_local"),
        ("WORKOS_COOKIE_PASSWORD", "A" * 43 + "="),
        ("WORKOS_COOKIE_PASSWORD", "a password"),
        ("DATABASE_URL", "postgresql://orgraph_api:changeme@db.internal/orgraph"),
    ],
)
def test_production_refuses_what_only_development_may_have(name: str, value: str) -> None:
    found = problems(**{name: value})
    assert found.keys() == {name}
    assert SECRET not in found[name]


def test_the_object_is_frozen_and_prints_no_secret() -> None:
    settings = loaded(PRODUCTION)
    with pytest.raises(ValidationError, match="frozen"):
        settings.pool_size = 9
    assert SECRET not in repr(settings)
    assert PRODUCTION["WORKOS_COOKIE_PASSWORD"] not in repr(settings)


def test_every_variable_has_a_unit_a_default_and_a_sentence_in_the_docs() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### `([A-Z_]+)`$", text, re.MULTILINE)
    assert headings[: len(variables())] == list(variables()), "docs/settings.md has them in the order of the code"
    for name, field in variables().items():
        sentence = Settings.model_fields[field].description or ""
        section = text.partition(f"### `{name}`\n")[2].partition("\n### ")[0]
        assert sentence in " ".join(section.split()), name
        assert re.search(r"^(Default|Required)", section.strip(), re.MULTILINE), name


def test_reading_the_names_of_the_variables_is_cheap() -> None:
    program = "import sys, server.settings; print('cryptography' in sys.modules, 'sqlalchemy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).split() == ["False", "False"]  # noqa: S603 - our own words
