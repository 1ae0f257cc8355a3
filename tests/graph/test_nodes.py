"""Anything by its id: `node` and `nodes` answer what the caller sees, and null for all else."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from graph.ids import global_id
from graph.schema.node import NODES
from tests.graph.asking import Acting, World
from tests.make import insert, unique
from tests.personas import as_worker

NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
MANY = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"

# The table of each type whose rows have a host, and belong to an organization.
HOSTED = {
    "Availability": "schedule_availabilities",
    "Event": "events",
    "Meeting": "meetings",
    "PaymentTransfer": "payment_transfers",
    "Profile": "profiles",
    "Record": "records",
    "Schedule": "schedules",
    "SchedulingSettings": "scheduling_settings",
}


async def ids_of(acting: Acting) -> dict[str, str]:
    """An id of every type, of what the person of both has in this organization."""
    host = acting.both.user_id
    audited = "select id from app.audit_logs where org_id = $1 and actor_id = $2"
    member = "select id from app.user_org_memberships where org_id = $1 and workos_user_id = $2"
    async with as_worker(acting.database) as worker:
        category = await insert(worker, "categories", slug=unique(), name=unique())
    return {
        **{name: acting.id_of(name, table, "both") for name, table in HOSTED.items()},
        "AuditLog": global_id("AuditLog", await acting.truth(audited, acting.rows.id, host)),
        "Category": global_id("Category", category),
        "Membership": global_id("Membership", await acting.truth(member, acting.rows.id, host)),
        "Organization": acting.id,
        "User": await acting.user_id_of("both"),
    }


@pytest.mark.parametrize("type_name", sorted(NODES))
async def test_every_type_of_node_is_answered_by_its_id(acme: Acting, type_name: str) -> None:
    id = (await ids_of(acme))[type_name]  # noqa: A001 - the argument's own word

    assert await acme.both.ask(NODE, id=id) == {"node": {"__typename": type_name, "id": id}}


@pytest.mark.parametrize("type_name", sorted(NODES))
async def test_what_is_not_seen_reads_like_what_is_not_there(world: World, type_name: str) -> None:
    theirs = (await ids_of(world.globex))[type_name]
    random = global_id(type_name, uuid4())
    asker = world.acme.owner

    foreign, unknown = [(await asker.answer(NODE, id=one)).body for one in (theirs, random)]

    # Categories are everyone's, and the person of both is acme's as well.
    if type_name in {"Category", "User"}:
        assert foreign != unknown
    else:
        assert foreign == unknown == b'{"data":{"node":null}}'
    assert await world.globex.both.ask(NODE, id=theirs) == {"node": {"__typename": type_name, "id": theirs}}


async def test_nodes_come_in_the_order_asked_with_null_for_each_that_is_not_seen(world: World) -> None:
    mine, theirs = await ids_of(world.acme), await ids_of(world.globex)
    asked = [mine["Meeting"], theirs["Meeting"], mine["Event"], mine["Meeting"], global_id("Event", uuid4())]

    data = await world.acme.both.ask(MANY, ids=asked)

    assert [node and node["id"] for node in data["nodes"]] == [asked[0], None, asked[2], asked[0], None]


async def test_a_hundred_nodes_are_answered_and_one_more_is_refused(acme: Acting) -> None:
    asked = [global_id("Meeting", uuid4()) for _ in range(101)]

    assert await acme.owner.ask(MANY, ids=asked[:100]) == {"nodes": [None] * 100}
    assert await acme.owner.ask(MANY, ids=[]) == {"nodes": []}
    body = await acme.owner.body(MANY, ids=asked)
    assert codes(body) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "wrong", ["", "x", "TWVldGluZzox", global_id("Nothing", UUID(int=7)), global_id("Meeting", UUID(int=7)) + "="]
)
async def test_an_id_that_is_none_is_a_bad_argument_in_one_sentence(acme: Acting, wrong: str) -> None:
    bodies = [await acme.owner.body(NODE, id=wrong), await acme.owner.body(MANY, ids=[wrong])]

    assert [body["data"] for body in bodies] == [{"node": None}, {"nodes": None}]
    assert [codes(body) for body in bodies] == [["BAD_USER_INPUT"]] * 2
    assert {error["message"] for body in bodies for error in body["errors"]} == {"Invalid id"}


async def test_nobody_and_a_person_without_organization_are_told_so(world: World) -> None:
    event = world.acme.id_of("Event", "events")

    for asker, code in ((world.nobody, "UNAUTHENTICATED"), (world.stranger, "ORGANIZATION_REQUIRED")):
        body = await asker.body(NODE, id=event)
        assert (body["data"], codes(body)) == ({"node": None}, [code])


def codes(body: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in body["errors"]]
