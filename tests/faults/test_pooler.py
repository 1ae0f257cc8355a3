"""Behind PgBouncer in transaction mode everything is as without it, and nobody meets what another has left there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.check import check
from db.engine import create_engine
from db.scope import Claims, as_login, operation
from graph.operation import Graph
from graph.schema import build
from server.health import migration_mark
from tests import make
from tests.faults.pgbouncer import PROGRAM, pooled
from tests.faults.proxy import Proxy, proxied
from tests.graph.asking import World, world_of
from tests.make import unique
from tests.personas import Database, as_superuser

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="there is no pgbouncer on this machine: apt-get install pgbouncer"
)

READ = "{ meetings(first: 2) { nodes { id guestEmail host { id } } } organization { name } }"


@pytest.fixture(scope="module")
def network(database: Database) -> Iterator[Proxy]:
    with proxied(database.api) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def pooler(network: Proxy, database: Database) -> Iterator[str]:
    """Two server connections, for however many clients."""
    with pooled(network.url(database.api)) as url:
        yield url


@pytest.fixture
async def engines(pooler: str) -> AsyncIterator[list[AsyncEngine]]:
    """Four processes, as it were, with two connections each."""
    engines = [create_engine(pooler, size=2, pooled=True) for _ in range(4)]
    yield engines
    for engine in engines:
        await engine.dispose()


@pytest.fixture
async def worlds(engines: list[AsyncEngine], database: Database) -> list[World]:
    rows = await make.world(database)
    schema = build()
    return [world_of(database, Graph.over(schema, engine, deadline_s=30), rows) for engine in engines]


async def told_nobody(world: World) -> str:
    """What somebody without a credential is told who asks for meetings."""
    body = await world.nobody.body("{ meetings { nodes { id } } }")
    assert body["data"] is None or body["data"]["meetings"] is None
    code: str = body["errors"][0]["extensions"]["code"]
    return code


async def test_many_clients_over_two_connections_read_and_write_what_is_theirs(worlds: list[World]) -> None:
    expected = {whose: await getattr(worlds[0].acme, whose).ask(READ) for whose in ("owner", "member")}
    other = await worlds[0].globex.owner.ask(READ)
    assert expected["owner"] != expected["member"] != other

    async def client(world: World) -> None:
        for _ in range(6):
            assert await world.acme.owner.ask(READ) == expected["owner"]
            assert await world.globex.owner.ask(READ) == other
            assert await world.acme.member.ask(READ) == expected["member"]
            slug = unique()
            added = await world.globex.owner.do(
                "createEvent", "... on Event { slug }", name="Pooled", slug=slug, durationInMinutes=30
            )
            assert added["slug"] == slug
            assert await told_nobody(world) == "UNAUTHENTICATED"

    await asyncio.gather(*(client(world) for world in worlds for _ in range(2)))


async def test_nothing_is_left_on_a_servers_connection(worlds: list[World]) -> None:
    await asyncio.gather(*(world.acme.owner.ask(READ) for world in worlds))
    left = []
    for world in worlds:
        async with as_login(world.acme.graph.engine) as transaction:
            rows = await transaction.execute(
                text(
                    """select current_user, coalesce(current_setting('app.user_id', true), ''),
                    coalesce(current_setting('app.org_id', true), ''), current_setting('jit'),
                    (select count(*) from pg_prepared_statements where name <> '')"""
                )
            )
            left += [tuple(row) for row in rows]

    assert set(left) == {("orgraph_api", "", "", "off", 0)}


async def test_a_client_that_is_killed_inside_an_operation_leaves_nothing_to_the_next(
    worlds: list[World], pooler: str
) -> None:
    owner = worlds[0].acme.owner
    claims = Claims(user_id=owner.user_id, workos_org_id=owner.principal.organization_id)
    for _ in range(4):
        engine = create_engine(pooler, size=1, pooled=True)
        with pytest.raises(DBAPIError):  # noqa: PT012 - the operation is the block
            async with operation(engine, claims, mode="write") as transaction:
                transaction._driver._transport.abort()  # type: ignore[attr-defined]
                await transaction.execute(text("select 1"))
        await engine.dispose()
        for world in worlds:
            assert await told_nobody(world) == "UNAUTHENTICATED"


async def test_who_waits_too_long_for_the_pooler_is_told_to_come_back(
    worlds: list[World], engines: list[AsyncEngine]
) -> None:
    owner = worlds[3].acme.owner
    async with operation(engines[0], Claims(), timeout_ms=20_000), operation(engines[0], Claims(), timeout_ms=20_000):
        answered = await owner.answer(READ)

    assert (answered.outcome, answered.code) == ("unavailable", "DB_UNAVAILABLE")
    assert (await owner.answer(READ)).outcome == "ok"


async def test_the_server_starts_behind_it(pooler: str, engines: list[AsyncEngine], database: Database) -> None:
    marks = await asyncio.gather(*(migration_mark(engine) for engine in engines for _ in range(8)))
    async with as_superuser(database) as superuser:
        mark = await superuser.fetchval("select obj_description('migration'::regnamespace, 'pg_namespace')")

    assert set(marks) == {mark}
    assert await check(pooler) == []
