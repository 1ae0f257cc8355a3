"""Two operations meet: the one that was rolled back runs once more, and only then says that it met another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson
import pytest
from sqlalchemy import text

from db.engine import create_engine
from graph.context import Context
from graph.operation import Graph
from tests.graph import rehearsal
from tests.graph.asking import Acting, Asker
from tests.make import unique
from tests.personas import Connection, Database, as_superuser

REHEARSE = """mutation($input: RehearseInput!) {
    one: rehearse(input: $input) { __typename ... on Event { slug } ... on Failure { code } } }"""
TWO = """mutation($a: RehearseInput!, $b: RehearseInput!) {
    a: rehearse(input: $a) { __typename } b: rehearse(input: $b) { __typename } }"""
WAITING = "select count(*) from pg_stat_activity where usename = $1 and wait_event_type = 'Lock'"

Run = Callable[[Context, int], Awaitable[Any]]


@dataclass
class Meeting:
    """An owner who rehearses, and somebody else who stands in the way."""

    asker: Asker
    acting: Acting
    other: Connection
    monkeypatch: pytest.MonkeyPatch
    runs: list[int] = field(default_factory=list)

    def goes(self, run: Run) -> None:
        """What the way "meets" does; it is told which run this is, from 1."""

        async def meets(context: Context) -> Any:
            self.runs.append(len(self.runs) + 1)
            return await run(context, len(self.runs))

        self.monkeypatch.setitem(rehearsal.WAYS, "meets", meets)

    async def rehearse(self, slug: str) -> Any:
        return await self.asker.body(REHEARSE, input={"slug": slug, "way": "meets"})

    async def trail(self) -> list[tuple[str, str]]:
        rows = await self.other.fetch(
            """select action, outcome from app.audit_logs where org_id = $1 and request_id is not null order by 1, 2""",
            self.acting.rows.id,
        )
        return [(row[0], row[1]) for row in rows]

    async def waits(self, login: str) -> None:
        """Until a session of this login waits for a lock."""
        async with as_superuser(self.acting.database) as watcher, asyncio.timeout(10):
            while not await watcher.fetchval(WAITING, login):  # noqa: ASYNC110 - it happens in Postgres
                await asyncio.sleep(0.01)


@pytest.fixture
async def meeting(
    graph: Graph, database: Database, acme: Acting, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Meeting]:
    engine = create_engine(database.api, size=1)
    async with as_superuser(database) as other:
        yield Meeting(Asker(Graph.over(rehearsal.build(), engine), acme.owner.principal), acme, other, monkeypatch)
    await engine.dispose()


def stored(slug: str) -> dict[str, Any]:
    return {"data": {"one": {"__typename": "Event", "slug": slug}}}


CONFLICT = {"data": {"one": {"__typename": "Conflict", "code": "CONFLICT"}}}
ONCE = [("EVENT_CREATED", "success")]


async def locks(context: Context) -> None:
    await context.transaction.execute(text("select id from app.events for update nowait"))


async def test_who_finds_a_lock_held_runs_once_more_and_is_stored_once(meeting: Meeting) -> None:
    await meeting.other.execute("begin; select id from app.events for update")

    async def run(context: Context, number: int) -> None:
        if number > 1:
            await meeting.other.execute("rollback")
        await locks(context)

    meeting.goes(run)

    assert await meeting.rehearse(slug := unique()) == stored(slug)
    assert meeting.runs == [1, 2]
    assert await meeting.trail() == ONCE


async def test_who_finds_it_held_twice_reads_a_conflict_and_nothing_is_stored(meeting: Meeting) -> None:
    await meeting.other.execute("begin; select id from app.events for update")
    meeting.goes(lambda context, _: locks(context))

    assert await meeting.rehearse(slug := unique()) == CONFLICT
    await meeting.other.execute("rollback")

    assert meeting.runs == [1, 2]
    assert await meeting.other.fetchval("select count(*) from app.events where slug = $1", slug) == 0
    assert await meeting.trail() == []


async def test_of_two_that_wait_for_each_other_the_one_that_postgres_ends_runs_once_more(meeting: Meeting) -> None:
    own, theirs = (meeting.acting.row("events", whose) for whose in ("owner", "member"))
    lock = "select 1 from app.events where id = {} for update"
    await meeting.other.execute("set deadlock_timeout = '1min'")  # so that Postgres ends ours
    await meeting.other.execute(f"begin; {lock.format('$1')}".replace("$1", f"'{theirs}'"))
    waiting: list[asyncio.Task[Any]] = []

    async def run(context: Context, number: int) -> None:
        if number > 1:
            await waiting[0]
            await meeting.other.execute("commit")
            return
        await context.transaction.execute(text("select set_config('lock_timeout', '10s', true)"))
        await context.transaction.execute(text(lock.format(":id")), {"id": own})
        waiting.append(asyncio.create_task(meeting.other.execute(lock.format(f"'{own}'"))))
        await meeting.waits("postgres")
        await context.transaction.execute(text(lock.format(":id")), {"id": theirs})

    meeting.goes(run)

    assert await meeting.rehearse(slug := unique()) == stored(slug)
    assert meeting.runs == [1, 2]
    assert await meeting.trail() == ONCE


async def test_a_name_that_somebody_takes_meanwhile_is_seen_by_the_second_run(meeting: Meeting) -> None:
    name = unique()
    add = """insert into app.events ({org} workos_user_id, name, slug, duration_in_minutes)
        values ({value} '{host}', 'Taken', '{name}', 30)"""
    host = meeting.acting.owner.user_id
    await meeting.other.execute("begin")
    await meeting.other.execute(add.format(org="org_id,", value=f"'{meeting.acting.rows.id}',", host=host, name=name))
    seen: list[int] = []

    async def looks_and_adds(context: Context, number: int) -> None:
        count = text("select count(*) from app.events where slug = :slug")
        [(found,)] = await context.transaction.execute(count, {"slug": name})
        seen.append(found)
        if not found:
            await context.transaction.execute(text(add.format(org="", value="", host=host, name=name)))

    meeting.goes(looks_and_adds)
    asked = asyncio.create_task(meeting.rehearse(slug := unique()))
    await meeting.waits("orgraph_api")
    await meeting.other.execute("commit")

    assert await asked == stored(slug)
    assert seen == [0, 1]
    assert await meeting.trail() == ONCE


async def test_a_constraint_that_nobody_named_is_a_conflict_and_a_line_of_the_log(
    meeting: Meeting, caplog: pytest.LogCaptureFixture
) -> None:
    taken = """insert into app.events (workos_user_id, name, slug, duration_in_minutes)
        select workos_user_id, name, slug, 30 from app.events where workos_user_id = app.current_user_id() limit 1"""
    meeting.goes(lambda context, _: context.transaction.execute(text(taken)))

    assert await meeting.rehearse(unique()) == CONFLICT
    assert meeting.runs == [1, 2]
    assert "IntegrityError sqlstate=23505" in caplog.text


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03", "23P01"])
async def test_whatever_postgres_calls_it_a_document_runs_once_more_as_a_whole(state: str, meeting: Meeting) -> None:
    async def run(context: Context, number: int) -> None:
        if number == 1:
            said = f"do $$ begin raise exception 'met' using errcode = '{state}'; end $$"
            await context.transaction.execute(text(said))

    meeting.goes(run)
    first, second = unique(), unique()
    rehearsal.RAN.clear()

    body = await meeting.asker.body(TWO, a={"slug": first}, b={"slug": second, "way": "meets"})

    assert body == {"data": {"a": {"__typename": "Event"}, "b": {"__typename": "Event"}}}
    assert [first, second, first, second] == rehearsal.RAN
    assert await meeting.trail() == ONCE * 2


async def test_another_fault_is_not_tried_again(meeting: Meeting) -> None:
    meeting.goes(lambda context, _: context.transaction.execute(text("select 1 / 0")))

    assert (await meeting.rehearse(unique()))["data"] is None
    assert meeting.runs == [1]
    assert await meeting.trail() == [("EVENT_CREATED", "failed")]


@pytest.mark.parametrize(
    ("error", "code", "runs"),
    [
        (asyncpg.SerializationError("met"), None, [1, 2]),
        (asyncpg.DeadlockDetectedError("met"), None, [1, 2]),
        (asyncpg.ConnectionDoesNotExistError("gone"), "COMMIT_UNKNOWN", [1]),
    ],
    ids=["refused", "ended", "unknown"],
)
async def test_a_commit_that_was_refused_runs_once_more_and_one_that_may_have_been_stored_never(
    error: Exception, code: str | None, runs: list[int], *, meeting: Meeting
) -> None:
    execute = asyncpg.Connection.execute
    refused: list[str] = []

    async def refuses_once(connection: Any, statement: str, *given: Any, **named: Any) -> Any:
        if statement == "commit" and not refused:
            refused.append(statement)
            raise error
        return await execute(connection, statement, *given, **named)

    async def well(*_: Any) -> None:
        pass

    meeting.goes(well)
    meeting.monkeypatch.setattr(asyncpg.Connection, "execute", refuses_once)

    body = await meeting.rehearse(slug := unique())

    assert meeting.runs == runs
    if code is None:
        assert body == stored(slug)
        assert await meeting.trail() == ONCE
    else:
        assert body["errors"][0]["extensions"]["code"] == code
        assert "data" not in body


async def test_a_statement_prepared_before_a_migration_is_prepared_anew(meeting: Meeting) -> None:
    table = f"app.scratch_{unique()}"
    await meeting.other.execute(f"create table {table} (a int); grant select on {table} to orgraph_manager")
    meeting.monkeypatch.setitem(rehearsal.WAYS, "reads", rehearsal.saying(f"select * from {table}"))
    try:
        for change in ("add b text", "alter a type text", "drop b"):
            assert await meeting.asker.body('{ ask(way: "reads") }') == {"data": {"ask": 1}}
            await meeting.other.execute(f"alter table {table} {change}")
        answered = await meeting.asker.answer('{ ask(way: "reads") }')
        assert orjson.loads(answered.body) == {"data": {"ask": 1}}
    finally:
        await meeting.other.execute(f"drop table {table}")
