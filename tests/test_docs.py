"""What the documents say is so: every setting, command and code is in them, every path exists, every query runs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson
import pytest

from auth.errors import AuthError
from auth.principal import Principal
from cli.main import main
from db.demo import ORGANIZATIONS, PEOPLE, seed_demo
from db.embedded import Cluster
from db.engine import create_engine
from db.urls import VARIABLES
from graph.errors import ClientError
from graph.failures import Failure
from graph.operation import Asked, Graph, run
from graph.refusals import STATUSES
from graph.schema import build
from graph.told import BY_SQLSTATE
from server.settings import variables
from tests.conftest import prepare

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
# Where a code is written as a literal: in what answers requests. A code is a word of its own, in capitals.
ANSWERING = ("auth", "graph", "server")
CODE = re.compile(
    r"""(?:(?:Refused|_refuse)\(\s*\d+,|\bcode\b[\w:\[\] ]*=|_not_ready\(|_coded\(\w+,|\bplain\()\s*"([A-Z][A-Z_]+)\""""
)
PAIR = re.compile(r"""\("([A-Z][A-Z_]+)", "[A-Z][^"]+\."\)""")
IN_EXTENSIONS = re.compile(r"""\{"code": "([A-Z][A-Z_]+)"\}""")
# Marks the fields after a failed one, and is taken out of the answer with them.
NEVER_ANSWERED = {"ROLLED_BACK"}

PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
# The example of a table that does not exist is worked there from end to end.
EXAMPLE = "places"


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows_of(name: str) -> set[str]:
    """The first cells of a page's tables, where they are code."""
    return set(re.findall(r"^\| `([^`]+)`", text(name), re.MULTILINE))


def below(of: Any) -> Iterator[Any]:
    for one in of.__subclasses__():
        yield one
        yield from below(one)


def codes_in_source() -> set[str]:
    sources = [path.read_text(encoding="utf-8") for folder in ANSWERING for path in _modules(ROOT / folder)]
    return {code for source in sources for pattern in (CODE, PAIR, IN_EXTENSIONS) for code in pattern.findall(source)}


def _modules(folder: Path) -> Iterator[Path]:
    yield from folder.glob("*.py")
    yield from folder.glob("*/*.py")


def commands(of: click.Command = main, path: tuple[str, ...] = ("orgraph",)) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(of, click.Group):
        yield " ".join(path), of
        return
    context = click.Context(of, info_name=path[-1])
    for name in of.list_commands(context):
        command = of.get_command(context, name)
        assert command is not None
        yield from commands(command, (*path, name))


def test_every_setting_has_its_heading() -> None:
    assert set(re.findall(r"^### `([A-Z_]+)`$", text("docs/settings.md"), re.MULTILINE)) == set(variables())


def test_every_variable_of_the_commands_is_named() -> None:
    page = text("docs/README.md")
    assert [name for name in ("ORGRAPH_HOME", *VARIABLES.values()) if f"`{name}`" not in page] == []


def test_every_command_is_in_the_table_and_no_other() -> None:
    assert {row for row in rows_of("docs/README.md") if row.startswith("orgraph ")} == {name for name, _ in commands()}


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=[name for name, _ in commands()])
def test_every_command_shows_an_example_of_itself(name: str, command: click.Command) -> None:
    assert command.help is not None
    assert "Example:" in command.help
    assert name in command.help.partition("Example:")[2]


def test_every_code_is_documented_and_no_other() -> None:
    failures = {one.code for one in below(Failure)}
    declared = {one.code for one in (*below(ClientError), *below(AuthError)) if "code" in vars(one)}
    known = failures | declared | set(STATUSES) | codes_in_source() | {"INTERNAL"}
    assert {row for row in rows_of("docs/errors.md") if row.isupper()} == known - NEVER_ANSWERED


def test_every_failure_stands_under_its_type_too() -> None:
    union_members = {name for name, kind in build().type_map.items() if "Failure" in _interfaces(kind)}
    rows = re.findall(r"^\| `([A-Z_]+)` \| `(\w+)` \|", text("docs/errors.md"), re.MULTILINE)
    assert {code for code, _ in rows} == {one.code for one in below(Failure)}
    assert {type_name for _, type_name in rows} == union_members


def test_every_row_of_a_code_says_what_it_means_and_what_to_do() -> None:
    rows = re.findall(r"^\| `[A-Z_]+` \|.*$", text("docs/errors.md"), re.MULTILINE)
    assert [row for row in rows if not all(cell.strip() for cell in row.strip("|").split(" | "))] == []


def test_the_status_of_a_fault_is_the_one_that_is_written_down() -> None:
    ours = text("docs/errors.md").partition("## Ours")[2]
    written = dict(re.findall(r"^\| `([A-Z_]+)` \| (\d+)", ours, re.MULTILINE))
    assert {code: written[code] for code in {told[0] for told in BY_SQLSTATE.values()} & written.keys()} == {
        code: str(STATUSES[code]) for code in ("CONFLICT", "DB_UNAVAILABLE", "OVERLOADED", "TIMEOUT")
    }
    assert (written["COMMIT_UNKNOWN"], written["INTERNAL"]) == (str(STATUSES["COMMIT_UNKNOWN"]), "500")


def _interfaces(kind: Any) -> set[str]:
    return {interface.name for interface in getattr(kind, "interfaces", ())}


def test_every_decision_is_in_the_index_under_its_title() -> None:
    pages = sorted(path for path in (DOCS / "decisions").glob("*.md") if path.name != "README.md")
    assert [path.name[:4] for path in pages] == [f"{number:04d}" for number in range(1, len(pages) + 1)]
    listed = re.findall(r"^\| (\d{4}) \| \[(.+)\]\((.+)\) \|$", text("docs/decisions/README.md"), re.MULTILINE)
    assert listed == [
        (path.name[:4], path.read_text(encoding="utf-8").splitlines()[0].removeprefix(f"# {path.name[:4]} "), path.name)
        for path in pages
    ]


@pytest.mark.parametrize("path", sorted((DOCS / "decisions").glob("0*.md")), ids=lambda path: path.stem)
def test_a_decision_is_one_page_with_five_headings(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    headings = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    assert headings == ["Context", "Decision", "Consequences", "Alternatives", "References"]
    assert len(lines) <= 60


def test_every_page_of_docs_is_in_the_index() -> None:
    index = text("docs/README.md")
    pages = [path.name for path in DOCS.glob("*.md") if path.name != "README.md"]
    assert [name for name in pages if f"]({name})" not in index] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_every_path_leads_somewhere(page: Path) -> None:
    content = page.read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```", "", content, flags=re.MULTILINE | re.DOTALL)
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", prose) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []
    assert [path for path in _paths(content) if not (ROOT / path).exists() and EXAMPLE not in path] == []


def _paths(content: str) -> Iterator[str]:
    """What reads like a path of the repository: it begins with one of its folders, is no pattern, and is committed."""
    folders = "auth|cli|db|docs|graph|server|sql|tests"
    for path in re.findall(rf"(?<![\w./-])(?:{folders})/[\w./*<>{{}}-]*", content):
        if not re.search(r"[*<>{}]|/dist/", path):
            yield path.rstrip(".")


def test_every_anchor_of_a_link_is_a_heading() -> None:
    lost = []
    for page in PAGES:
        for link, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in link:
                lost += [f"{page.name}: {link}#{anchor}"] if anchor not in _anchors(page.parent / link) else []
    assert lost == []


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    named = {word for page in PAGES for word in re.findall(r"\bmake ([a-z]+)\b[`\s]", _code(page))}
    assert named
    assert named - targets == set()


def _code(page: Path) -> str:
    content = page.read_text(encoding="utf-8")
    fenced = re.findall(r"^```sh\n(.*?)^```", content, re.MULTILINE | re.DOTALL)
    return "\n".join([*fenced, *(f"{span} " for span in re.findall(r"`([^`\n]+)`", content))])


@pytest.fixture(scope="module")
async def demo(cluster: Cluster) -> AsyncIterator[Graph]:
    """The graph over a database as `orgraph dev` leaves it."""
    await prepare(cluster, "demo")
    await seed_demo(cluster.url("orgraph_worker", "demo"), now=datetime.now(UTC))
    engine = create_engine(cluster.url("orgraph_api", "demo"))
    yield Graph.over(build(), engine)
    await engine.dispose()


def person(email: str) -> Principal:
    """A demo person in the first of their organizations, as a token would name them."""
    found = next(one for one in PEOPLE if one.email == email)
    place = next(one for one in ORGANIZATIONS if one.slug == found.memberships[0].organization)
    return Principal("user", found.workos_user_id, place.workos_org_id, "session_docs")


async def asked(graph: Graph, email: str, query: str) -> dict[str, Any]:
    answered = await run(graph, person(email), Asked(query))
    body: dict[str, Any] = orjson.loads(answered.body)
    assert "errors" not in body, body["errors"]
    found: dict[str, Any] = body["data"]
    return found


ANA, INES = "ana.sousa@clinica-lumen.example", "ines.carvalho@clinica-lumen.example"


def queries_of_the_readme() -> list[str]:
    return re.findall(r"^```graphql\n(.*?)^```", text("README.md"), re.MULTILINE | re.DOTALL)


async def test_the_readmes_query_shows_an_owner_more_than_a_member(demo: Graph) -> None:
    query, *_ = queries_of_the_readme()
    everyones, own = [(await asked(demo, email, query))["meetings"] for email in (ANA, INES)]

    assert len(everyones["nodes"]) == len(own["nodes"]) == 20
    assert 300 < everyones["totalCount"] < 500, "the README says some four hundred"
    assert 0 < own["totalCount"] < everyones["totalCount"]
    assert all(node["event"]["durationInMinutes"] for node in everyones["nodes"])


async def test_the_readmes_curl_sends_the_same_query(demo: Graph) -> None:
    [body] = re.findall(r"-d '(\{.*\})'", text("README.md"))
    query, *_ = queries_of_the_readme()
    assert orjson.loads(body)["query"] == query.strip()
    assert demo.documents.read(query)


async def test_the_readmes_mutation_is_done_once_and_then_fails_as_data(demo: Graph) -> None:
    _, mutation, trail = queries_of_the_readme()

    first, second = [(await asked(demo, ANA, mutation))["createEvent"] for _ in range(2)]

    assert first["name"] == "Second opinion"
    assert second["code"] == "ALREADY_EXISTS"
    [entry] = (await asked(demo, ANA, trail))["auditLogs"]["nodes"]
    assert (entry["action"], entry["newValues"]["slug"]) == ("EVENT_CREATED", "second-opinion")


@pytest.mark.parametrize("page", ["docs/sign-in.md", "docs/development.md"])
async def test_what_a_page_asks_with_a_token_is_answered(page: str, demo: Graph) -> None:
    [body] = re.findall(r"-d '(\{.*\})'", text(page))
    [email] = re.findall(r"orgraph token --user (\S+)", text(page))

    assert all((await asked(demo, email, orjson.loads(body)["query"])).values())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_whoever_a_command_is_run_as_is_in_that_organization_of_the_demo(page: Path) -> None:
    places = {(one.email, place.organization) for one in PEOPLE for place in one.memberships}
    named = re.findall(r"--(?:user|as) (\S+@(?!seed)\S+) --organization ([\w-]+)", page.read_text(encoding="utf-8"))
    assert [one for one in named if one not in places] == []


@pytest.mark.parametrize("page", ["README.md", "docs/seed.md", "docs/development.md", "docs/sign-in.md"])
def test_every_address_named_is_a_demo_persons(page: str) -> None:
    known = {one.email for one in PEOPLE}
    named = set(re.findall(r"[\w.]+@(?:clinica-lumen|consultorio-ribeira|leonor-vaz)\.example", text(page)))
    assert named
    assert named <= known
