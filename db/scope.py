"""The scoped transaction: the only place that says BEGIN, COMMIT, ROLLBACK and SAVEPOINT.

An operation has one connection, one transaction and one lock. BEGIN and the whole scope travel in one
round trip; the database itself chooses the role (`entrance.enter()`), from the claims and its own
tables. Every setting is local to the transaction, so nothing survives it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import namedtuple
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal, TypeVar, cast, overload
from uuid import UUID

import asyncpg
import orjson
from asyncpg.exceptions import InternalClientError
from sqlalchemy import Connection, Executable, PoolProxiedConnection, Select, bindparam, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.statements import Prepared, Written, as_sent
from db.tables.base import Row

R = TypeVar("R", bound=Row)

Mode = Literal["read", "audited read", "write"]
_BEGIN: dict[Mode, str] = {
    "read": "begin isolation level repeatable read read only",
    "audited read": "begin isolation level repeatable read read write",
    "write": "begin isolation level read committed read write",
}

IDENTIFIER = re.compile(r"\A[A-Za-z0-9_]{1,65}\Z")
# WorkOS names an impersonator by e-mail address.
IMPERSONATOR = re.compile(r"\A[\x21-\x7e]{1,320}\Z")
# What entrance.enter() raises for a stranger: a right of ours that is missing has another SQLSTATE.
STRANGER = "OG403"


@dataclass(frozen=True, slots=True)
class Claims:
    """Who an operation says it runs for. The database believes none of it without a row of its own."""

    user_id: str | None = None
    workos_org_id: str | None = None
    api_key_id: str | None = None
    impersonator_id: str | None = None
    request_id: UUID | None = None
    operation_name: str | None = None
    document_id: str | None = None
    ip: str | None = None
    user_agent: str | None = None

    def settings(self) -> dict[str, str]:
        """The transaction's settings, by name. Raises ValueError for an id that is not one."""
        for claim in (self.user_id, self.workos_org_id, self.api_key_id):
            if claim is not None and not IDENTIFIER.match(claim):
                raise ValueError("a claimed id must be 1 to 65 letters, digits or underscores")
        if self.impersonator_id is not None and not IMPERSONATOR.match(self.impersonator_id):
            raise ValueError("an impersonator must be 1 to 320 printable ASCII characters")
        return {
            "app.user_id": self.user_id or "",
            "app.workos_org_id": self.workos_org_id or "",
            "app.api_key_id": self.api_key_id or "",
            "app.actor_type": "user" if self.user_id else "api_key" if self.api_key_id else "guest",
            "app.impersonator_id": self.impersonator_id or "",
            "app.request_id": str(self.request_id or ""),
            "app.operation_name": (self.operation_name or "")[:100],
            "app.document_id": (self.document_id or "")[:100],
            "app.ip": self.ip or "",
            "app.user_agent": (self.user_agent or "")[:300],
        }


class NotAMember(Exception):
    """The claimed organization is not one that the caller is active in, or does not exist: the same answer."""


class Unreachable(ConnectionError):
    """No connection, or none that answers BEGIN, or one to a server that takes no writes: nothing was done."""


class ScopeLost(RuntimeError):
    """The transaction ended before its operation did, or its COMMIT became a ROLLBACK: nothing may be answered."""


class CommitUnknown(RuntimeError):
    """The connection was lost while COMMIT was on its way: what was written may or may not be stored."""


def quoted(value: str) -> str:
    """`value` as a literal of the simple protocol, which takes no parameters.

    A NUL cannot be stored in a setting and is dropped; `standard_conforming_strings` is on since Postgres 9.1, and
    the E-form makes a backslash safe even where somebody turned it off.
    """
    if value.isalnum() and value.isascii():
        return f"E'{value}'"
    text = value.replace("\0", "").replace("\\", "\\\\").replace("'", "''")
    return f"E'{text}'"


@cache
def columns_of(entity: type[Row]) -> tuple[str, ...]:
    """The attributes that a select of `entity` fetches, in its order; deferred ones are fetched by name only."""
    return tuple(attribute.key for attribute in inspect(entity).column_attrs if not attribute.deferred)


