"""In production the schema is shown to who may organization:manage, and everyone else reads the very same words."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from db.engine import create_engine
from graph.operation import Answered, Graph
from tests.graph.asking import Acting, Asker, World
from tests.personas import Database

ASKS = {
    "a type that is there": '{ __type(name: "Event") { name } }',
    "a type that is not": '{ __type(name: "Secret") { name } }',
    "everything": "{ __schema { types { name } } }",
    "by another name": "{ x: __schema { types { name } } }",
    "in a fragment": "{ ...A } fragment A on Query { __schema { queryType { name } } }",
    "in an inline fragment": "{ ... { __schema { queryType { name } } } }",
    "beside something good": "{ viewer { role } __schema { queryType { name } } }",
    "beside something bad": "{ nothing __schema { queryType { name } } }",
    "badly": "{ __schema { nothing } }",
    "in another operation": "query A { viewer { role } } query B { __schema { queryType { name } } }",
    "left out": '{ __type(name: "Event") @include(if: false) { name } }',
}


def without_its_id(answered: Answered) -> bytes:
    return re.sub(rb'"requestId":"[^"]+"', b"", answered.body)


@pytest.mark.parametrize("how", ASKS)
async def test_whoever_may_not_reads_the_same_whoever_they_are_and_whatever_they_ask(how: str, world: World) -> None:
    of_globex = replace(world.globex.owner.principal, organization_id=world.acme.rows.workos_id)
    nowhere = replace(world.acme.owner.principal, organization_id="org_nowhere")
    askers = [
        world.acme.member,
        world.acme.billing,
        world.acme.suspended,
        world.nobody,
        world.stranger,
        Asker(world.acme.graph, of_globex),
        Asker(world.acme.graph, nowhere),
    ]
    answers = {without_its_id(await asker.answer(ASKS[how])) for asker in askers}
    answers.add(without_its_id(await world.acme.member.answer(ASKS["everything"])))
    assert len(answers) == 1
    assert b"INTROSPECTION_DISABLED" in answers.pop()


async def test_whoever_manages_the_organization_sees_the_schema(acme: Acting) -> None:
    assert await acme.owner.ask(ASKS["a type that is there"]) == {"__type": {"name": "Event"}}
    wrong = await acme.owner.body(ASKS["badly"])
    assert wrong["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_a_right_that_was_taken_away_is_gone_at_the_next_operation(acme: Acting) -> None:
    assert await acme.owner.ask(ASKS["a type that is there"])
    permissions = (
        "update app.user_org_memberships set permissions = '{}' where org_id = $1 and workos_user_id = $2 returning 1"
    )
    await acme.truth(permissions, acme.rows.id, acme.owner.user_id)
    assert b"INTROSPECTION_DISABLED" in (await acme.owner.answer(ASKS["a type that is there"])).body


async def test_a_typename_is_no_introspection(world: World) -> None:
    assert await world.nobody.ask("{ __typename }") == {"__typename": "Query"}


async def test_it_is_on_for_everybody_or_off_for_everybody_where_a_setting_says_so(graph: Graph, world: World) -> None:
    for introspection, asker, shown in (("on", world.nobody, True), ("off", world.acme.owner, False)):
        limits = replace(graph.limits, introspection=introspection)  # type: ignore[arg-type]
        answered = await Asker(replace(graph, limits=limits), asker.principal).answer(ASKS["everything"])
        assert (answered.outcome == "ok") is shown


async def test_a_stranger_who_introspects_is_remembered(world: World) -> None:
    stranger = replace(world.globex.owner.principal, organization_id=world.acme.rows.workos_id)
    await Asker(world.acme.graph, stranger).answer(ASKS["everything"])
    attempts = "select count(*) from app.audit_logs where actor_id = $1 and action = 'UNAUTHORIZED_ACCESS_ATTEMPT'"
    assert await world.acme.truth(attempts, stranger.user_id) == 1


async def test_where_the_database_cannot_be_asked_nobody_may(acme: Acting, database: Database) -> None:
    nowhere = create_engine(database.api.replace("/orgraph", "/nothing_is_here"), size=1)
    graph = Graph.over(acme.graph.schema, nowhere)
    answered = await Asker(graph, acme.owner.principal).answer(ASKS["everything"])
    assert without_its_id(answered) == without_its_id(await acme.member.answer(ASKS["everything"]))
    await nowhere.dispose()
