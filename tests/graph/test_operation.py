"""The life of an operation: what takes no connection, what is stored, and what a client is told when it fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
from sqlalchemy import event, text

from auth.principal import Principal
from db.engine import create_engine
from db.scope import Claims, operation, worker
from graph import operation as running
from graph.context import Context
from graph.operation import Asked, Graph, run
from graph.schema import build
from tests.graph import rehearsal
from tests.graph.asking import Acting, Asker, World
from tests.graph.rehearsal import RAISED, RAN, REFUSED, SECRET
from tests.make import unique
from tests.personas import Database, as_superuser

REHEARSE = "mutation($input: RehearseInput!) { one: rehearse(input: $input) { __typename ... on Event { slug } } }"


@pytest.fixture(scope="session")
async def stage(database: Database) -> AsyncIterator[Graph]:
    """The graph of the rehearsal, with a pool of its own."""
    engine = create_engine(database.api, size=3)
    yield Graph.over(rehearsal.build(), engine)
    await engine.dispose()


@dataclass(frozen=True)
class Director:
    """An owner who rehearses."""

    asker: Asker
    acting: Acting

    async def rehearse(self, **value: Any) -> Any:
        return await self.asker.body(REHEARSE, input=value)

    async def stored(self, *slugs: str) -> list[str]:
        async with as_superuser(self.acting.database) as superuser:
            rows = await superuser.fetch("select slug from app.events where slug = any ($1) order by slug", slugs)
        return [row[0] for row in rows]

    async def outcomes(self) -> list[tuple[str, str]]:
        """Every action of the organization's trail that a rehearsal left, with its outcome."""
        async with as_superuser(self.acting.database) as superuser:
            rows = await superuser.fetch(
                "select action, outcome from app.audit_logs where org_id = $1 and request_id is not null order by 2, 1",
                self.acting.rows.id,
            )
        return [(row[0], row[1]) for row in rows]


@pytest.fixture
def director(stage: Graph, acme: Acting) -> Director:
    RAN.clear()
    return Director(Asker(stage, acme.owner.principal), acme)


def code_of(body: Any) -> str:
    code: str = body["errors"][0]["extensions"]["code"]
    return code


# --- what takes no connection