@cache
def _tuple_of(entity: type[Row]) -> Callable[[Sequence[Any]], Any]:
    """The immutable value that a fetched row of `entity` becomes: a named tuple that knows its entity."""
    value = namedtuple(entity.__name__, columns_of(entity))  # type: ignore[misc]  # noqa: PYI024 - its fields are the table's
    value.entity = entity  # type: ignore[attr-defined]
    return cast("Callable[[Sequence[Any]], Any]", value._make)


@cache
def _by_id(entity: type[Row]) -> Prepared:
    return Prepared(select(entity).where(entity.id == bindparam("id")))  # type: ignore[attr-defined]


def entity_of(value: Any) -> type[Row] | None:
    """Which mapped class a fetched row belongs to; None for anything else."""
    return getattr(type(value), "entity", None)


class Transaction:
    """One scoped transaction on one connection; statements take turns."""

    def __init__(
        self, engine: AsyncEngine, checked_out: PoolProxiedConnection, driver: asyncpg.Connection[Any]
    ) -> None:
        self._engine = engine
        self._checked_out = checked_out
        self._driver = driver
        self._lock = asyncio.Lock()
        self._savepoints = 0
        self.ended = False
        self.undone = False
        self.waited_s = 0.0
        """How long its statements took, the way there and back included."""

    @cached_property
    def connection(self) -> AsyncConnection:
        """SQLAlchemy's view of the connection, for statements that it compiles."""
        return AsyncConnection(self._engine, Connection(self._engine.sync_engine, connection=self._checked_out))

    async def execute(self, statement: Executable | Prepared, parameters: Any = None) -> Sequence[Any]:
        """Run any statement; its rows, none for one that returns nothing. Raises DBAPIError."""
        known = as_sent(self._engine, statement, parameters)
        async with self._lock:
            self._still_open()
            began = time.perf_counter()
            try:
                if not isinstance(known, Written):
                    result = await self.connection.execute(known, parameters)
                    return result.all() if result.returns_rows else []
                return known.read(await self._driver.fetch(known.text, *known.values))
            except asyncpg.PostgresError as error:
                # As SQLAlchemy says it, so that nobody needs to know who sent the statement.
                raise DBAPIError(None, None, error) from error
            finally:
                self.waited_s += time.perf_counter() - began

    async def by_id(self, entity: type[R], id: UUID) -> R | None:  # noqa: A002 - its name
        """The row of a mapped class with this id, or None where the scope shows none."""
        rows = self.values(entity, await self.execute(_by_id(entity), {"id": id}))
        return rows[0] if rows else None

    @overload
    async def all(self, statement: Select[R]) -> list[R]: ...
    @overload
    async def all(self, statement: Executable, entity: type[R]) -> list[R]: ...
    async def all(self, statement: Executable, entity: type[Any] | None = None) -> list[Any]:
        """The rows of a select (or of `… returning`) of one mapped class, as immutable values of that class."""
        return self.values(entity or _entity_of_select(statement), await self.execute(statement))

    @staticmethod
    def values(entity: type[R], rows: Iterable[Sequence[Any]]) -> list[R]:
        """Fetched columns of `entity`, in the order of its mapping, as immutable values of that class."""
        value = _tuple_of(entity)
        return [value(row) for row in rows]

    @overload
    async def one(self, statement: Select[R]) -> R | None: ...
    @overload
    async def one(self, statement: Executable, entity: type[R]) -> R | None: ...
    async def one(self, statement: Executable, entity: type[Any] | None = None) -> Any:
        """The first row of such a statement, or None."""
        rows = await self.all(statement, entity or _entity_of_select(statement))
        return rows[0] if rows else None

    async def scalar(self, statement: Executable) -> Any:
        """The first column of the first row, or None."""
        rows = await self.execute(statement)
        return rows[0][0] if rows else None

    async def json(self, text: str, values: Sequence[Any]) -> tuple[str, str]:
        """The first two columns of a compiled statement's one row ($1, $2 …): the role that ran it, and JSON.

        Each connection prepares each text once.
        """
        async with self._lock:
            self._still_open()
            began = time.perf_counter()
            found = cast("asyncpg.Record", await self._driver.fetchrow(text, *values))
            self.waited_s += time.perf_counter() - began
            return found[0], found[1]

    async def explained(self, text: str, values: Sequence[Any]) -> list[str]:
        """What Postgres does for such a statement, having done it: the lines of EXPLAIN ANALYZE."""
        async with self._lock:
            self._still_open()
            rows = await self._driver.fetch(f"explain (analyze, buffers) {text}", *values)
            return [row[0] for row in rows]

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[Savepoint]:
        """What happens inside is undone on any exception, or when `undo()` was called."""
        self._savepoints += 1
        savepoint = Savepoint(f"s{self._savepoints}")
        await self._say(f"savepoint {savepoint.name}")
        try:
            yield savepoint
        except Exception:
            await self._say(f"rollback to savepoint {savepoint.name}")
            raise
        if savepoint.undone:
            await self._say(f"rollback to savepoint {savepoint.name}")
        await self._say(f"release savepoint {savepoint.name}")

    @asynccontextmanager
    async def whole(self) -> AsyncIterator[Savepoint]:
        """The same of the whole transaction, which ends when something is undone: for what has nothing beside it."""
        savepoint = Savepoint("")
        try:
            yield savepoint
        except Exception:
            await self._undo()
            raise
        if savepoint.undone:
            await self._undo()

    async def _undo(self) -> None:
        async with self._lock:
            self._still_open()
            self.undone = True
            await self._driver.execute("rollback")

    async def _say(self, command: str) -> None:
        async with self._lock:
            self._still_open()
            await self._driver.execute(command)

    async def end(self) -> None:
        """Let the statement that is running finish, and refuse whatever comes after it."""
        async with self._lock:
            if not self.undone:
                self._still_open()
            self.ended = True

    def _still_open(self) -> None:
        # A smuggled COMMIT ends the scope; whatever came after it would run as nobody. And a field that nobody waits
        # for any more (a null beside it took the whole object) may speak when the connection serves another operation.
        if self.ended or not self._driver.is_in_transaction():
            raise ScopeLost("the operation's transaction is no longer open")


