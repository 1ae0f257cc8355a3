"""What the trail keeps of an operation that was refused: a denial, a failure or nothing, whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from db.engine import create_engine
from db.scope import record_denial
from graph.context import Context
from graph.errors import BadUserInput
from graph.operation import Graph
from tests.graph import rehearsal
from tests.graph.asking import Acting, Asker, World
from tests.make import unique
from tests.personas import Database, as_superuser

REHEARSE = "mutation($input: RehearseInput!) { rehearse(input: $input) { __typename } }"
TWO = """mutation($one: RehearseInput!, $two: RehearseInput!) {
    one: rehearse(input: $one) { __typename } two: rehearse(input: $two) { __typename } }"""


@pytest.fixture(scope="session")
async def rehearsing(database: Database) -> AsyncIterator[Graph]:
    """The graph of the rehearsal, with a pool of its own."""
    engine = create_engine(database.api, size=3)
    yield Graph.over(rehearsal.build(), engine)
    await engine.dispose()


@pytest.fixture
def owner(rehearsing: Graph, acme: Acting) -> Asker:
    return replace(acme.owner, graph=rehearsing)


async def kept(asker: Asker, database: Database) -> list[tuple[str, str]]:
    """Action and outcome of everything that this person's requests have left, in any organization."""
    async with as_superuser(database) as superuser:
        rows = await superuser.fetch(
            """select action, outcome from app.audit_logs
            where actor_id = $1 and request_id is not null order by created_at, action""",
            asker.user_id,
        )
    return [(row[0], row[1]) for row in rows]


DENIED = ("UNAUTHORIZED_ACCESS_ATTEMPT", "denied")
FAILED = ("EVENT_CREATED", "failed")


async def test_a_value_that_is_not_acceptable_is_no_denial_and_no_failure(
    owner: Asker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(*_: Any) -> None:
        raise BadUserInput("slug must be shorter")

    monkeypatch.setattr(rehearsal, "add", refuses)

    body = await owner.body(REHEARSE, input={"slug": unique()})

    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]
    assert await kept(owner, database) == []


async def test_what_an_earlier_field_had_changed_has_failed_when_a_bad_value_takes_it_back(
    owner: Asker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rehearsal.WAYS, "malformed", rehearsal.raising(lambda: BadUserInput("It must be shorter.")))

    await owner.body(TWO, one={"slug": unique()}, two={"slug": unique(), "way": "malformed"})

    assert await kept(owner, database) == [FAILED]


async def test_a_fault_is_a_failure_and_no_denial(owner: Asker, database: Database) -> None:
    await owner.body(REHEARSE, input={"slug": unique(), "way": "ValueError"})

    assert await kept(owner, database) == [FAILED]


async def test_who_acts_without_an_organization_is_denied(rehearsing: Graph, world: World, database: Database) -> None:
    stranger = replace(world.stranger, graph=rehearsing)

    await stranger.body(REHEARSE, input={"slug": unique()})

    assert await kept(stranger, database) == [DENIED]


async def test_a_denial_is_kept_though_the_client_leaves_before_the_answer(
    owner: Asker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep = asyncio.Event()

    async def sleeps(context: Context) -> None:
        asleep.set()
        await rehearsal.sleeps_for_long(context)

    monkeypatch.setitem(rehearsal.WAYS, "sleeps", sleeps)
    refused, second = {"slug": unique(), "way": "denied_by_policy"}, {"slug": unique(), "way": "sleeps"}

    task = asyncio.create_task(owner.body(TWO, one=refused, two=second))
    await asleep.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert sorted(await kept(owner, database)) == sorted([DENIED, FAILED])


@pytest.mark.parametrize("who", ["owner", "suspended"])
async def test_a_denial_is_kept_though_the_client_leaves_while_it_is_written(
    who: str, rehearsing: Graph, acme: Acting, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a field was refused, or the person whole."""
    writing = asyncio.Event()

    async def writes(*given: Any) -> None:
        writing.set()
        await record_denial(*given)

    monkeypatch.setattr("graph.operation.record_denial", writes)
    asker = replace(acme.askers[who], graph=rehearsing)

    task = asyncio.create_task(asker.body(REHEARSE, input={"slug": unique(), "way": "denied_by_policy"}))
    await writing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await kept(asker, database) == [DENIED]
