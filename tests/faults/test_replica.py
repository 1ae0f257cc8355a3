"""Reads from a replica: one reads what one has written, and nothing is ever written there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest
from sqlalchemy import event, text

from db.embedded import Cluster
from db.engine import create_engine
from db.replica import END, Replica, lsn, number
from db.scope import Claims, Unreachable, operation
from graph.operation import Answered, Asked, Graph, run
from graph.schema import build
from tests import make
from tests.faults.proxy import Proxy, proxied
from tests.faults.standby import Standby, following
from tests.graph.asking import Asker, World, document_of, world_of
from tests.make import unique
from tests.personas import Connection, Database

READ = "query($first: Int) { events(first: $first) { nodes { slug } } }"


@pytest.fixture(scope="module")
def standby(cluster: Cluster, database: Database) -> Iterator[Standby]:
    assert database
    with following(cluster) as standby:
        yield standby


@pytest.fixture(scope="module")
def network(standby: Standby) -> Iterator[Proxy]:
    with proxied(standby.url("orgraph_api")) as proxy:
        yield proxy


@dataclass
class Stage:
    """A graph that has both, and the superuser on the replica, who makes it lag."""

    graph: Graph
    replica: Replica
    there: Connection
    world: World
    network: Proxy
    asked_there: int = 0

    @property
    def owner(self) -> Asker:
        return self.world.acme.owner

    async def read(self, written: int | None = None, who: Asker | None = None) -> Answered:
        """A query, and whether the replica was asked."""
        turns = self.network.turns
        asked = Asked(READ, variables={"first": 100}, request_id=uuid4(), written=written)
        answered = await run(self.graph, (who or self.owner).principal, asked)
        self.asked_there = self.network.turns - turns
        return answered

    async def slugs(self, written: int | None = None) -> set[str]:
        answered = await self.read(written)
        return {node["slug"] for node in orjson.loads(answered.body)["data"]["events"]["nodes"]}

    async def write(self) -> tuple[str, Answered]:
        slug = unique()
        values = {"name": "Replicated", "slug": slug, "durationInMinutes": 30}
        asked = Asked(document_of("createEvent"), variables={"input": values}, request_id=uuid4())
        return slug, await run(self.graph, self.owner.principal, asked)

    async def caught_up(self) -> None:
        """Until the replica has all, and the floor is known: a read is its again."""
        position = await self.replica.position()
        async with asyncio.timeout(20):
            while number(await self.there.fetchval("select pg_last_wal_replay_lsn()::text")) < position:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        self.replica._floor = self.replica._latest = position
        self.replica._away_until = 0

    async def lags(self) -> None:
        await self.there.execute("select pg_wal_replay_pause()")
        async with asyncio.timeout(10):
            while await self.there.fetchval("select pg_get_wal_replay_pause_state()") != "paused":  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
async def stage(database: Database, standby: Standby, network: Proxy) -> AsyncIterator[Stage]:
    primary = create_engine(database.api, size=2)
    replica = Replica(create_engine(network.url(standby.url("orgraph_api")), size=2, wait_s=0.05), primary)
    graph = Graph.over(build(), primary, replica=replica)
    there = await asyncpg.connect(standby.url("postgres"))
    stage = Stage(graph, replica, there, world_of(database, graph, await make.world(database)), network)
    await stage.caught_up()
    for _ in range(4):  # each connection has prepared it
        await stage.read()
    yield stage
    await stage.there.execute("select pg_wal_replay_resume()")
    await stage.there.close()
    network.heal()
    await replica.close()
    await primary.dispose()


async def test_a_query_is_the_replicas_in_three_round_trips(stage: Stage) -> None:
    assert (await stage.read()).way == "planned"
    assert stage.asked_there == 3


async def test_row_security_holds_there(stage: Stage) -> None:
    own = {whose: await stage.read(who=getattr(stage.world.acme, whose)) for whose in ("owner", "member")}
    theirs = await stage.read(who=stage.world.globex.owner)
    assert stage.asked_there
    for answered in (*own.values(), theirs):
        assert answered.outcome == "ok"
    seen = [
        {node["slug"] for node in orjson.loads(one.body)["data"]["events"]["nodes"]} for one in (*own.values(), theirs)
    ]
    assert seen[0]
    assert seen[2]
    assert not seen[0] & seen[2]
    guest = await stage.read(who=stage.world.nobody)
    assert b"UNAUTHENTICATED" in guest.body
    with pytest.raises(asyncpg.PostgresError):
        async with operation(stage.replica.engine, Claims()) as transaction:
            await transaction._driver.fetch("select * from app.events")


async def test_a_stranger_is_refused_by_the_primary_alone_and_it_is_kept(stage: Stage) -> None:
    answered = await stage.read(who=stage.world.acme.suspended)

    assert (answered.outcome, answered.code) == ("refused", "FORBIDDEN")
    assert len(await stage.world.acme.audited("UNAUTHORIZED_ACCESS_ATTEMPT")) == 1


async def test_who_joined_a_moment_ago_is_not_refused_for_the_replicas_lag(stage: Stage) -> None:
    await stage.lags()
    await stage.world.acme.truth(
        "update app.user_org_memberships set status = 'active' where workos_user_id = $1 returning 1",
        stage.world.acme.suspended.user_id,
    )

    assert (await stage.read(who=stage.world.acme.suspended)).outcome == "ok"
    assert stage.asked_there


async def test_what_one_has_written_is_read_however_far_the_replica_is_behind(stage: Stage) -> None:
    await stage.lags()
    slug, answered = await stage.write()
    assert answered.outcome == "ok"
    assert answered.written is not None
    # Without the position the old state is read: so the test is one.
    assert slug not in await stage.slugs()
    assert stage.asked_there
    assert slug in await stage.slugs(answered.written)

    await stage.there.execute("select pg_wal_replay_resume()")
    await stage.caught_up()
    assert slug in await stage.slugs(answered.written)
    assert stage.asked_there == 3


async def test_nobody_reads_what_is_older_than_the_floor(stage: Stage) -> None:
    await stage.lags()
    slug, _ = await stage.write()
    stage.replica._floor = await stage.replica.position()  # what the process sees of the primary, a second later

    assert slug in await stage.slugs()


async def test_the_floor_follows_the_primary_by_itself(stage: Stage) -> None:
    stage.replica._floor = stage.replica._latest = None
    before = await stage.replica.position()
    for _ in range(2):
        stage.replica._observed_at = float("-inf")
        assert (await stage.read()).outcome == "ok"
        assert stage.asked_there == 0  # nothing is known yet
        assert stage.replica._observing is not None
        await stage.replica._observing
    await stage.caught_up()

    assert stage.replica._floor is not None
    assert stage.replica._floor >= before


async def test_a_mutation_never_goes_there_nor_does_a_read_that_is_recorded(stage: Stage) -> None:
    turns = stage.network.turns
    assert (await stage.write())[1].outcome == "ok"
    notes = "{ meetings(first: 1) { nodes { guestNotes } } }"
    assert (await stage.owner.answer(notes)).outcome == "ok"

    assert stage.network.turns == turns
    assert await stage.world.acme.truth(
        "select count(*) from app.audit_logs where org_id = $1 and action like '%VIEW%'", stage.world.acme.rows.id
    )


@pytest.mark.parametrize("written", [END, 2**63, 2**64 - 2], ids=["the end", "far away", "almost the end"])
async def test_a_position_that_nobody_has_come_to_is_read_from_the_primary_at_once(written: int, stage: Stage) -> None:
    clock = asyncio.get_running_loop().time
    began = clock()

    assert (await stage.read(written)).outcome == "ok"

    assert clock() - began < 2
    assert (await stage.read()).outcome == "ok"
    assert stage.asked_there == 3  # and it is nobody else's matter


async def test_without_the_replica_the_primary_answers_and_with_it_again_the_replica(
    stage: Stage, standby: Standby
) -> None:
    await asyncio.to_thread(standby.stop)
    try:
        answers = [await stage.read() for _ in range(3)]
        assert stage.asked_there == 0
    finally:
        await asyncio.to_thread(standby.start)
    assert {answered.outcome for answered in answers} == {"ok"}

    await stage.there.close()
    stage.there = await asyncpg.connect(standby.url("postgres"))
    await stage.caught_up()
    assert (await stage.read()).outcome == "ok"
    assert stage.asked_there


async def test_a_silent_replica_costs_one_read_a_moment_and_the_next_nothing(stage: Stage) -> None:
    await asyncio.gather(*(stage.read() for _ in range(2)))
    stage.network.silent = True
    clock = asyncio.get_running_loop().time
    took = []
    for _ in range(3):
        began = clock()
        assert (await stage.read()).outcome == "ok"
        took.append(clock() - began)
    stage.network.heal()

    assert took[0] < stage.graph.deadline_s
    assert max(took[1:]) < 1


async def test_a_replica_that_ends_a_query_is_followed_by_the_primary(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a standby does where a row is removed that the query might still see: 40001."""
    fetchrow = asyncpg.Connection.fetchrow
    ended: list[str] = []

    async def ends_the_first(connection: Any, *given: Any, **named: Any) -> Any:
        if not ended:
            ended.append("here")
            raise asyncpg.SerializationError("canceling statement due to conflict with recovery")
        return await fetchrow(connection, *given, **named)

    monkeypatch.setattr(asyncpg.Connection, "fetchrow", ends_the_first)

    assert (await stage.read()).outcome == "ok"
    assert ended


async def test_a_primary_that_became_a_standby_takes_no_writes_and_is_left(stage: Stage) -> None:
    """DATABASE_URL leads to a standby after a failover: whoever writes comes back, and finds another connection."""
    claims = Claims(user_id=stage.owner.user_id, workos_org_id=stage.owner.principal.organization_id)
    dropped: list[Any] = []
    event.listen(stage.replica.engine.sync_engine, "invalidate", lambda *given: dropped.append(given))
    with pytest.raises(Unreachable):
        async with operation(stage.replica.engine, claims, mode="write") as transaction:
            await transaction.execute(text("select 1"))
    assert dropped

    graph = replace(stage.graph, engine=stage.replica.engine, replica=None)
    answered = await Asker(graph, stage.owner.principal).answer(
        document_of("createEvent"), input={"name": "x", "slug": unique(), "durationInMinutes": 30}
    )
    assert (answered.outcome, answered.code) == ("unavailable", "DB_UNAVAILABLE")


def test_a_position_is_read_and_written_as_postgres_does() -> None:
    for position in ("0/0", "0/3000060", "1A/FFFFFFFF", "FFFFFFFF/FFFFFFFF"):
        assert lsn(number(position)) == position
    assert number("FFFFFFFF/FFFFFFFF") == END