@dataclass(slots=True)
class Savepoint:
    """A point to go back to."""

    name: str
    undone: bool = False

    def undo(self) -> None:
        """Roll back to here when the block ends, without an exception."""
        self.undone = True


def _entity_of_select(statement: Any) -> type[Any]:
    description = statement.column_descriptions
    entity: type[Any] = description[0]["entity"]
    return entity


@asynccontextmanager
async def operation(
    engine: AsyncEngine,
    claims: Claims,
    *,
    mode: Mode = "read",
    timeout_ms: int = 5_000,
    replayed: str | None = None,
) -> AsyncIterator[Transaction]:
    """The transaction of one operation, in the scope of its caller; committed when the block ends well.

    A read sees one snapshot and can write nothing; an audited read sees one snapshot and writes who read. `timeout_ms`
    bounds each statement. Raises NotAMember when the claimed organization is not the caller's, ScopeLost when COMMIT
    did not commit, CommitUnknown when its answer was lost. `replayed`, of a replica: a pg_lsn that it must have come
    to; before that it fails with a division by zero, which nothing else of the frame divides by.
    """
    begin = _BEGIN[mode]
    if replayed is not None:
        # In a transaction before: once this one has its snapshot, what is replayed later says nothing about it.
        begin = f"begin; select 1 / (pg_last_wal_replay_lsn() >= {quoted(replayed)})::int; commit; {begin}"
    settings = {**claims.settings(), "statement_timeout": str(timeout_ms)}
    frame = f"{begin}; {_set(settings)}; select set_config('role', entrance.enter(), true)"
    async with _transaction(engine, frame, writes=mode == "write") as transaction:
        yield transaction


@asynccontextmanager
async def worker(engine: AsyncEngine, reason: str, *, timeout_ms: int = 60_000) -> AsyncIterator[Transaction]:
    """A transaction of the worker, which sees nothing until it names its `reason`; `engine` logs in as the worker."""
    settings = {"app.reason": reason, "app.actor_type": "system", "statement_timeout": str(timeout_ms)}
    async with _transaction(engine, f"begin; {_set(settings)}") as transaction:
        yield transaction


@asynccontextmanager
async def as_login(engine: AsyncEngine) -> AsyncIterator[Transaction]:
    """A transaction without a scope: it sees what the login itself may, which is no table."""
    async with _transaction(engine, "begin read only") as transaction:
        yield transaction


