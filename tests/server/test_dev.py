"""`orgraph dev` as a person runs it: up within seconds, refused in one line, gone without a trace."""

from __future__ import annotations

import html
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest

from db import embedded
from server.reload import folders
from tests.server.developing import ORGRAPH, PATIENCE_S, Dev, developing, environment

OWNER = "ana.sousa@clinica-lumen.example"
N20 = """
{ meetings(first: 20) { totalCount nodes { id startTime endTime guestName event { id name durationInMinutes } } } }
"""
ROOT = Path(__file__).parents[2]


def refused(*arguments: str, home: Path, **more: str) -> str:
    """The one line with which it does not start."""
    program = [ORGRAPH, "dev", "--no-reload", *arguments]
    said = subprocess.run(  # noqa: S603 - our own command
        program, capture_output=True, text=True, check=False, timeout=PATIENCE_S, env=environment(home, **more)
    )
    assert (said.returncode, said.stdout) == (1, "")
    assert "Traceback" not in said.stderr
    return said.stderr.splitlines()[-1]


def token(home: Path, *arguments: str) -> str:
    said = subprocess.check_output([ORGRAPH, "token", *arguments], text=True, env=environment(home))  # noqa: S603 - ours
    return said.strip()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("dev") / "home"
    yield home
    embedded.remove(home)


@pytest.fixture(scope="module")
def dev(home: Path) -> Iterator[Dev]:
    with developing(home) as running:
        yield running


def ask(dev: Dev, query: str, credential: str) -> Any:
    headers = {"authorization": f"Bearer {credential}"}
    answer = httpx2.post(f"{dev.url}/graphql", json={"query": query}, headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_first_start_says_where_it_is_and_who_there_is(dev: Dev) -> None:
    assert dev.lines[0] == f"ready {dev.url}"
    assert f"{dev.url}/graphql" in dev.lines[1]
    assert [line for line in dev.lines if line.startswith(OWNER) and "clinica-lumen (owner)" in line]


def test_it_lives_is_ready_and_shows_a_page_to_a_browser(dev: Dev) -> None:
    with httpx2.Client(base_url=dev.url, trust_env=False) as browser:
        assert (browser.get("/livez").status_code, browser.get("/readyz").status_code) == (200, 200)
        page = browser.get("/graphql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert browser.get("/auth/me").json()["user"] is None
        begun = browser.get("/auth/sign-in")
        people = browser.get(begun.headers["location"])
    assert (begun.status_code, people.status_code) == (303, 200)
    assert OWNER in people.text


def test_a_token_of_the_local_issuer_reads_the_first_page_of_meetings(dev: Dev) -> None:
    owner = token(dev.home, "--user", OWNER, "--organization", "clinica-lumen")
    meetings = ask(dev, N20, owner)["data"]["meetings"]
    assert len(meetings["nodes"]) == 20 < meetings["totalCount"]
    assert meetings["nodes"][0]["event"]["durationInMinutes"] > 0


def test_who_is_in_two_organizations_sees_both_to_choose_from(dev: Dev) -> None:
    both = token(dev.home, "--user", "beatriz.nogueira@consultorio-ribeira.example")
    me = httpx2.get(f"{dev.url}/auth/me", headers={"authorization": f"Bearer {both}"}, trust_env=False).json()
    assert me["organization"] is None
    assert {one["slug"]: one["role"] for one in me["organizations"]} == {
        "clinica-lumen": "member",
        "consultorio-ribeira": "admin",
    }


def test_a_person_signs_in_asks_with_the_cookie_and_changes_organization(dev: Dev) -> None:
    ours = {"x-orgraph-csrf": "1"}
    with httpx2.Client(base_url=dev.url, trust_env=False) as browser:
        people = browser.get(browser.get("/auth/sign-in", params={"return_to": "/graphql"}).headers["location"])
        links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', people.text)]
        beatriz = next(link for link in links if "beatriz.nogueira%40" in link)
        arrived = browser.get(browser.get(urljoin(str(people.url), beatriz)).headers["location"])
        assert (arrived.status_code, arrived.headers["location"]) == (303, "/graphql")
        seen = []
        for wanted in ("org_demo_clinica_lumen", "org_demo_consultorio_ribeira"):
            body = {"organizationId": wanted}
            assert browser.post("/auth/switch-organization", json=body, headers=ours).json() == {"ok": True}
            answer = browser.post("/graphql", json={"query": "{ organization { slug } }"}, headers=ours)
            seen.append(answer.json()["data"]["organization"]["slug"])
        assert seen == ["clinica-lumen", "consultorio-ribeira"]
        forged = browser.post("/graphql", json={"query": N20}, headers={"origin": "https://evil.example"})
        assert forged.status_code == 403
        assert browser.post("/auth/sign-out", headers=ours).json()["ok"]
        assert browser.get("/auth/me").json()["user"] is None


def test_a_suspended_member_is_refused_whole(dev: Dev) -> None:
    left = token(dev.home, "--user", "miguel.antunes@clinica-lumen.example", "--organization", "clinica-lumen")
    headers = {"authorization": f"Bearer {left}"}
    answer = httpx2.post(f"{dev.url}/graphql", json={"query": N20}, headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")


def test_a_folder_in_use_is_refused_in_one_line(dev: Dev) -> None:
    line = refused("--port", "0", home=dev.home)
    assert f"{dev.home} is in use by process {dev.process.pid}" in line


def test_a_port_in_use_is_refused_in_one_line_and_touches_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"port {port} is in use" in refused("--port", port, home=tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_production_settings_are_refused(tmp_path: Path) -> None:
    line = refused("--port", "0", home=tmp_path / "home", ORGRAPH_ENVIRONMENT="production")
    assert "use `orgraph serve`" in line


def test_half_of_the_connection_strings_is_refused(tmp_path: Path) -> None:
    line = refused("--port", "0", home=tmp_path / "home", DATABASE_URL="postgresql://orgraph_api@127.0.0.1:1/x")
    assert "DATABASE_MIGRATOR_URL is not set" in line


def test_a_folder_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "cannot" in refused("--port", "0", home=tmp_path / "file" / "home")


def test_a_killed_one_leaves_nothing_that_stops_the_next(dev: Dev, home: Path) -> None:
    port = int(dev.url.rpartition(":")[2])
    signed = token(home, "--user", OWNER, "--organization", "clinica-lumen")
    dev.process.kill()
    dev.process.wait()
    with developing(home, port=port) as again:
        assert again.url == dev.url
        assert again.took_s < PATIENCE_S
        assert ask(again, N20, signed)["data"], "the issuer came back at its address, with its key"
        assert again.stop() == 0
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{again.url}/livez", trust_env=False)
    assert embedded.running(home) is None


def test_reloading_watches_our_folders_and_not_the_explorers_packages() -> None:
    watched = {path.relative_to(ROOT) for path in folders()}
    assert {Path("graph"), Path("graph/schema"), Path("sql/policies"), Path("server")} <= watched
    assert not [path for path in watched if {"node_modules", "dist", "__pycache__"} & set(path.parts)]
