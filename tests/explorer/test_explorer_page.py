"""The explorer's page and files as a client meets them: headers, names, and what is said without a build."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from graph.explorer import page as explorer


def graphql(request: Request) -> Response:
    return explorer.page(development="production" not in request.query_params)


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build of three small files, and one beside it that no page may ask for."""
    dist = tmp_path / "dist"
    dist.mkdir()
    monkeypatch.setattr(explorer, "DIST", dist)
    for name, text in {"index-AAAA.js": "1", "index-BBBB.css": "a{}", "NOTICES.txt": "MIT", "stamp.txt": "x"}.items():
        (dist / name).write_text(text, encoding="ascii")
    (dist / "index-AAAA.js.gz").write_bytes(gzip.compress(b"1"))
    files = ["index-AAAA.js", "index-BBBB.css", "NOTICES.txt"]
    manifest = {"script": "index-AAAA.js", "style": "index-BBBB.css", "files": files}
    (dist / "manifest.json").write_text(json.dumps(manifest), encoding="ascii")
    return dist


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[Route("/graphql", graphql), *explorer.routes()]))


@pytest.mark.usefixtures("dist")
def test_the_page_allows_scripts_of_its_own_origin_only(client: TestClient) -> None:
    answer = client.get("/graphql")
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "connect-src": "'self'",
        "font-src": "'self'",
        "img-src": "'self' data:",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert "<script>" not in answer.text


@pytest.mark.usefixtures("dist")
def test_the_page_is_neither_kept_nor_framed_and_tells_nobody_where_it_was(client: TestClient) -> None:
    headers = client.get("/graphql").headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.usefixtures("dist")
def test_a_file_is_kept_for_good_under_the_name_that_the_page_says(client: TestClient) -> None:
    assert "/graphql/explorer/index-AAAA.js" in client.get("/graphql").text
    answer = client.get("/graphql/explorer/index-AAAA.js", headers={"accept-encoding": "identity"})
    assert answer.content == b"1"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in answer.headers


@pytest.mark.usefixtures("dist")
def test_a_file_comes_packed_to_a_browser_that_unpacks(client: TestClient) -> None:
    answer = client.get("/graphql/explorer/index-AAAA.js", headers={"accept-encoding": "gzip, br"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.content == b"1"


@pytest.mark.usefixtures("dist")
@pytest.mark.parametrize("coding", ["gzip;q=0", "identity", "notgzip"])
def test_a_file_comes_as_it_is_to_who_does_not_take_it_packed(client: TestClient, coding: str) -> None:
    answer = client.get("/graphql/explorer/index-AAAA.js", headers={"accept-encoding": coding})
    assert ("content-encoding" in answer.headers, answer.content) == (False, b"1")


@pytest.mark.parametrize(
    "name", ["stamp.txt", "manifest.json", "index-AAAA.js.gz", "..%2fdist%2fstamp.txt", "%2e%2e", ""]
)
def test_no_other_file_can_be_asked_for(client: TestClient, dist: Path, name: str) -> None:
    assert (dist / "stamp.txt").exists()
    assert client.get(f"/graphql/explorer/{name}", follow_redirects=False).status_code == 404


def test_without_a_build_the_page_says_which_command_makes_one(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(explorer, "DIST", tmp_path / "absent")
    answer = client.get("/graphql")
    assert answer.status_code == 200
    assert "make install" in answer.text
    assert "orgraph explorer build" in answer.text
    assert "orgraph explorer build" in client.get("/graphql?production").text
    assert client.get("/graphql/explorer/index-AAAA.js").status_code == 404


def test_a_new_build_is_seen_without_a_restart(client: TestClient, dist: Path) -> None:
    assert "index-AAAA.js" in client.get("/graphql").text
    text = (dist / "manifest.json").read_text(encoding="ascii").replace("AAAA", "CCCC")
    (dist / "manifest.json").write_text(text, encoding="ascii")
    assert "index-CCCC.js" in client.get("/graphql").text
