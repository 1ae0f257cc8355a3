"""Who asks in these tests, where they belong, and how they come in: by the same door as in production."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import pytest

from db.scope import Claims, quoted

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True)
class Database:
    """Where each login finds the database. The superuser sees what really is there."""

    api: str
    worker: str
    superuser: str


@dataclass(frozen=True)
class Organization:
    """An organization with one person for each way of belonging to it. A person is their WorkOS user id.

    `rows` are the ids of what each host has there, by table and host: one row of each kind.
    """

    id: UUID
    workos_id: str
    owner: str
    admin: str
    member: str
    colleague: str
    billing: str
    receptionist: str
    restricted: str
    suspended: str
    key: str
    bare_key: str
    rows: dict[str, dict[str, UUID]] = field(default_factory=dict)

    @property
    def people(self) -> dict[str, str]:
        """Everyone with a membership of this organization alone, by their part in it."""
        names = ("owner", "admin", "member", "colleague", "billing", "receptionist", "restricted", "suspended")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class World:
    """Two organizations, and one person in both: a member of acme, the owner of globex beside globex.owner."""

    acme: Organization
    globex: Organization
    both: str


def frame(claims: Claims) -> str:
    """What production sends to open an operation that writes."""
    settings = ", ".join(f"set_config({quoted(k)}, {quoted(v)}, true)" for k, v in claims.settings().items())
    return f"begin; select {settings}; select set_config('role', entrance.enter(), true)"


@asynccontextmanager
async def scoped(database: Database, claims: Claims) -> AsyncIterator[Connection]:
    """An operation of whoever claims this, committed when the block ends well."""
    connection = await asyncpg.connect(database.api)
    try:
        await connection.execute(frame(claims))
        yield connection
        await connection.execute("commit")
    finally:
        await connection.close()


@asynccontextmanager
async def as_person(database: Database, person: str | None, org: Organization | None) -> AsyncIterator[Connection]:
    """An operation of this person in this organization; None for nobody, or for none."""
    async with scoped(database, Claims(user_id=person, workos_org_id=org.workos_id if org else None)) as connection:
        yield connection


@asynccontextmanager
async def as_partner(database: Database, key: str, org: Organization) -> AsyncIterator[Connection]:
    """An operation of a partner's API key."""
    async with scoped(database, Claims(api_key_id=key, workos_org_id=org.workos_id)) as connection:
        yield connection


@asynccontextmanager
async def as_worker(database: Database, reason: str | None = "test") -> AsyncIterator[Connection]:
    """A transaction of the worker, committed when the block ends well."""
    connection = await asyncpg.connect(database.worker)
    try:
        await connection.execute(f"begin; select set_config('app.reason', {quoted(reason or '')}, true)")
        yield connection
        await connection.execute("commit")
    finally:
        await connection.close()


@asynccontextmanager
async def as_superuser(database: Database) -> AsyncIterator[Connection]:
    """Past every policy: for the second half of a negative fact, and for nothing else."""
    connection = await asyncpg.connect(database.superuser, server_settings={"search_path": ""})
    try:
        yield connection
    finally:
        await connection.close()


async def really(database: Database, question: str, *arguments: Any) -> Any:
    """The first value of the answer, as it is and not as anyone sees it."""
    async with as_superuser(database) as superuser:
        return await superuser.fetchval(question, *arguments)


async def ids(connection: Connection, table: str, key: str = "id") -> set[Any]:
    """What the caller sees of a table."""
    return {row[0] for row in await connection.fetch(f"select {key} from app.{table}")}


@dataclass
class Refusal:
    """What was said when it was refused."""

    error: asyncpg.PostgresError | None = None

    @property
    def words(self) -> tuple[str | None, ...]:
        """Everything that a client of the database could tell two refusals apart by."""
        assert self.error is not None
        return (
            self.error.sqlstate,
            str(self.error),
            self.error.detail,
            self.error.hint,
            self.error.constraint_name,
            self.error.column_name,
        )


@asynccontextmanager
async def refused(connection: Connection, sqlstate: str = "42501") -> AsyncIterator[Refusal]:
    """The block must be refused, with this SQLSTATE (a missing right or a policy: 42501); the operation goes on."""
    refusal = Refusal()
    await connection.execute("savepoint attempt")
    with pytest.raises(asyncpg.PostgresError) as caught:
        yield refusal
    await connection.execute("rollback to savepoint attempt")
    assert caught.value.sqlstate == sqlstate, caught.value
    refusal.error = caught.value
