"""The few pages there are: each loads nothing from elsewhere, runs nothing written in it, and is framed by nobody."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

import httpx2
import pytest

from graph.explorer import page as explorer_page
from server.edge import HEADERS
from tests.server.site import Site

PAGES = ["/graphql", "/auth/callback", "/auth/callback?error=access_denied", "/auth/callback?code=x&state=y"]


class Markup(HTMLParser):
    """What a page holds that a browser would run, style or load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inside: str | None = None
        self.inline: dict[str, list[str]] = {"script": [], "style": []}
        self.loaded: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inside = tag if tag in self.inline else None
        self.loaded += [given[name] or "" for name in ("src", "href", "action") if name in given and tag != "a"]
        self.handlers += [name for name in given if name.startswith("on") or name == "style"]

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - none of ours holds another inside
        self.inside = None

    def handle_data(self, data: str) -> None:
        if self.inside is not None:
            self.inline[self.inside].append(data)


async def opened(site: Site, path: str) -> httpx2.Response:
    """The page as a browser asks for it."""
    headers = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "sec-fetch-mode": "navigate"}
    async with site.client(headers=headers) as client:
        answer = await client.get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8", answer.text
    return answer


def policy_of(answer: httpx2.Response) -> dict[str, set[str]]:
    directives = (part.split() for part in answer.headers["content-security-policy"].split(";"))
    return {name: set(values) for name, *values in directives}


@pytest.mark.parametrize("path", PAGES)
async def test_a_pages_policy_lets_nothing_in(site: Site, path: str) -> None:
    policy = policy_of(await opened(site, path))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}
    assert policy.get("script-src", {"'none'"}) in ({"'none'"}, {"'self'"})
    assert policy["form-action"] <= {"'self'", "'none'"}
    for name, values in policy.items():
        assert not values & {"*", "'unsafe-eval'", "'unsafe-hashes'", "http:", "https:", "blob:"}
        assert "'unsafe-inline'" not in values or (path, name) == ("/graphql", "style-src")
        assert "data:" not in values or name == "img-src"
        assert not [value for value in values if "." in value], f"{name} names another origin"


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_kept_framed_and_guessed_at_by_nobody(site: Site, path: str) -> None:
    headers = (await opened(site, path)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "content-encoding" not in headers


@pytest.mark.parametrize("path", PAGES)
async def test_what_a_page_holds_is_what_its_policy_allows(site: Site, path: str) -> None:
    if path == "/graphql" and explorer_page.built() is None:
        pytest.skip("the explorer is not built: run `orgraph explorer build`")
    answer = await opened(site, path)
    markup, policy = Markup(answer.text), policy_of(answer)
    assert markup.inline["script"] == []
    assert markup.handlers == []
    assert [where for where in markup.loaded if not where.startswith(("/graphql/explorer/", "data:,"))] == []
    for style in markup.inline["style"]:
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy["style-src"]


@pytest.mark.skipif(explorer_page.built() is None, reason="the explorer is not built: run `orgraph explorer build`")
async def test_every_file_of_the_page_comes_from_here_and_may_do_nothing_by_itself(site: Site) -> None:
    for path in (one for one in Markup((await opened(site, "/graphql")).text).loaded if one.startswith("/")):
        async with site.client() as client:
            answer = await client.get(path)
        assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff")
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("path", ["/livez", "/nothing", "/auth/me", "/schema.graphql", "/graphql?query={__typename}"])
async def test_what_is_no_page_says_so_to_a_browser_that_takes_it_for_one(site: Site, path: str) -> None:
    async with site.client(headers={"accept": "application/json"}) as client:
        headers = (await client.get(path)).headers
    assert headers["content-security-policy"] == HEADERS["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
