"""Faults put where an operation touches the world: a code leaves, and no word of theirs.

What a resolver raises, and what Postgres refuses of its statements: test_operation.py.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from socket import gaierror
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from asyncpg.exceptions import TargetServerAttributeNotMatched
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine

from db import scope
from db.engine import create_engine
from graph import operation as running
from graph.audit import Trail
from graph.operation import Answered, Graph
from graph.plan import Plans
from tests.graph.asking import Acting, Asker, document_of
from tests.make import unique
from tests.personas import Database

SECRET = "Maria-Canary"
SAID = f'insert into app.events ("{SECRET}") violates "events_public_key" on host db-1.internal, file "/srv/{SECRET}"'
LEAKS = (SECRET, "insert ", "app.", "events", "_key", "db-1", "Traceback", "asyncpg", "sqlalchemy", ".py", "/srv")

Injected = tuple[str, BaseException, str]


def network(number: int) -> OSError:
    return OSError(number, SAID)


CONNECTING: list[Injected] = [
    ("refused", ConnectionRefusedError(111, SAID), "DB_UNAVAILABLE"),
    ("no such name", gaierror(-2, SAID), "DB_UNAVAILABLE"),
    ("no way there", network(113), "DB_UNAVAILABLE"),
    ("no socket", FileNotFoundError(2, SAID, f"/srv/{SECRET}"), "DB_UNAVAILABLE"),
    ("a socket that is not ours", PermissionError(13, SAID, f"/srv/{SECRET}"), "DB_UNAVAILABLE"),
    ("a wrong certificate", ssl.SSLCertVerificationError(1, SAID), "DB_UNAVAILABLE"),
    ("silence", TimeoutError(SAID), "DB_UNAVAILABLE"),
    ("it starts", asyncpg.CannotConnectNowError(SAID), "DB_UNAVAILABLE"),
    ("it is full", asyncpg.TooManyConnectionsError(SAID), "OVERLOADED"),
    ("a wrong password", asyncpg.InvalidPasswordError(SAID), "DB_UNAVAILABLE"),
    ("no such database", asyncpg.InvalidCatalogNameError(SAID), "DB_UNAVAILABLE"),
    ("not the primary", TargetServerAttributeNotMatched(SAID), "DB_UNAVAILABLE"),
    ("a url that is none", asyncpg.exceptions.ClientConfigurationError(SAID), "INTERNAL"),
    ("a bug", ValueError(SAID), "INTERNAL"),
]
BEGINNING: list[Injected] = [
    ("silence", TimeoutError(SAID), "DB_UNAVAILABLE"),
    ("it went", asyncpg.ConnectionDoesNotExistError(SAID), "DB_UNAVAILABLE"),
    ("it was stopped", asyncpg.AdminShutdownError(SAID), "DB_UNAVAILABLE"),
    ("it takes no writes", asyncpg.ReadOnlySQLTransactionError(SAID), "DB_UNAVAILABLE"),
    ("no memory", asyncpg.OutOfMemoryError(SAID), "OVERLOADED"),
    ("a missing function", asyncpg.UndefinedFunctionError(SAID), "INTERNAL"),
    ("a missing right", asyncpg.InsufficientPrivilegeError(SAID), "FORBIDDEN"),
    ("a broken page", asyncpg.DataCorruptedError(SAID), "INTERNAL"),
    ("words out of turn", asyncpg.exceptions.InternalClientError(SAID), "DB_UNAVAILABLE"),
]
COMMITTING: list[Injected] = [
    ("it went", asyncpg.ConnectionDoesNotExistError(SAID), "COMMIT_UNKNOWN"),
    ("it was stopped", asyncpg.AdminShutdownError(SAID), "COMMIT_UNKNOWN"),
    ("it crashed", asyncpg.CrashShutdownError(SAID), "COMMIT_UNKNOWN"),
    ("it was closed", asyncpg.InterfaceError(f"connection is closed {SAID}"), "COMMIT_UNKNOWN"),
    ("it was reset", ConnectionResetError(104, SAID), "COMMIT_UNKNOWN"),
    ("silence", TimeoutError(SAID), "COMMIT_UNKNOWN"),
    ("a race", asyncpg.SerializationError(SAID), "CONFLICT"),
    ("a deadlock", asyncpg.DeadlockDetectedError(SAID), "CONFLICT"),
    ("a full disk", asyncpg.DiskFullError(SAID), "OVERLOADED"),
    ("a late check", asyncpg.CheckViolationError(SAID), "INTERNAL"),
    ("a late key", asyncpg.ForeignKeyViolationError(SAID), "INTERNAL"),
]
READING: list[Injected] = [
    ("it took long", asyncpg.QueryCanceledError(SAID), "TIMEOUT"),
    ("it idled", asyncpg.IdleInTransactionSessionTimeoutError(SAID), "TIMEOUT"),
    ("it went", asyncpg.ConnectionDoesNotExistError(SAID), "DB_UNAVAILABLE"),
    ("a page is gone", asyncpg.IndexCorruptedError(SAID), "INTERNAL"),
    ("stacked too high", asyncpg.StatementTooComplexError(SAID), "INTERNAL"),
    ("an argument of a wrong type", asyncpg.exceptions.DataError(SAID), "INTERNAL"),
    ("a word that cannot be stored", asyncpg.UntranslatableCharacterError(SAID), "BAD_USER_INPUT"),
    ("it was closed", asyncpg.InterfaceError(f"connection is closed {SAID}"), "DB_UNAVAILABLE"),
    ("words out of turn", asyncpg.exceptions.InternalClientError(SAID), "DB_UNAVAILABLE"),
    ("busy with another", asyncpg.InterfaceError(f"another operation is in progress {SAID}"), "INTERNAL"),
    ("a bug", KeyError(SAID), "INTERNAL"),
    ("too deep", RecursionError(SAID), "INTERNAL"),
]
TRAILING: list[Injected] = [
    ("a full disk", asyncpg.DiskFullError(SAID), "OVERLOADED"),
    ("no such partition", asyncpg.CheckViolationError(SAID), "INTERNAL"),
    ("not to be written as JSON", UnicodeEncodeError("utf-8", SECRET, 0, 1, SAID), "INTERNAL"),
    ("used wrongly", InvalidRequestError(SAID), "INTERNAL"),
]


def each(of: list[Injected]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("error", "code"), [pytest.param(*one[1:], id=one[0]) for one in of])


@dataclass(frozen=True)
class Stage:
    """An owner, over a pool that has opened nothing yet."""

    engine: AsyncEngine
    owner: Asker
    acting: Acting

    async def reads(self) -> Answered:
        return await self.owner.answer("{ meetings { nodes { id } } }")

    async def writes(self) -> Answered:
        values = {"name": SECRET, "slug": unique(), "durationInMinutes": 30}
        answered = await self.owner.answer(document_of("createEvent"), input=values)
        if answered.outcome != "ok":
            stored = "select count(*) from app.events where slug = $1"
            assert await self.acting.truth(stored, values["slug"]) == 0
        return answered


@pytest.fixture
async def stage(database: Database, graph: Graph, acme: Acting) -> AsyncIterator[Stage]:
    engine = create_engine(database.api, size=1)
    yield Stage(engine, Asker(Graph.over(graph.schema, engine), acme.owner.principal), acme)
    await engine.dispose()


def told(answered: Answered, caplog: pytest.LogCaptureFixture) -> str:
    """The code of an answer that has one error, no data, and no word of what went wrong; nor has the log."""
    body = orjson.loads(answered.body)
    [error] = body["errors"]
    assert body.get("data") in (None, {"meetings": None})
    assert set(error) <= {"message", "locations", "path", "extensions"}
    assert UUID(error["extensions"]["requestId"])
    assert [word for word in LEAKS if word in answered.body.decode()] == []
    assert SECRET not in "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("orgraph"))
    code: str = error["extensions"]["code"]
    return code


def raises(error: BaseException, when: Callable[..., bool] = lambda *_, **__: True, otherwise: Any = None) -> Any:
    async def raising(*given: Any, **named: Any) -> Any:
        if when(*given, **named):
            raise error
        return await otherwise(*given, **named)

    return raising


def as_the_api(url: str, **_: Any) -> bool:
    return "//orgraph_api:" in url


@each(CONNECTING)
async def test_in_connecting(
    error: BaseException, code: str, *, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(asyncpg, "connect", raises(error, as_the_api, asyncpg.connect))

    assert {told(await one(), caplog) for one in (stage.reads, stage.writes)} == {code}


def begins(_: Any, statement: str, **__: Any) -> bool:
    return statement.startswith("begin")


@each(BEGINNING)
async def test_in_beginning(
    error: BaseException, code: str, *, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(asyncpg.Connection, "execute", raises(error, begins, asyncpg.Connection.execute))

    assert {told(await one(), caplog) for one in (stage.reads, stage.writes)} == {code}


@each(COMMITTING)
async def test_in_committing(
    error: BaseException, code: str, *, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    commits = raises(error, lambda _, statement, **__: statement == "commit", asyncpg.Connection.execute)
    monkeypatch.setattr(asyncpg.Connection, "execute", commits)

    assert told(await stage.writes(), caplog) == code


@each(READING)
async def test_in_a_statement(
    error: BaseException, code: str, *, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(asyncpg.Connection, "fetchrow", raises(error))
    assert told(await stage.reads(), caplog) == code

    monkeypatch.setattr(asyncpg.Connection, "fetch", raises(error))
    interpreting = Asker(replace(stage.owner.graph, plans=None), stage.owner.principal)
    answered = await interpreting.answer("{ meetings { nodes { id } } }")
    assert told(answered, caplog) == code
    assert code == "INTERNAL" or answered.outcome == "unavailable"


@each(TRAILING)
async def test_in_writing_the_trail(
    error: BaseException, code: str, *, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Trail, "write", raises(error))

    assert told(await stage.writes(), caplog) == code


@each(TRAILING)
async def test_in_writing_what_was_refused_is_not_the_callers_matter(
    error: BaseException, code: str, *, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(running, "record_denial", raises(error))
    member = Asker(stage.owner.graph, stage.acting.suspended.principal)

    with caplog.at_level(logging.ERROR, "orgraph.errors"):
        assert told(await member.answer("{ viewer { role } }"), caplog) == "FORBIDDEN"
    assert code in ("OVERLOADED", "INTERNAL")
    assert type(error).__name__ in caplog.text


@each(READING[-3:])
async def test_in_planning_and_in_putting_the_answer_together(
    error: BaseException, code: str, *, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Plans, "data", raises(error))
    assert told(await stage.reads(), caplog) == code

    monkeypatch.setattr(Plans, "row", raises(error))
    creating = document_of("createEvent", "... on Event { name }")
    values = {"name": SECRET, "slug": unique(), "durationInMinutes": 30}
    assert told(await stage.owner.answer(creating, input=values), caplog) == code


async def test_in_the_pool(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async with scope.operation(stage.engine, scope.Claims()):
        assert told(await stage.reads(), caplog) == "OVERLOADED"
    assert (await stage.reads()).outcome == "ok"


def test_these_are_more_than_forty() -> None:
    kinds = [CONNECTING, BEGINNING, COMMITTING, READING, TRAILING]
    assert sum(len(one) for one in kinds) > 40