@pytest.mark.parametrize(
    ("document", "name", "variables", "code"),
    [
        ("{ viewer {", None, {}, "GRAPHQL_PARSE_FAILED"),
        ("", None, {}, "GRAPHQL_PARSE_FAILED"),
        ("{ viewer { nothing } }", None, {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer { ...f } } fragment f on Viewer { ...f }", None, {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query a { viewer { role } } query b { viewer { role } }", None, {}, "OPERATION_NAME_REQUIRED"),
        ("query a { viewer { role } }", "b", {}, "OPERATION_NOT_FOUND"),
        ("query($id: ID!) { node(id: $id) { id } }", None, {}, "BAD_USER_INPUT"),
        ("query($n: Int) { events(first: $n) { totalCount } }", None, {"n": "5"}, "BAD_USER_INPUT"),
        ("query($n: Int) { events(first: $n) { totalCount } }", None, {"n": 2**31}, "BAD_USER_INPUT"),
        ("fragment f on Viewer { role }", None, {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{ " * 3_000, None, {}, "GRAPHQL_PARSE_FAILED"),
    ],
)
async def test_what_cannot_run_takes_no_connection(
    document: str, name: str | None, variables: dict[str, Any], code: str, *, database: Database, world: World
) -> None:
    taken: list[Any] = []
    engine = create_engine(database.api, size=1)
    event.listen(engine.sync_engine, "checkout", lambda *given: taken.append(given))
    owner = Asker(Graph.over(build(), engine), world.acme.owner.principal)

    body = orjson.loads((await owner.answer(document, name, **variables)).body)

    assert "data" not in body
    assert code_of(body) == code
    assert taken == []
    await owner.ask("{ viewer { role } }")
    assert len(taken) == 1
    await engine.dispose()


async def test_a_mutation_over_get_takes_no_connection() -> None:
    engine = create_engine("postgresql://nobody@127.0.0.1:1/nowhere", size=1)
    asked = Asked('mutation { archiveEvent(input: {id: "x"}) { __typename } }', may_mutate=False)

    answered = await run(Graph.over(build(), engine), Principal("user", "user_1", "org_1", None), asked)

    assert (answered.outcome, answered.code) == ("get_mutation", "METHOD_NOT_ALLOWED")


# --- all or nothing


THREE = """mutation($a: RehearseInput!, $b: RehearseInput!, $c: RehearseInput!) {
    a: rehearse(input: $a) { __typename } b: rehearse(input: $b) { __typename } c: rehearse(input: $c) { __typename }
}"""


async def test_three_fields_that_go_well_are_stored_with_a_row_each(director: Director) -> None:
    slugs = sorted(unique() for _ in range(3))

    data = await director.asker.ask(THREE, **{name: {"slug": slug} for name, slug in zip("abc", slugs, strict=True)})

    assert data == {name: {"__typename": "Event"} for name in "abc"}
    assert await director.stored(*slugs) == slugs
    assert await director.outcomes() == [("EVENT_CREATED", "success")] * 3


@pytest.mark.parametrize("fails", ["a", "b", "c"])
async def test_after_an_error_nothing_is_stored_and_later_fields_are_not_run(fails: str, director: Director) -> None:
    slugs = {name: unique() for name in "abc"}

    body = await director.asker.body(
        THREE,
        **{name: {"slug": slug, "way": "ValueError" if name == fails else "well"} for name, slug in slugs.items()},
    )

    assert body["data"] is None
    assert body["extensions"] == {"rolledBack": True}
    assert [(error["path"], error["extensions"]["rolledBack"]) for error in body["errors"]] == [([fails], True)]
    assert await director.stored(*slugs.values()) == []
    assert [name for name, slug in slugs.items() if slug in RAN] == [name for name in "abc" if name <= fails]
    assert await director.outcomes() == [("EVENT_CREATED", "failed")]


async def test_an_error_inside_an_answer_takes_the_mutation_back(director: Director) -> None:
    slug = unique()
    query = """mutation($input: RehearseInput!) { rehearse(input: $input) {
        ... on Event { meetings(first: 0) { totalCount } } } }"""

    body = await director.asker.body(query, input={"slug": slug})

    assert (body["data"], body["extensions"]) == (None, {"rolledBack": True})
    assert code_of(body) == "BAD_USER_INPUT"
    assert await director.stored(slug) == []
    assert await director.outcomes() == [("EVENT_CREATED", "failed")]


async def test_a_failure_as_data_undoes_its_own_field_only(director: Director) -> None:
    slugs = {name: unique() for name in "abc"}

    body = await director.asker.body(
        THREE, **{name: {"slug": slug, "way": "failure" if name == "b" else "well"} for name, slug in slugs.items()}
    )

    assert body == {
        "data": {"a": {"__typename": "Event"}, "b": {"__typename": "SlotTaken"}, "c": {"__typename": "Event"}}
    }
    assert await director.stored(*slugs.values()) == sorted((slugs["a"], slugs["c"]))
    assert await director.outcomes() == [("EVENT_CREATED", "success")] * 2


async def test_a_mutation_that_recorded_nothing_does_not_commit_and_only_the_log_names_it(
    director: Director, caplog: pytest.LogCaptureFixture
) -> None:
    slug = unique()

    body = await director.rehearse(slug=slug, way="unaudited")

    assert body["data"] is None
    assert code_of(body) == "INTERNAL"
    assert "rehearse" not in orjson.dumps(body).decode()
    assert "the mutation rehearse recorded no audit row" in caplog.text
    assert await director.stored(slug) == []
    assert await director.outcomes() == [("EVENT_CREATED", "failed")]


async def test_a_mutation_whose_audit_row_cannot_be_written_is_not_stored(director: Director) -> None:
    slug = unique()

    body = await director.rehearse(slug=slug, way="records_nonsense")

    assert "data" not in body
    assert code_of(body) == "INTERNAL"
    assert await director.stored(slug) == []
    assert ("EVENT_CREATED", "success") not in await director.outcomes()


async def test_a_commit_that_fails_is_never_answered_with_data(director: Director, database: Database) -> None:
    slug = unique()
    async with as_superuser(database) as superuser:
        await superuser.execute(f"""
            create function public.refuse_late() returns trigger language plpgsql as $$ begin
                raise exception 'too late for {SECRET}' using errcode = '23514'; end $$;
            create constraint trigger refuse_late after insert on app.events deferrable initially deferred
                for each row when (new.slug = '{slug}') execute function public.refuse_late()""")
        try:
            body = await director.rehearse(slug=slug)
        finally:
            await superuser.execute("drop trigger refuse_late on app.events; drop function public.refuse_late()")

    assert "data" not in body
    assert code_of(body) == "INTERNAL"
    assert SECRET not in orjson.dumps(body).decode()
    assert await director.stored(slug) == []
    assert await director.outcomes() == [("EVENT_CREATED", "failed")]


@pytest.mark.parametrize("then", ["", "select 1"])
async def test_a_lost_connection_stores_nothing(then: str, director: Director, monkeypatch: pytest.MonkeyPatch) -> None:
    slug = unique()

    async def hangs_up(context: Context) -> None:
        pid = await context.transaction.scalar(text("select pg_backend_pid()"))
        await director.acting.truth("select pg_terminate_backend($1, 5000)", pid)
        if then:
            await context.transaction.execute(text(then))

    monkeypatch.setitem(rehearsal.WAYS, "hangs_up", hangs_up)

    body = await director.rehearse(slug=slug, way="hangs_up")

    assert body.get("data") is None
    assert code_of(body) in ("DB_UNAVAILABLE", "COMMIT_UNKNOWN")
    assert await director.stored(slug) == []


async def test_a_guest_mutates_nothing(stage: Graph, director: Director, world: World) -> None:
    slug = unique()
    for asker, code in ((world.nobody, "UNAUTHENTICATED"), (world.stranger, "ORGANIZATION_REQUIRED")):
        body = await replace(asker, graph=stage).body(REHEARSE, input={"slug": slug})
        assert body["data"] is None
        assert code_of(body) == code

    assert RAN == []
    assert await director.stored(slug) == []


# --- time, and what is not there


def hasty(stage: Graph, acme: Acting, deadline_s: float = 0.3) -> Asker:
    return Asker(replace(stage, deadline_s=deadline_s), acme.owner.principal)


async def busy(database: Database) -> int:
    async with as_superuser(database) as superuser:
        found: int = await superuser.fetchval(
            "select count(*) from pg_stat_activity where usename = 'orgraph_api' and state <> 'idle'"
        )
    return found


@pytest.mark.parametrize("way", ["sleeps_for_long", "naps_often"])
async def test_the_deadline_ends_a_query_and_its_statement_in_postgres(
    way: str, stage: Graph, acme: Acting, database: Database
) -> None:
    began = asyncio.get_running_loop().time()

    body = await hasty(stage, acme).body("query($way: String!) { ask(way: $way) }", way=way)

    assert code_of(body) == "TIMEOUT"
    assert body.get("data") is None
    assert asyncio.get_running_loop().time() - began < 2
    assert await busy(database) == 0


async def test_the_deadline_ends_a_mutation_and_nothing_is_stored(
    stage: Graph, director: Director, database: Database
) -> None:
    slug = unique()

    body = await hasty(stage, director.acting).body(REHEARSE, input={"slug": slug, "way": "sleeps_for_long"})

    assert code_of(body) == "TIMEOUT"
    assert await busy(database) == 0
    assert await director.stored(slug) == []
    assert await director.outcomes() == [("EVENT_CREATED", "failed")]


async def test_a_statement_over_its_limit_is_a_timeout_of_the_query(
    stage: Graph, acme: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        rehearsal.WAYS, "well", rehearsal.saying("select set_config('statement_timeout', '20', true); ")
    )
    monkeypatch.setitem(rehearsal.WAYS, "sleeps", rehearsal.saying("select pg_sleep(5)"))

    body = await Asker(stage, acme.owner.principal).body('{ a: ask(way: "well") b: ask(way: "sleeps") }')

    assert code_of(body) == "TIMEOUT"


async def test_a_cancelled_operation_leaves_nothing_running(
    director: Director, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug = unique()
    asleep = asyncio.Event()

    async def sleeps(context: Context) -> None:
        asleep.set()
        await rehearsal.sleeps_for_long(context)

    monkeypatch.setitem(rehearsal.WAYS, "sleeps", sleeps)
    task = asyncio.create_task(director.rehearse(slug=slug, way="sleeps"))
    await asleep.wait()
    await asyncio.sleep(0.05)  # the statement is on its way

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await busy(database) == 0
    assert await director.stored(slug) == []


async def test_without_a_database_the_client_is_told_to_come_back(acme: Acting) -> None:
    engine = create_engine("postgresql://orgraph_api:secret@127.0.0.1:1/orgraph", size=1)
    asker = Asker(Graph.over(build(), engine), acme.owner.principal)

    answered = await asker.answer("{ viewer { role } }")

    assert (answered.outcome, answered.code) == ("unavailable", "DB_UNAVAILABLE")
    assert b"127.0.0.1" not in answered.body
    await engine.dispose()


async def test_without_a_free_connection_the_client_is_told_to_come_back(acme: Acting, database: Database) -> None:
    engine = create_engine(database.api, size=1, wait_s=0.1)
    asker = Asker(Graph.over(build(), engine), acme.owner.principal)

    async with operation(engine, Claims()):
        answered = await asker.answer("{ viewer { role } }")

    assert (answered.outcome, answered.code) == ("unavailable", "OVERLOADED")
    assert (await asker.answer("{ viewer { role } }")).outcome == "ok"
    await engine.dispose()


async def test_all_connections_dead_is_not_noticed_by_the_next_operation(
    director: Director, database: Database
) -> None:
    await asyncio.gather(*(director.rehearse(slug=unique()) for _ in range(3)))
    async with as_superuser(database) as superuser:
        await superuser.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'orgraph_api'"
        )
    slug = unique()

    body = await director.rehearse(slug=slug)

    assert body == {"data": {"one": {"__typename": "Event", "slug": slug}}}


# --- who is let in


async def test_a_suspended_member_is_refused_whole_and_the_attempt_is_kept(acme: Acting) -> None:
    answered = await acme.suspended.answer("{ viewer { role } }")

    assert (answered.outcome, answered.code) == ("refused", "FORBIDDEN")
    assert b"data" not in answered.body
    [denied] = await acme.audited("UNAUTHORIZED_ACCESS_ATTEMPT")
    assert (denied["actor_id"], denied["outcome"]) == (acme.suspended.user_id, "denied")


async def test_a_refusal_is_answered_though_it_cannot_be_kept(
    acme: Acting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(*_: Any) -> None:
        raise asyncpg.DiskFullError(SECRET)

    monkeypatch.setattr(running, "record_denial", fails)

    answered = await acme.suspended.answer("{ viewer { role } }")

    assert (answered.outcome, answered.code) == ("refused", "FORBIDDEN")
    assert "DiskFullError" in caplog.text
    assert SECRET not in caplog.text


# --- what is told


LEAKS = (SECRET, "select ", "selec ", "insert ", "app.", "events", "_key", "_check", "Traceback")
LIBRARIES = ("asyncpg", "sqlalchemy", ".py", "/")


@pytest.mark.parametrize("way", [*RAISED, *REFUSED])
async def test_the_text_of_a_fault_never_leaves(way: str, director: Director, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "orgraph"):
        answers = [
            await director.asker.answer("query($way: String!) { ask(way: $way) }", way=way),
            await director.asker.answer(REHEARSE, input={"slug": unique(), "way": way}),
        ]

    for answered in answers:
        body = orjson.loads(answered.body)
        assert body.get("data") in (None, {"ask": None}, {"one": {"__typename": "Conflict"}})
        for error in body.get("errors", ()):
            assert set(error) <= {"message", "locations", "path", "extensions"}
            assert set(error["extensions"]) <= {"code", "requestId", "rolledBack"}
            assert UUID(error["extensions"]["requestId"])
        assert [word for word in (*LEAKS, *LIBRARIES) if word in answered.body.decode()] == []
    assert [word for word in LEAKS if word in caplog.text] == []


async def test_a_fault_is_logged_once_with_the_request_id_that_the_client_reads(
    director: Director, caplog: pytest.LogCaptureFixture
) -> None:
    body = await director.rehearse(slug=unique(), way="ValueError")

    [record] = [one for one in caplog.records if one.name == "orgraph.errors"]
    assert record.__dict__["request_id"] == body["errors"][0]["extensions"]["requestId"]
    assert "ValueError" in record.message
    assert "mutation.py" in record.message


async def test_at_most_five_errors_are_answered(director: Director) -> None:
    many = " ".join(f'a{number}: ask(way: "ValueError")' for number in range(20))

    body = await director.asker.body(f"{{ {many} }}")

    assert len(body["errors"]) == 5


async def test_an_error_of_a_query_leaves_its_other_fields(director: Director) -> None:
    body = await director.asker.body('{ bad: ask(way: "ValueError") good: ask(way: "well") }')

    assert body["data"] == {"bad": None, "good": 1}
    assert [error["path"] for error in body["errors"]] == [["bad"]]


async def test_an_error_that_takes_an_object_with_it_leaves_no_statement_behind(acme: Acting) -> None:
    """Where a field that is never null fails, the fields beside it are not waited for: they may still be asking."""
    query = """{ organization { events(first: 0) { totalCount } memberships { nodes { user { email } } }
        meetings { totalCount nodes { host { email events { nodes { id } } } } } } }"""

    for _ in range(5):
        body = await acme.owner.body(query)
        assert body["data"] == {"organization": None}
        assert code_of(body) == "BAD_USER_INPUT"
        assert (await acme.owner.ask("{ viewer { role } }"))["viewer"]["role"] == "OWNER"


async def test_what_the_worker_and_the_api_do_is_told_apart_in_the_trail(acme: Acting, database: Database) -> None:
    engine = create_engine(database.worker, size=1)
    async with worker(engine, "nightly import") as transaction:
        entry = '[{"action": "EVENT_CREATED", "resource_type": "event", "resource_id": "by-worker"}]'
        statement = text("select app.record_system_audit(cast(:org as uuid), cast(:entry as jsonb))")
        await transaction.execute(statement, {"org": acme.rows.id, "entry": entry})
    await engine.dispose()

    [row] = await acme.audited("EVENT_CREATED", "by-worker")
    assert (row["actor_type"], row["actor_id"], row["outcome"]) == ("system", "nightly import", "success")


async def test_the_request_is_stamped_on_what_it_did(director: Director) -> None:
    request_id = uuid4()
    asked = Asked(
        REHEARSE.replace("mutation(", "mutation Rehearsal("),
        variables={"input": {"slug": unique()}},
        request_id=request_id,
        ip="198.51.100.4",
        user_agent="it's \\ me",
    )
    principal = replace(director.asker.principal, impersonator_id="user_support")

    assert (await run(director.asker.graph, principal, asked)).outcome == "ok"

    rows = await director.acting.audited("EVENT_CREATED")
    [row] = [row for row in rows if row["request_id"] == request_id]
    assert (row["actor_id"], row["impersonator_id"], row["operation_name"], str(row["ip"]), row["user_agent"]) == (
        principal.user_id,
        "user_support",
        "Rehearsal",
        "198.51.100.4",
        "it's \\ me",
    )
