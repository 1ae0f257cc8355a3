"""What operations answer and what they send to Postgres, kept beside them in snapshots/.

An N+1, a missing scope or a statement too many is a difference in review. `SNAPSHOTS=write pytest …` writes them anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from graph.operation import Graph
from tests.graph.asking import Acting, Asker
from tests.graph.said import said, statements, written
from tests.personas import as_worker

FOLDER = Path(__file__).parent / "snapshots"
NAMES = sorted(path.stem for path in FOLDER.glob("*.graphql"))
WRITES = os.environ.get("SNAPSHOTS") == "write"

# What is one statement; the interpreter's statements for it stand beside it.
PLANNED = ("audit_logs", "first_page", "nested_connections", "node")
# Who asks, where it is not the owner.
ASKED_BY = {"refused": "colleague"}
_MADE_UP = re.compile(r"[0-9a-f]{16}")
_MOMENT = re.compile(r'"20\d\d-(?!06-01)[0-9T:.Z-]+"')


async def variables(acme: Acting) -> dict[str, Any]:
    return {
        "meeting": acme.id_of("Meeting", "meetings"),
        "event": acme.id_of("Event", "events"),
        "events": [acme.id_of("Event", "events", whose) for whose in ("member", "owner", "admin")],
        "user": await acme.user_id_of("owner"),
    }


def masked(body: bytes, given: dict[str, Any]) -> str:
    """The answer without what is random: ids that were given by their name, others numbered, words blanked."""
    text = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode() + "\n"
    for name, value in given.items():
        text = text.replace(str(value), f"<{name}>")
    numbers: dict[str, int] = {}
    text = re.sub(
        r'"id": "([A-Za-z0-9_-]{40,})"', lambda id_: f'"id": "<{numbers.setdefault(id_[1], len(numbers) + 1)}>"', text
    )
    return _MOMENT.sub('"<moment>"', _MADE_UP.sub("<random>", text))


@pytest.fixture
def interpreter(graph: Graph) -> Graph:
    return Graph.over(graph.schema, graph.engine, plans=False)


@pytest.mark.parametrize("name", NAMES)
async def test_the_answer_and_the_statements_of(name: str, acme: Acting) -> None:
    way = await compared(name, f"{name}.sql", acme, acme.askers[ASKED_BY.get(name, "owner")])

    assert (way == "planned") is (name in PLANNED), way


@pytest.mark.parametrize("name", PLANNED)
async def test_the_same_answer_and_the_statements_of_the_interpreter(
    name: str, acme: Acting, interpreter: Graph
) -> None:
    way = await compared(name, f"{name}.interpreted.sql", acme, Asker(interpreter, acme.owner.principal))

    assert way == "interpreted; plans are off"


async def compared(name: str, statements_in: str, acme: Acting, asker: Asker) -> str | None:
    """Compare what is answered, and what is sent meanwhile, with the snapshots; the way in which it was found."""
    document = (FOLDER / f"{name}.graphql").read_text()
    given = await variables(acme)
    used = {key: value for key, value in given.items() if f"${key}:" in document}

    with said(asker.graph.engine) as heard:
        answered = await asker.answer(document, **used)

    assert answered.outcome == "ok"
    for path, found in (
        (FOLDER / statements_in, written(heard)),
        (FOLDER / f"{name}.json", masked(answered.body, used)),
    ):
        if WRITES:
            path.write_text(found)
        assert path.read_text() == found, f"{path.name} differs: SNAPSHOTS=write pytest {__file__} shows how"
    return answered.way


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.sql")))
def test_every_snapshot_begins_a_scope_and_ends_it(name: str) -> None:
    sql = (FOLDER / name).read_text()

    assert re.match(r"begin isolation level (repeatable read read only|repeatable read read write|read committed)", sql)
    assert "select set_config('…', entrance.enter(), true)" in sql or "entrance.enter()" in sql
    begun = sql.count("begin isolation") + sql.count("begin;")
    assert sql.count("commit;") + sql.count("rollback;") == begun
    assert sql.count("commit;") >= 1


async def statements_of(asker: Asker, query: str, **given: Any) -> list[str]:
    with said(asker.graph.engine) as heard:
        await asker.ask(query, **given)
    return statements(heard)


FIRST_PAGE = (FOLDER / "first_page.graphql").read_text()


@pytest.fixture
async def many(acme: Acting) -> Acting:
    """More meetings than the largest page has."""
    async with as_worker(acme.database) as worker:
        await worker.execute(
            """insert into app.meetings (org_id, event_id, workos_user_id, guest_email, guest_name, guest_timezone,
                start_time, end_time)
            select e.org_id, e.id, e.workos_user_id, 'ana@guests.test', 'Ana', 'UTC', at, at + interval '30 minutes'
            from app.events e, generate_series(1, 20) n, lateral (values (now() + n * interval '3 days')) moment (at)
            where e.org_id = $1 and e.workos_user_id <> $2""",
            acme.rows.id,
            acme.askers["both"].user_id,
        )
    return acme


async def test_the_first_page_takes_one_statement_whatever_its_size(many: Acting) -> None:
    for size in (1, 20, 100):
        sent = await statements_of(many.owner, FIRST_PAGE.replace("first: 20", f"first: {size}"))

        assert len(sent) == 1


async def test_the_interpreter_takes_three_for_it_whatever_its_size(many: Acting, interpreter: Graph) -> None:
    asker = Asker(interpreter, many.owner.principal)
    sized = {
        size: await statements_of(asker, FIRST_PAGE.replace("first: 20", f"first: {size}")) for size in (1, 20, 100)
    }

    assert {size: len(sent) for size, sent in sized.items()} == {1: 3, 20: 3, 100: 3}
    assert len({tuple(sent) for sent in sized.values()}) == 1


async def test_an_operation_is_one_frame_its_statements_and_one_commit(acme: Acting, graph: Graph) -> None:
    with said(graph.engine) as heard:
        await acme.owner.ask("{ viewer { role } }")

    assert heard[0].startswith("begin isolation level repeatable read read only; select set_config(")
    assert heard[-1] == "commit"
    assert len(heard) == 3
