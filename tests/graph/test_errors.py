"""What a client is told of an error, and what the log is: by its SQLSTATE, by its type, or nothing but INTERNAL."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from graphql import GraphQLError, Source, parse
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from db.scope import Claims, CommitUnknown, NotAMember, ScopeLost, operation
from graph.errors import (
    BadUserInput,
    ClientError,
    InvalidCursor,
    OrganizationRequired,
    UnauditedMutation,
    Unauthenticated,
    described,
    first,
    masked,
)
from graph.operation import Graph

SECRET = "maria-canary"
REQUEST = uuid4()

# Each state that has a code of its own, and one of each class where the class decides.
KNOWN = {
    "57014": "TIMEOUT",
    "55P03": "CONFLICT",
    "40001": "CONFLICT",
    "40P01": "CONFLICT",
    "42501": "FORBIDDEN",
    "22021": "BAD_USER_INPUT",
    "08000": "DB_UNAVAILABLE",
    "08006": "DB_UNAVAILABLE",
    "53100": "OVERLOADED",
    "53300": "OVERLOADED",
    "57P03": "DB_UNAVAILABLE",
    "57P05": "DB_UNAVAILABLE",
    "25P03": "TIMEOUT",
    "28P01": "DB_UNAVAILABLE",
    "3D000": "DB_UNAVAILABLE",
}
# Who waits and tries again finds it the same: the log says so too.
LOGGED = {"42501", "28P01", "3D000", "53100", "53300"}
FAULTS = [
    "0A000", "22003", "22012", "22023", "22P02", "23502", "23503", "23505", "23514", "23P01", "25006", "25P02",
    "40002", "42601", "42703", "42P01", "54000", "55000", "57000", "58030", "P0001", "OG403", "XX000",
]  # fmt: skip


async def raised(graph: Graph, state: str) -> DBAPIError:
    """What comes through the driver when Postgres raises this state, with a value in its words."""
    said = f"do $$ begin raise exception '{SECRET}' using errcode = '{state}', detail = '{SECRET}'; end $$"
    with pytest.raises(DBAPIError) as caught:
        async with operation(graph.engine, Claims()) as transaction:
            await transaction.execute(text(said))
    return caught.value


def of(cause: BaseException, path: list[str | int] | None = None) -> dict[str, Any]:
    """What is answered for a field that raised this."""
    return masked(GraphQLError(SECRET, path=path or ["field", 0], original_error=cause), REQUEST)  # type: ignore[arg-type]


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    records = [one for one in caplog.records if one.name == "orgraph.errors"]
    assert all(one.__dict__["request_id"] == str(REQUEST) for one in records)
    assert SECRET not in caplog.text
    return [one.message for one in records]


@pytest.mark.parametrize("state", KNOWN)
async def test_a_state_that_is_known_has_its_code(state: str, graph: Graph, caplog: pytest.LogCaptureFixture) -> None:
    told = of(await raised(graph, state))

    assert told["extensions"] == {"code": KNOWN[state], "requestId": str(REQUEST)}
    assert told["path"] == ["field", 0]
    assert SECRET not in str(told)
    assert len(logged(caplog)) == (state in LOGGED)


@pytest.mark.parametrize("state", FAULTS)
async def test_every_other_state_is_a_fault_of_ours_and_one_line_of_the_log(
    state: str, graph: Graph, caplog: pytest.LogCaptureFixture
) -> None:
    told = of(await raised(graph, state))

    assert told["extensions"]["code"] == "INTERNAL"
    assert told["message"].startswith("Something went wrong on our side.")
    assert SECRET not in str(told)
    [line] = logged(caplog)
    assert f"sqlstate={state}" in line
    assert "scope.py:" in line


AROUND: dict[str, tuple[BaseException, str]] = {
    "a stranger": (NotAMember(), "FORBIDDEN"),
    "a lost answer to COMMIT": (CommitUnknown(SECRET), "COMMIT_UNKNOWN"),
    "no free connection": (PoolTimeout(SECRET), "OVERLOADED"),
    "a deadline": (TimeoutError(SECRET), "TIMEOUT"),
    "a refused connection": (ConnectionRefusedError(111, SECRET), "DB_UNAVAILABLE"),
    "a connection that was closed": (asyncpg.InterfaceError("connection is closed"), "DB_UNAVAILABLE"),
    "an argument": (BadUserInput("first must be 1..100"), "BAD_USER_INPUT"),
    "a cursor": (InvalidCursor(), "INVALID_CURSOR"),
    "nobody": (Unauthenticated(), "UNAUTHENTICATED"),
    "no organization": (OrganizationRequired(), "ORGANIZATION_REQUIRED"),
    "any other mistake of a request": (ClientError("Say it otherwise."), "BAD_REQUEST"),
    "one with a code of its own": (ClientError("Say it otherwise.", "ROLLED_BACK"), "ROLLED_BACK"),
}


@pytest.mark.parametrize("what", AROUND)
def test_what_happens_around_the_database_has_its_code(what: str, caplog: pytest.LogCaptureFixture) -> None:
    cause, code = AROUND[what]

    told = of(cause)

    assert told["extensions"]["code"] == code
    assert SECRET not in str(told)
    assert logged(caplog) == []
    if isinstance(cause, ClientError):
        assert told["message"] == str(cause)


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (ValueError(SECRET), "ValueError"),
        (KeyError(SECRET), "KeyError"),
        (IndexError(SECRET), "IndexError"),
        (UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET), "UnicodeDecodeError"),
        (ExceptionGroup(SECRET, [ValueError(SECRET)]), "ExceptionGroup"),
        (Exception({"guest": SECRET}), "Exception"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_fault_is_told_by_its_kind_alone(cause: Exception, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    assert of(cause)["extensions"]["code"] == "INTERNAL"

    [line] = logged(caplog)
    assert line.startswith(f"fault {kind} at ")


@pytest.mark.parametrize(
    "cause",
    [
        ScopeLost("COMMIT was answered with ROLLBACK"),
        UnauditedMutation("book"),
        LookupError("not marked @audited"),
        AttributeError("no attribute 'slug'"),
    ],
)
def test_words_of_our_own_are_logged(cause: Exception, caplog: pytest.LogCaptureFixture) -> None:
    assert of(cause)["extensions"]["code"] == "INTERNAL"

    [line] = logged(caplog)
    assert str(cause) in line


def test_a_cause_is_found_through_the_errors_that_wrap_it(caplog: pytest.LogCaptureFixture) -> None:
    inner = GraphQLError(SECRET, original_error=InvalidCursor())
    assert of(GraphQLError(SECRET, original_error=inner))["extensions"]["code"] == "INVALID_CURSOR"

    assert of(GraphQLError(SECRET, original_error=ValueError(SECRET)))["extensions"]["code"] == "INTERNAL"
    assert len(logged(caplog)) == 1


def test_a_graphql_error_with_a_code_of_ours_is_told_as_it_is() -> None:
    with_code = GraphQLError("Money must be whole.", extensions={"code": "BAD_USER_INPUT", "value": SECRET})

    assert of(with_code)["extensions"] == {"code": "BAD_USER_INPUT", "requestId": str(REQUEST)}
    assert masked(with_code, REQUEST)["message"] == "Money must be whole."


def test_a_graphql_error_without_a_code_is_the_requests_where_no_field_is_named_and_ours_where_one_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert masked(GraphQLError("Must provide a query."), REQUEST)["extensions"]["code"] == "BAD_USER_INPUT"
    assert logged(caplog) == []

    assert masked(GraphQLError(SECRET, path=["field"]), REQUEST)["extensions"]["code"] == "INTERNAL"
    assert len(logged(caplog)) == 1


def test_an_error_points_at_its_place_and_holds_nothing_else() -> None:
    field = parse(Source("{ viewer }")).definitions[0].selection_set.selections[0]  # type: ignore[attr-defined]
    error = GraphQLError("x", nodes=[field], path=["viewer"], original_error=InvalidCursor())

    told = masked(error, REQUEST)

    assert set(told) == {"message", "locations", "path", "extensions"}
    assert told["locations"] == [{"line": 1, "column": 3}]
    assert set(masked(GraphQLError("x", original_error=InvalidCursor()), REQUEST)) == {"message", "extensions"}


def test_what_is_not_described_stays_masked() -> None:
    assert described(ValueError(SECRET)) is None
    assert described(BadUserInput("x")) == ("BAD_USER_INPUT", "x")


def test_at_most_five_errors_are_taken() -> None:
    errors = [GraphQLError(str(number)) for number in range(7)]

    assert first(errors) == errors[:5]
    assert first(errors[:2]) == errors[:2]
