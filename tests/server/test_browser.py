"""What a new user does first, in a browser: signs in as a demo person, asks, switches, signs out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from db import embedded
from graph.explorer import page as explorer_page
from tests.explorer import browser as reader
from tests.explorer.browser import Browser
from tests.server.developing import Dev, developing

pytestmark = [
    pytest.mark.skipif(reader.missing() is not None, reason=str(reader.missing())),
    pytest.mark.skipif(explorer_page.built() is None, reason="the explorer is not built: run `orgraph explorer build`"),
]


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    home = tmp_path_factory.mktemp("browser") / "home"
    with developing(home) as running:
        yield running
    embedded.remove(home)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with reader.started(tmp_path / "profile") as driver:
        yield driver


def sign_in(browser: Browser, dev: Dev, name: str) -> None:
    """From the explorer to the page of demo people and back, as a person clicks."""
    reader.open_explorer(browser, f"{dev.url}/graphql")
    reader.press(browser, "Sign in")
    reader.wait(browser).until(lambda _: "/user_management/authorize" in browser.current_url)
    browser.find_element(By.XPATH, f"//a[contains(., '{name}')]").click()
    reader.until_ready(browser)
    reader.wait(browser).until(lambda _: reader.signed_in(browser)["name"] == name)


def test_a_demo_person_signs_in_runs_the_first_query_and_reads_the_answer(browser: Browser, dev: Dev) -> None:
    sign_in(browser, dev, "Ana Sousa")
    reader.problems(browser, dev.url)  # signing in went to the issuer, an origin of its own

    answer = reader.run(browser)

    meetings = answer["data"]["meetings"]
    assert meetings["totalCount"] > len(meetings["nodes"]) == 20
    assert set(meetings["nodes"][0]) == {"id", "startTime", "endTime", "guestName", "event"}
    assert reader.signed_in(browser)["role"] == "Owner"
    assert reader.problems(browser, dev.url) == []


def test_who_is_in_two_organizations_switches_and_sees_the_other_one(browser: Browser, dev: Dev) -> None:
    sign_in(browser, dev, "Beatriz Nogueira")
    as_member = reader.run(browser, "{ viewer { role organization { slug } } meetings { totalCount } }")["data"]

    reader.pick_organization(browser, "Consultório Ribeira")
    reader.wait(browser).until(lambda _: reader.signed_in(browser)["role"] == "Admin")
    as_admin = reader.run(browser)["data"]

    assert as_member["viewer"] == {"role": "MEMBER", "organization": {"slug": "clinica-lumen"}}
    assert as_admin["viewer"] == {"role": "ADMIN", "organization": {"slug": "consultorio-ribeira"}}
    assert as_member["meetings"] != as_admin["meetings"]


def test_who_has_signed_out_is_nobody_again(browser: Browser, dev: Dev) -> None:
    sign_in(browser, dev, "Inês Carvalho")

    reader.press(browser, "Sign out")
    reader.wait(browser).until(lambda _: "/graphql" in browser.current_url)
    reader.until_ready(browser)
    reader.wait(browser).until(lambda _: reader.signed_in(browser)["name"] is None)

    assert reader.run(browser, "{ viewer { role } }")["data"] == {"viewer": None}