async def record_denial(engine: AsyncEngine, claims: Claims, entries: Sequence[dict[str, Any]]) -> None:
    """Write what was refused, or what failed, in a transaction of its own, in one round trip."""
    document = quoted(orjson.dumps(list(entries)).decode())
    frame = (
        f"begin; {_set(claims.settings())}; select set_config('role', 'orgraph_guest', true); "
        f"select app.record_denial({document}::jsonb)"
    )
    async with _transaction(engine, frame):
        pass


def _set(settings: dict[str, str]) -> str:
    # The names are ours, the values anybody's.
    calls = ", ".join([f"set_config('{name}', {quoted(value)}, true)" for name, value in settings.items()])
    return f"select {calls}"


@asynccontextmanager
async def _transaction(engine: AsyncEngine, frame: str, *, writes: bool = False) -> AsyncIterator[Transaction]:
    checked_out, driver = await _begin(engine, frame)
    transaction = Transaction(engine, checked_out, driver)
    try:
        yield transaction
        await transaction.end()
        if transaction.undone:
            return
        try:
            status = await driver.execute("commit")
        except _GONE as error:
            checked_out.invalidate()
            raise CommitUnknown from error
        except asyncio.CancelledError as error:
            # Whoever ends us, the deadline or a client that leaves, must not say that nothing was stored.
            if writes:
                raise CommitUnknown from error
            raise
        # Postgres answers COMMIT with ROLLBACK when the transaction has failed, and raises nothing.
        if status != "COMMIT":
            raise ScopeLost(f"COMMIT was answered with {status}")
    except BaseException:
        transaction.ended = True
        await _abandon(checked_out, driver)
        raise
    finally:
        checked_out.close()


BEGIN_S = 3.0  # nothing waits in BEGIN and the scope: longer than that, the network is silent
ROLLBACK_S = 0.7  # for a connection that is as well dropped
_GONE = (
    OSError,
    asyncpg.InterfaceError,
    InternalClientError,  # the server's last words came while nobody was asking
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)
# How a standby answers `begin … read write`, and a primary that was made read-only.
_TAKES_NO_WRITES = (asyncpg.FeatureNotSupportedError, asyncpg.ReadOnlySQLTransactionError)


async def _begin(engine: AsyncEngine, frame: str) -> tuple[PoolProxiedConnection, asyncpg.Connection[Any]]:
    # No pre-ping: a BEGIN that meets a dead connection has run nothing, so it is sent again on the next one. After
    # a restart of Postgres every pooled connection may be dead, hence the pool's size.
    attempts = engine.pool.size() + 1  # type: ignore[attr-defined]
    while True:
        attempts -= 1
        try:
            checked_out = await engine.raw_connection()
        except OSError as error:
            raise Unreachable from error
        driver = cast("asyncpg.Connection[Any]", checked_out.driver_connection)
        try:
            await driver.execute(frame, timeout=BEGIN_S)
        except BaseException as error:
            if isinstance(error, (*_TAKES_NO_WRITES, InternalClientError)):
                checked_out.invalidate()  # the next one is perhaps to the server that took its place
            await _abandon(checked_out, driver)
            checked_out.close()
            # A network that is silent would be silent again, for as long: only what is known to be dead is tried anew.
            if isinstance(error, (*_GONE, *_TAKES_NO_WRITES)) and not isinstance(error, TimeoutError) and attempts:
                continue
            if isinstance(error, asyncpg.PostgresError) and error.sqlstate == STRANGER:
                raise NotAMember from error
            if isinstance(error, (TimeoutError, *_TAKES_NO_WRITES)):
                raise Unreachable from error
            raise
        return checked_out, driver


async def _abandon(checked_out: PoolProxiedConnection, driver: asyncpg.Connection[Any]) -> None:
    """Leave nothing open: roll back, or drop a connection that cannot even do that."""
    if not checked_out.is_valid:
        return
    try:
        if not driver.is_closed():
            async with asyncio.timeout(ROLLBACK_S):
                await driver.execute("rollback")
            return
    except BaseException:  # noqa: BLE001 - whatever went wrong, the connection is not trusted again
        checked_out.invalidate()
        return
    checked_out.invalidate()
