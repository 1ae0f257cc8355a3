"""A reader at the explorer: opens it, asks, reads the answer, picks an organization, and tells what went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as seen
from selenium.webdriver.support.ui import Select, WebDriverWait

Browser: TypeAlias = webdriver.Chrome

CHROMIUM = Path("/usr/bin/chromium")
DRIVER = Path("/usr/bin/chromedriver")
PATIENCE_SECONDS = 30
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,900",
]
# GraphiQL hands the editor to the page under this name; one model each for operation, variables, headers, response.
MODEL = "const model = globalThis.__MONACO.editor.getModels().find((one) => one.uri.path.endsWith(arguments[0]));"


def missing() -> str | None:
    """Why no browser can be started here, or None."""
    absent = [str(path) for path in (CHROMIUM, DRIVER) if not path.exists()]
    return f"{' and '.join(absent)} missing: apt-get install chromium chromium-driver" if absent else None


@contextmanager
def started(profile: Path, *flags: str) -> Iterator[Browser]:
    """A Chromium with an empty profile that records its console and its requests."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}", *flags):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


def open_explorer(driver: Browser, url: str) -> None:
    """Open the page and wait until the editors, the schema and the account bar are there."""
    driver.get(url)
    until_ready(driver)


def until_ready(driver: Browser) -> None:
    wait(driver).until(lambda _: operation(driver) is not None and model(driver, "response.json") is not None)
    wait(driver).until(seen.presence_of_element_located((By.CSS_SELECTOR, "#account .account-button")))
    wait(driver).until_not(seen.presence_of_element_located((By.CSS_SELECTOR, ".graphiql-sidebar .graphiql-spin")))


def run(driver: Browser, query: str | None = None) -> Any:
    """Press the button (with this query, or with what the editor holds) and return the answer."""
    if query is not None:
        write(driver, "operation.graphql", query)
    driver.find_element(By.CSS_SELECTOR, ".graphiql-execute-button").click()
    return read_answer(driver)


def read_answer(driver: Browser) -> Any:
    """The answer shown, once there is one."""
    wait(driver).until(lambda _: shown_answer(driver) != "")
    return json.loads(shown_answer(driver))


def shown_answer(driver: Browser) -> str:
    return model(driver, "response.json") or ""


def answer_line(driver: Browser) -> str:
    """The line under the answer: status, duration, request id."""
    return driver.find_element(By.CSS_SELECTOR, ".answer-line").text


def operation(driver: Browser) -> str | None:
    return model(driver, "operation.graphql")


def model(driver: Browser, name: str) -> str | None:
    """What one editor holds, or None before it exists."""
    value: str | None = driver.execute_script(
        f"if (!globalThis.__MONACO) return null; {MODEL} return model ? model.getValue() : null;", name
    )
    return value


def write(driver: Browser, name: str, text: str) -> None:
    driver.execute_script(f"{MODEL} model.setValue(arguments[1]);", name, text)


def complaints(driver: Browser, name: str) -> list[str]:
    """What the editor's workers object to in one editor."""
    markers = "globalThis.__MONACO.editor.getModelMarkers({resource: model.uri})"
    found: list[str] = driver.execute_script(f"{MODEL} return {markers}.map((one) => one.message);", name)
    return found


def signed_in(driver: Browser) -> dict[str, str | None]:
    """The bar's words for who asks: name, email, role, organization; None where it has none."""

    def text(selector: str) -> str | None:
        found = driver.find_elements(By.CSS_SELECTOR, f"#account {selector}")
        return found[0].text if found else None

    chosen = text("select option:checked")
    return {"name": text(".account-name"), "email": text(".account-email"), "role": text(".account-role")} | {
        "organization": chosen
    }


def pick_organization(driver: Browser, name: str) -> None:
    """Choose one in the switch and wait until the bar is no longer busy."""
    Select(driver.find_element(By.CSS_SELECTOR, "#account select")).select_by_visible_text(name)
    wait(driver).until(seen.element_to_be_clickable((By.CSS_SELECTOR, "#account select")))


def press(driver: Browser, label: str) -> None:
    """Press the button or link of the bar or the sidebar with this text or label."""
    path = f"//*[self::button or self::a][normalize-space()='{label}' or @aria-label='{label}']"
    wait(driver).until(seen.element_to_be_clickable((By.XPATH, path))).click()


def wait(driver: Browser) -> WebDriverWait[Browser]:
    return WebDriverWait(driver, PATIENCE_SECONDS)


def problems(driver: Browser, origin: str) -> list[str]:
    """Console errors, violations of the page's policy, and requests to anyone but `origin`, since last asked."""
    console = [entry["message"] for entry in log(driver, "browser") if entry["level"] in {"SEVERE", "WARNING"}]
    return console + [f"request to {url}" for url in requested(driver) if not url.startswith((f"{origin}/", "data:"))]


def requested(driver: Browser) -> list[str]:
    """The addresses asked for by the page since last asked, from the browser's own record."""
    events = [json.loads(entry["message"])["message"] for entry in log(driver, "performance")]
    urls = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    return [url for url in urls if urlsplit(url).scheme != "chrome"]


def log(driver: Browser, name: str) -> list[dict[str, Any]]:
    """One of the browser's records, emptied by being read."""
    entries: list[dict[str, Any]] = driver.get_log(name)  # type: ignore[no-untyped-call]
    return entries


def kept(driver: Browser) -> dict[str, str]:
    """What the browser keeps of the page."""
    found: dict[str, str] = driver.execute_script("return {...localStorage, ...sessionStorage};")
    return found
