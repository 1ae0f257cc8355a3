"""The explorer as a reader meets it, in Chromium: nothing is stubbed but who is signed in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph.explorer import page as explorer_page
from tests.explorer import browser as reader
from tests.explorer import site as sites
from tests.explorer.browser import Browser
from tests.explorer.site import Site

pytestmark = [
    pytest.mark.skipif(reader.missing() is not None, reason=str(reader.missing())),
    pytest.mark.skipif(explorer_page.built() is None, reason="the explorer is not built: run `orgraph explorer build`"),
]
NORTH = {"name": "Ada Olsen", "email": "ada@north.example", "role": "Admin", "organization": "North Clinic"}
SOUTH = NORTH | {"role": "Billing Admin", "organization": "South Practice"}


@pytest.fixture(scope="module")
def running_site() -> Iterator[Site]:
    with sites.running() as site:
        yield site


@pytest.fixture(scope="module")
def running_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with reader.started(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def site(running_site: Site) -> Site:
    running_site.reset()
    return running_site


@pytest.fixture
def chrome(running_browser: Browser, site: Site) -> Browser:
    """The page, open, in a browser that keeps nothing of earlier tests."""
    running_browser.get(f"{site.url}/auth/me")
    running_browser.execute_script("localStorage.clear(); sessionStorage.clear();")
    reader.problems(running_browser, site.url)
    reader.open_explorer(running_browser, f"{site.url}/graphql")
    return running_browser


def test_the_first_query_runs_as_it_stands(chrome: Browser) -> None:
    answer = reader.run(chrome)
    assert answer["data"]["meetings"]["totalCount"] == 20
    assert answer["data"]["meetings"]["nodes"][0]["event"]["durationInMinutes"] == 30
    assert reader.answer_line(chrome).startswith("200\n")
    assert "0198f0a2-0000-7000-8000-000000000001" in reader.answer_line(chrome)


def test_a_whole_visit_keeps_to_the_policy_and_to_its_own_origin(chrome: Browser, site: Site) -> None:
    reader.run(chrome)
    reader.press(chrome, "Show Documentation Explorer")
    reader.press(chrome, "Show History")
    reader.press(chrome, "Prettify query (Shift-Ctrl-P)")
    reader.wait(chrome).until(lambda _: any(name.startswith("babel") for name in loaded(chrome)))
    assert reader.problems(chrome, site.url) == []


def test_the_query_and_the_variables_are_put_in_order(chrome: Browser) -> None:
    reader.write(chrome, "operation.graphql", "{meetings(first:1){totalCount}} # kept")
    reader.write(chrome, "variables.json", '{"a":1}')
    reader.press(chrome, "Prettify query (Shift-Ctrl-P)")
    pretty = "{\n  meetings(first: 1) {\n    totalCount\n  }\n} # kept"
    reader.wait(chrome).until(lambda _: (reader.operation(chrome) or "").strip() == pretty)
    assert reader.model(chrome, "variables.json") == '{\n  "a": 1\n}\n'


def test_a_request_to_anyone_else_would_be_seen(chrome: Browser, site: Site) -> None:
    reader.problems(chrome, site.url)
    chrome.execute_script("fetch('http://127.0.0.1:9/').catch(() => {}); new Image().src = 'http://127.0.0.1:9/i.png';")
    reader.wait(chrome).until(lambda _: any("127.0.0.1:9" in one for one in reader.problems(chrome, site.url)))


def test_the_page_needs_no_inline_script_and_refuses_one(chrome: Browser, site: Site) -> None:
    reader.problems(chrome, site.url)
    chrome.execute_script(
        "const s = document.createElement('script'); s.text = 'window.ran = 1'; document.body.append(s);"
    )
    assert chrome.execute_script("return window.ran ?? null") is None
    assert any("Content Security Policy" in one for one in reader.problems(chrome, site.url))


def test_the_editors_workers_check_the_query_and_the_variables(chrome: Browser) -> None:
    reader.write(chrome, "operation.graphql", "{ meetings(first: 1) { nope } }")
    reader.wait(chrome).until(lambda _: any("nope" in one for one in reader.complaints(chrome, "operation.graphql")))
    reader.write(chrome, "variables.json", "{ bad")
    reader.wait(chrome).until(lambda _: reader.complaints(chrome, "variables.json"))
    assert {name.split("-")[0] for name in loaded(chrome) if "worker" in name} >= {"graphql.worker", "json.worker"}


def test_the_docs_describe_the_schema(chrome: Browser) -> None:
    reader.press(chrome, "Show Documentation Explorer")
    reader.press(chrome, "Query")
    reader.wait(chrome).until(
        lambda _: (
            "The organization's meetings, newest first." in chrome.find_element("css selector", ".graphiql-plugin").text
        )
    )


def test_the_bar_names_the_person_the_role_and_the_organization(chrome: Browser) -> None:
    assert reader.signed_in(chrome) == NORTH


def test_switching_the_organization_posts_once_and_clears_every_answer(chrome: Browser, site: Site) -> None:
    reader.run(chrome)
    reader.press(chrome, "New tab")
    reader.run(chrome, "{ meetings(first: 3) { totalCount } }")
    reader.pick_organization(chrome, "South Practice")
    reader.wait(chrome).until(lambda _: reader.signed_in(chrome) == SOUTH)
    assert site.posted == [("/auth/switch-organization", {"organizationId": "org_south"})]
    assert reader.shown_answer(chrome) == ""
    chrome.find_element("css selector", "#graphiql-session-tab-0").click()
    reader.wait(chrome).until(lambda _: "guestName" in (reader.operation(chrome) or ""))
    assert reader.shown_answer(chrome) == ""


def test_an_answer_under_way_is_not_shown_after_a_switch(chrome: Browser, site: Site) -> None:
    site.hold.clear()
    reader.write(chrome, "operation.graphql", "{ meetings(first: 3) { nodes { guestName } } } # held")
    chrome.find_element("css selector", ".graphiql-execute-button").click()
    reader.pick_organization(chrome, "South Practice")
    reader.wait(chrome).until(lambda _: reader.signed_in(chrome) == SOUTH)
    site.hold.set()
    chrome.execute_async_script("fetch('/auth/me').then((one) => one.text()).then(arguments[0]);")
    assert reader.shown_answer(chrome) == ""
    assert reader.run(chrome, "{ meetings(first: 4) { totalCount } }") == {"data": {"meetings": {"totalCount": 4}}}


def test_a_switch_that_is_refused_says_so_and_stays(chrome: Browser, site: Site) -> None:
    reader.pick_organization(chrome, "South Practice")
    reader.wait(chrome).until(lambda _: reader.signed_in(chrome) == SOUTH)
    reader.pick_organization(chrome, "North Clinic")
    reader.wait(chrome).until(lambda _: "You are not a member of it." in chrome.find_element("id", "account").text)
    assert reader.signed_in(chrome) == SOUTH


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("{ broken meetings(first: 1) { totalCount } }", "294", "It broke."),
        (
            "{ meetings(first: 1) { nope } }",
            "422",
            "Cannot query field 'nope' on type 'Meetings'. Did you mean 'nodes'?",
        ),
        ("{ meetings(first: 1) { totalCount } } # gateway", "502", "The server answered 502 without a message."),
    ],
)
def test_an_answer_is_shown_whatever_its_status(chrome: Browser, query: str, status: str, message: str) -> None:
    answer = reader.run(chrome, query)
    assert answer["errors"][0]["message"] == message
    assert reader.answer_line(chrome).startswith(f"{status}\n")


def test_the_browser_keeps_queries_but_no_answer_and_no_header(chrome: Browser) -> None:
    reader.press(chrome, "Show editor tools")
    reader.press(chrome, "Headers")
    reader.write(chrome, "request-headers.json", '{"authorization": "Bearer planted-in-a-header"}')
    reader.write(chrome, "variables.json", '{"first": 7}')
    query = "query Kept($first: Int!) { meetings(first: $first) { nodes { guestName } } }"
    reader.write(chrome, "operation.graphql", query)
    reader.wait(chrome).until(lambda _: "Kept" in reader.kept(chrome).get("graphiql:tabState", ""))
    assert reader.run(chrome)["data"]["meetings"]["nodes"][0]["guestName"] == sites.PLANTED
    reader.wait(chrome).until(lambda _: "Kept" in reader.kept(chrome).get("graphiql:queries", ""))
    # GraphiQL writes the tabs half a second after they change; this change comes after the answer.
    reader.press(chrome, "New tab")
    reader.wait(chrome).until(lambda _: '"activeTabIndex":1' in reader.kept(chrome)["graphiql:tabState"])
    kept = "\n".join(reader.kept(chrome).values())
    assert "planted-in-a-header" not in kept
    assert sites.PLANTED not in kept
    reader.open_explorer(chrome, chrome.current_url)
    assert chrome.find_element("css selector", "#graphiql-session-tab-0").text == "Kept"


def test_signing_out_posts_and_leaves_no_query_behind(chrome: Browser, site: Site) -> None:
    reader.run(chrome, "query LeftBehind { meetings(first: 3) { totalCount } }")
    reader.press(chrome, "Sign out")
    link = reader.wait(chrome).until(lambda _: chrome.find_element("link text", "Sign in"))
    assert site.posted == [("/auth/sign-out", {})]
    assert link.get_attribute("href") == f"{site.url}/auth/sign-in?return_to=/graphql"
    assert "LeftBehind" not in "\n".join(reader.kept(chrome).values())


def loaded(driver: Browser) -> list[str]:
    """The names of the files that the page has loaded."""
    names: list[str] = driver.execute_script(
        "return performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname.split('/').pop());"
    )
    return names
