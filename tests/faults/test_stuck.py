"""An operation that stops asking in the middle: Postgres ends it, and the pool is whole again."""

from __future__ import annotations

import asyncio

import orjson
import pytest
from sqlalchemy import text

from db.engine import create_engine
from graph.context import Context
from graph.operation import Graph
from tests import make
from tests.graph import rehearsal
from tests.graph.asking import Asker, world_of
from tests.personas import Database, as_superuser


async def test_a_transaction_that_idles_is_ended_and_the_next_operation_is_well(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(database.api, size=1)
    graph = Graph.over(rehearsal.build(), engine)
    owner = Asker(graph, world_of(database, graph, await make.world(database)).acme.owner.principal)

    async def idles(context: Context) -> None:
        say = "select pg_backend_pid() from set_config('idle_in_transaction_session_timeout', '100', true)"
        pid = await context.transaction.scalar(text(say))
        async with as_superuser(database) as superuser, asyncio.timeout(5):
            while await superuser.fetchval("select count(*) from pg_stat_activity where pid = $1", pid):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await context.transaction.execute(text("select 1"))

    monkeypatch.setitem(rehearsal.WAYS, "idles", idles)
    answered = await owner.answer('{ ask(way: "idles") }')

    assert answered.outcome == "unavailable"
    assert answered.code in ("TIMEOUT", "DB_UNAVAILABLE")
    assert orjson.loads((await owner.answer('{ ask(way: "well") }')).body) == {"data": {"ask": 1}}
    await engine.dispose()
