"""`orgraph plan`: the statement of a query, or why it has none; and what Postgres does for it, for one person."""

from __future__ import annotations

from pathlib import Path

import pytest
from anyio import to_thread
from click.testing import CliRunner, Result

from cli.main import main
from tests import make
from tests.personas import Database, as_superuser

PAGE = "{ meetings(first: 20) { nodes { id guestName } } }"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "page.graphql"
    path.write_text(PAGE)
    return path


def plan(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(main, ["plan", *words], env=environ)


def test_a_query_is_printed_as_its_statement_and_no_database_is_asked(document: Path) -> None:
    result = plan(str(document), DATABASE_URL="postgresql://nowhere.invalid/none")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.count("FROM app.meetings") == 1
    assert "guest_email" not in result.stdout


def test_parameters_stand_beneath_the_statement(tmp_path: Path) -> None:
    path = tmp_path / "filtered.graphql"
    path.write_text("query($mail: EmailAddress) { meetings(filter: {guestEmail: $mail}) { totalCount } }")
    result = plan(str(path), "--variables", '{"mail": "Ana@example.com"}')

    statement, _, parameters = result.stdout.partition("-- $1: ")
    assert "ana@example.com" not in statement
    assert parameters == "'ana@example.com'\n"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("{ viewer { role } }", "Query.viewer"),
        ("{ meetings { nodes { withinWorkingHours } } }", "Meeting.withinWorkingHours"),
        ("{ __schema { types { name } } }", "__schema"),
        ("{ meetings(first: 0) { totalCount } }", "arguments"),
    ],
)
def test_what_has_no_statement_says_why_and_exits_1(query: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "query.graphql"
    path.write_text(query)
    result = plan(str(path))

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"interpreted: {why}\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--explain",), "--explain needs --as and --organization"),
        (("--variables", "{"), "is not JSON"),
        (("--variables", "[]"), "must be a JSON object"),
        (("--operation", "Other"), "no operation of that operationName"),
    ],
)
def test_what_is_wrong_with_the_call_is_told_in_one_line(words: tuple[str, ...], said: str, document: Path) -> None:
    result = plan(str(document), *words)

    assert result.exit_code != 0
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_document_that_is_not_good_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "wrong.graphql"
    path.write_text("{\n  meetingz { totalCount }\n}")
    result = plan(str(path))

    assert result.exit_code == 1
    assert "line 2, column 3: Cannot query field" in result.stderr


@pytest.mark.parametrize(("who", "narrowed"), [("owner", False), ("member", True)])
async def test_postgres_explains_it_in_the_scope_of_one_person(
    who: str, narrowed: bool, document: Path, database: Database
) -> None:
    world = await make.world(database)
    async with as_superuser(database) as superuser:
        find = "select email from app.users where workos_user_id = $1"
        email = await superuser.fetchval(find, world.acme.people[who])
        slug = await superuser.fetchval("select slug from app.organizations where id = $1", world.acme.id)

    def explained() -> Result:
        words = (str(document), "--explain", "--as", email, "--organization", slug)
        return plan(*words, DATABASE_URL=database.api, DATABASE_WORKER_URL=database.worker)

    result = await to_thread.run_sync(explained)  # a command has a loop of its own

    assert result.exit_code == 0, result.output
    assert "-- Execution Time:" in result.stdout
    _, _, done = result.stdout.partition("-- Result")
    assert ("workos_user_id = " in done) is narrowed
