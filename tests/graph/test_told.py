"""Every error that Postgres and its driver know has one code; none says more than its sentence."""

from __future__ import annotations

import inspect
import ssl
from socket import gaierror
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from asyncpg import exceptions
from graphql import GraphQLError
from sqlalchemy import exc, text
from sqlalchemy.exc import DBAPIError

from db.scope import Claims, CommitUnknown, NotAMember, Unreachable, operation
from graph.errors import described, masked
from graph.operation import Graph
from graph.refusals import STATUSES
from graph.told import BY_SQLSTATE

SECRET = "maria-canary"

# What is not a fault of ours. Written down a second time, so that a change of the table is a change of this.
EXPECTED = {
    "DB_UNAVAILABLE": ("08", "28", "3D000", "57P"),
    "OVERLOADED": ("53",),
    "TIMEOUT": ("57014", "25P03", "25P04"),
    "CONFLICT": ("40001", "40P01", "55P03"),
    "FORBIDDEN": ("42501",),
    "BAD_USER_INPUT": ("22021", "22P05"),
}


def code_of_state(state: str) -> str:
    return next((code for code, begins in EXPECTED.items() if state.startswith(begins)), "INTERNAL")


def answered(error: BaseException) -> dict[str, Any]:
    return masked(GraphQLError(SECRET, path=["a"], original_error=error), uuid4())  # type: ignore[arg-type]


DRIVERS = [one for _, one in inspect.getmembers(exceptions, inspect.isclass) if issubclass(one, Exception)]
POSTGRES = [one for one in DRIVERS if issubclass(one, asyncpg.PostgresError)]
STATES = sorted({one.sqlstate for one in POSTGRES if one.sqlstate and one.sqlstate[:2] not in ("00", "01", "02")})


@pytest.mark.parametrize("kind", POSTGRES, ids=lambda kind: kind.__name__)
def test_every_error_of_postgres_has_the_code_of_its_state(kind: type[asyncpg.PostgresError]) -> None:
    told = answered(kind(SECRET))

    expected = code_of_state(kind.sqlstate or "")
    if kind is asyncpg.InvalidCachedStatementError:
        expected = "DB_UNAVAILABLE"  # by its kind: the state is that of everything that is not supported
    assert told["extensions"]["code"] == expected
    assert SECRET not in str(told)


# What the driver says itself. An InterfaceError is a connection that was closed, or a mistake of ours.
OF_THE_DRIVER = {
    "TargetServerAttributeNotMatched": "DB_UNAVAILABLE",
    "InternalClientError": "DB_UNAVAILABLE",
    "ProtocolError": "DB_UNAVAILABLE",
    "OutdatedSchemaCacheError": "DB_UNAVAILABLE",
}


@pytest.mark.parametrize("kind", [one for one in DRIVERS if one not in POSTGRES], ids=lambda kind: kind.__name__)
def test_every_error_of_the_driver_has_a_code(kind: type[Exception]) -> None:
    told = answered(kind(SECRET))

    assert told["extensions"]["code"] == OF_THE_DRIVER.get(kind.__name__, "INTERNAL")
    assert SECRET not in str(told)


@pytest.mark.parametrize("state", STATES)
async def test_a_state_that_postgres_raises_comes_through_every_layer_as_its_code(state: str, graph: Graph) -> None:
    said = f"do $$ begin raise exception '{SECRET}' using errcode = '{state}', detail = '{SECRET}'; end $$"

    with pytest.raises((DBAPIError, asyncpg.PostgresError)) as caught:
        async with operation(graph.engine, Claims()) as transaction:
            await transaction.execute(text(said))

    told = answered(caught.value)
    assert told["extensions"]["code"] == code_of_state(state)
    assert SECRET not in str(told)


OF_SQLALCHEMY = [
    one
    for _, one in inspect.getmembers(exc, inspect.isclass)
    if issubclass(one, exc.SQLAlchemyError)
    and not issubclass(one, exc.StatementError)
    and one.__module__ == exc.__name__
]


@pytest.mark.parametrize("kind", OF_SQLALCHEMY, ids=lambda kind: kind.__name__)
def test_of_sqlalchemy_only_a_full_pool_is_no_fault_of_ours(kind: type[exc.SQLAlchemyError]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, SECRET)

    told = answered(error)

    assert told["extensions"]["code"] == ("OVERLOADED" if kind is exc.TimeoutError else "INTERNAL")
    assert SECRET not in str(told)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unreachable(SECRET), "DB_UNAVAILABLE"),
        (ConnectionResetError(104, SECRET), "DB_UNAVAILABLE"),
        (BrokenPipeError(32, SECRET), "DB_UNAVAILABLE"),
        (gaierror(-2, SECRET), "DB_UNAVAILABLE"),
        (ssl.SSLCertVerificationError(1, SECRET), "DB_UNAVAILABLE"),
        (asyncpg.InterfaceError("connection is closed"), "DB_UNAVAILABLE"),
        (asyncpg.InterfaceError("cannot perform operation: another operation is in progress"), "INTERNAL"),
        (TimeoutError(SECRET), "TIMEOUT"),
        (CommitUnknown(SECRET), "COMMIT_UNKNOWN"),
        (NotAMember(SECRET), "FORBIDDEN"),
        (FileNotFoundError(2, SECRET), "INTERNAL"),
        (PermissionError(13, SECRET), "INTERNAL"),
        (OSError(28, SECRET), "INTERNAL"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else one,
)
def test_what_happens_to_a_connection_is_told_from_what_happens_to_a_file(error: Exception, code: str) -> None:
    told = answered(error)

    assert told["extensions"]["code"] == code
    assert SECRET not in str(told)


def test_a_right_that_is_missing_is_told_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    answer = answered(asyncpg.InsufficientPrivilegeError(SECRET))

    assert answer["extensions"]["code"] == "FORBIDDEN"
    assert "InsufficientPrivilegeError sqlstate=42501" in caplog.text
    assert SECRET not in caplog.text


def test_what_is_worth_another_try_has_a_status_that_says_so() -> None:
    codes = {told[0] for told in BY_SQLSTATE.values()}
    assert codes == set(EXPECTED)
    assert {code: STATUSES[code] for code in sorted(codes - {"FORBIDDEN", "BAD_USER_INPUT"})} == {
        "CONFLICT": 409,
        "DB_UNAVAILABLE": 503,
        "OVERLOADED": 503,
        "TIMEOUT": 503,
    }
    assert described(ValueError()) is None
