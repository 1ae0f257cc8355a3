"""What a plan cannot hold, or finds to be wrong, is answered by the interpreter, which says why it was asked."""

from __future__ import annotations

import orjson
import pytest

from graph.operation import Graph
from graph.plan.statement import BROKEN
from tests.graph.asking import Acting, Asker, World
from tests.personas import as_superuser
from tests.plan.awkward import a_deleted_organization

REASONS = {
    "{ meetings(first: 1) { nodes { withinWorkingHours } } }": "Meeting.withinWorkingHours",
    "{ profiles(first: 1) { nodes { socialLinks { url } } } }": "Profile.socialLinks",
    "{ viewer { role } }": "Query.viewer",
    "{ nodes(ids: []) { id } }": "Query.nodes",
    "{ events { totalCount } __schema { types { name } } }": "__schema",
    '{ __type(name: "Event") { name } }': "__type",
    f"{{ events {{ nodes {{ {'x' * 64}: name }} }} }}": "a key of more than 63 characters",
    f"{{ {' '.join(f'a{at}: events {{ totalCount }}' for at in range(61))} }}": "more than 60 relations",
    f"{{ meetings {{ nodes {{ {' '.join(f'a{at}: status' for at in range(250))} }} }} }}": (
        "a statement of more than 64000 characters"
    ),
    "{ meetings { nodes { guestNotes } } auditLogs { nodes { metadata } } }": "health data beside JSON",
    '{ events(filter: {hostId: "nothing"}) { totalCount } }': "arguments",
    '{ events(after: "nothing") { totalCount } }': "arguments",
}


@pytest.mark.parametrize(("query", "why"), REASONS.items(), ids=REASONS.values())
async def test_what_a_plan_cannot_hold_is_interpreted_and_says_why(
    query: str, why: str, acme: Acting, interpreter: Graph
) -> None:
    for _ in range(2):  # the second time it is remembered
        answered = await acme.owner.answer(query)
        reference = await Asker(interpreter, acme.owner.principal).answer(query)

        assert answered.way == f"interpreted; {why}"
        assert answered.outcome == reference.outcome


@pytest.mark.parametrize("characters", [63, 64])
async def test_the_longest_key_is_answered_whole(characters: int, acme: Acting) -> None:
    key = "k" * characters
    answered = await acme.owner.answer(f"{{ organization {{ {key}: id }} }}")

    assert orjson.loads(answered.body)["data"] == {"organization": {key: acme.id}}
    assert (answered.way == "planned") is (characters == 63)


async def test_a_null_where_none_may_be_is_told_by_the_interpreter(world: World, interpreter: Graph) -> None:
    """Their membership of a deleted organization is seen, and the organization that it promises is not."""
    acting = world.acme
    async with as_superuser(acting.database) as superuser:
        await a_deleted_organization(superuser, world.both)
    asker = acting.askers["both"]
    query = (
        "{ memberships(filter: {role: MEMBER}) { nodes { user { memberships { nodes { organization { name } } } } } } }"
    )
    answered = await asker.answer(query)
    reference = await Asker(interpreter, asker.principal).answer(query)

    assert answered.way == "interpreted; something that is never null is"
    body, expected = orjson.loads(answered.body), orjson.loads(reference.body)
    assert body["data"] == expected["data"]
    assert [error["path"] for error in body["errors"]] == [error["path"] for error in expected["errors"]]


async def test_a_text_like_our_own_mark_is_answered_all_the_same(acme: Acting) -> None:
    word = f"we are {BROKEN}"
    await acme.put("events", acme.row("events"), name=word)
    answered = await acme.owner.answer("query($id: ID!) { event(id: $id) { name } }", id=acme.id_of("Event", "events"))

    assert orjson.loads(answered.body)["data"] == {"event": {"name": word}}
    assert answered.way == "interpreted; something that is never null is"
