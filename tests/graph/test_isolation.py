"""Whatever is asked of the schema, no word and no id of another organization is in the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import orjson
import pytest
from graphql import is_object_type
from sqlalchemy import event

from auth.principal import GUEST, Principal
from db.engine import create_engine
from graph.ids import global_id
from graph.limits.limits import DEFAULTS
from graph.operation import Graph
from graph.schema import build
from tests.graph.asking import Asker, World
from tests.graph.canaries import WORD, Planted, ids_of, plant
from tests.graph.walking import Walk, visited
from tests.personas import Database

EVERYTHING = [
    "organization:manage", "members:manage", "events:manage", "schedules:manage", "profiles:manage",
    "appointments:view", "appointments:manage", "payments:view", "payments:manage", "audit:view", "records:read",
]  # fmt: skip

# Only a mutation answers these, or nothing is ever asked of them by name; and here nobody has a budget.
UNASKED = {"Query", "Mutation", "RateLimit"}

# What must have been planted, or the walk proves little.
MUST_HOLD = {
    "events.description", "events.name", "events.slug",
    "meetings.cancellation_reason", "meetings.guest_email", "meetings.guest_name", "meetings.guest_notes",
    "meetings.meeting_url",
    "organizations.billing_email", "organizations.name", "organizations.slug",
    "profiles.first_name", "profiles.headline", "profiles.last_name", "profiles.long_bio", "profiles.profile_picture",
    "profiles.short_bio",
    "users.email", "users.first_name", "users.image_url", "users.last_name", "users.username",
}  # fmt: skip


@pytest.fixture(scope="module")
async def graph(database: Database) -> AsyncIterator[Graph]:
    """The graph, of which everything may be asked at once."""
    engine = create_engine(database.api)
    yield Graph.over(build(), engine, deadline_s=60, limits=replace(DEFAULTS, cost=1_000_000))
    await engine.dispose()


@pytest.fixture
async def planted(world: World) -> Planted:
    """Words in all of globex; and its owner, like acme's, may do everything, so that nothing is hidden by a right."""
    for acting in (world.acme, world.globex):
        await acting.truth(
            "update app.user_org_memberships set permissions = $1 where workos_user_id = $2",
            EVERYTHING,
            acting.owner.user_id,
        )
    return await plant(world.globex)


def asker_of(world: World, who: str) -> Asker:
    """One of acme's people, one of them in no organization, or nobody."""
    if who == "nobody":
        return Asker(world.acme.graph, GUEST)
    if who == "stranger":
        return Asker(world.acme.graph, Principal("user", world.acme.owner.user_id, None, "session_test"))
    return world.acme.askers[who]


def reachable(graph: Graph) -> set[tuple[str, str]]:
    """Every field of every object type that a query can lead to."""
    types = {name: type_ for name, type_ in graph.schema.type_map.items() if is_object_type(type_)}
    failures = {
        type_.name
        for name, union in graph.schema.type_map.items()
        if name.endswith("Result")
        for type_ in getattr(union, "types", ())
        if "id" not in type_.fields
    }
    return {
        (name, field)
        for name, type_ in types.items()
        if not name.startswith("__") and name not in UNASKED | failures | {"InvalidField"}
        for field in type_.fields
    }


@pytest.mark.parametrize("who", ["owner", "member", "billing", "receptionist", "restricted", "stranger", "nobody"])
async def test_no_word_of_another_organization_is_ever_answered_to(who: str, world: World, planted: Planted) -> None:
    asker = asker_of(world, who)
    walk = Walk(asker.graph.schema, await ids_of(world.globex))
    steps = [*walk.steps(), *walk.filtered()]
    assert len(steps) > 100

    leaks = []
    for step in steps:
        answered = await asker.answer(step.query)
        # In no organization, what organizations hold is refused whole.
        assert answered.outcome in ("ok", "partial") or answered.code == "FORBIDDEN", (step.query, answered.body)
        if found := planted.found_in(answered.body):
            leaks.append((step.query, found))

    assert leaks == []


async def test_the_owner_of_those_words_reads_them_and_every_field_was_visited(world: World, planted: Planted) -> None:
    asker = world.globex.owner
    walk = Walk(asker.graph.schema, await ids_of(world.globex))

    fields: set[tuple[str, str]] = set()
    words: set[str] = set()
    for step in (*walk.steps(), *walk.filtered()):
        answered = await asker.answer(step.query)
        assert answered.outcome == "ok", (step.query, answered.body)
        visited(orjson.loads(answered.body)["data"], fields)
        words |= {column for column in planted.columns if spelled(column) in answered.body.decode()}

    assert sorted(reachable(asker.graph) - fields) == []
    assert planted.columns >= MUST_HOLD
    assert words >= MUST_HOLD


def spelled(column: str) -> str:
    table, _, name = column.partition(".")
    return f"{WORD}-{table.replace('_', '-')}-{name.replace('_', '-')}"


async def test_an_id_of_another_organization_answers_byte_for_byte_like_one_that_is_not_there(
    world: World, planted: Planted
) -> None:
    theirs = await ids_of(world.globex)
    nowhere = {name: [global_id(name, uuid4()) for _ in ids] for name, ids in theirs.items()}
    asker = world.acme.owner

    pairs = list(
        zip(
            (step for walk in [Walk(asker.graph.schema, theirs)] for step in (*walk.steps(), *walk.filtered())),
            (step for walk in [Walk(asker.graph.schema, nowhere)] for step in (*walk.steps(), *walk.filtered())),
            strict=True,
        )
    )
    told_apart = [
        foreign.query
        for foreign, random in pairs
        if foreign.query != random.query
        and without_request_id((await asker.answer(foreign.query)).body)
        != without_request_id((await asker.answer(random.query)).body)
    ]

    assert told_apart == []
    assert sum(foreign.query != random.query for foreign, random in pairs) > 50


def without_request_id(body: bytes) -> bytes:
    found = orjson.loads(body)
    for error in found.get("errors", ()):
        error["extensions"].pop("requestId")
    return orjson.dumps(found)


async def test_a_cursor_of_another_organization_opens_nothing(world: World, planted: Planted) -> None:
    query = "query($after: String) { events(after: $after) { edges { cursor } totalCount } }"
    theirs = (await world.globex.owner.ask(query))["events"]["edges"][0]["cursor"]

    body = await world.acme.owner.body(query, after=theirs)

    assert body["data"] == {"events": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["INVALID_CURSOR"]


@pytest.fixture
async def crowded(graph: Graph, database: Database) -> AsyncIterator[Graph]:
    """A graph with four connections, on which everybody waits their turn."""
    engine = create_engine(database.api, size=4, wait_s=20)
    yield replace(graph, engine=engine)
    await engine.dispose()


async def test_two_organizations_asked_at_once_through_one_graph_never_mix(
    world: World, planted: Planted, crowded: Graph
) -> None:
    query = "{ events(first: 50) { totalCount nodes { id name host { email } organization { name } } } }"
    owners = [replace(acting.owner, graph=crowded) for acting in (world.acme, world.globex)]
    alone = [(await owner.answer(query)).body for owner in owners]
    pool: Any = crowded.engine.pool
    at_once: list[int] = []
    event.listen(crowded.engine.sync_engine, "checkout", lambda *_: at_once.append(pool.checkedout()))

    answers = await asyncio.gather(*(owners[turn % 2].answer(query) for turn in range(80)))

    assert [answered.body for answered in answers] == alone * 40
    assert planted.found_in(alone[0]) == set()
    assert planted.found_in(alone[1]) != set()
    assert max(at_once) == 4
