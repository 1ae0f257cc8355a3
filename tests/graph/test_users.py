"""Users: oneself and the people of the organization, and of nobody what is only theirs."""

from __future__ import annotations

import pytest

from graph.ids import global_id
from tests.graph.asking import Acting, World
from tests.make import insert, users
from tests.personas import as_worker

NODE = "query($id: ID!) { node(id: $id) { id ... on User { email firstName } } }"


@pytest.mark.parametrize("part", ["owner", "member", "billing", "receptionist", "restricted"])
async def test_everyone_sees_the_people_of_their_organization(acme: Acting, part: str) -> None:
    for whose in ("owner", "colleague", "suspended", part):
        person = await acme.user_id_of(whose)
        email = f"{acme.askers[whose].user_id}@people.test"
        node = {"id": person, "email": email, "firstName": "Ana"}
        assert await acme.askers[part].ask(NODE, id=person) == {"node": node}


async def test_somebody_who_belongs_elsewhere_is_not_there(world: World) -> None:
    theirs = await world.globex.user_id_of("member")

    for part in ("owner", "member", "both"):
        assert await world.acme.askers[part].ask(NODE, id=theirs) == {"node": None}
    assert (await world.globex.both.ask(NODE, id=theirs))["node"]["id"] == theirs


async def test_somebody_who_was_here_is_still_seen_and_who_never_was_is_not(world: World) -> None:
    async with as_worker(world.acme.database) as worker:
        former, never = await users(worker, 2)
        await insert(
            worker,
            "user_org_memberships",
            org_id=world.acme.rows.id,
            workos_user_id=former,
            role="member",
            status="inactive",
        )
        ids = [
            global_id("User", await worker.fetchval("select id from app.users where workos_user_id = $1", person))
            for person in (former, never)
        ]

    seen = await world.acme.member.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)

    assert seen == {"nodes": [{"id": ids[0]}, None]}


async def test_what_a_person_has_is_seen_as_far_as_the_caller_may(world: World) -> None:
    acme = world.acme
    query = """query($id: ID!) { node(id: $id) { ... on User {
        events { nodes { id } } schedules { nodes { id } } profiles { nodes { id } } meetings { nodes { id } }
        paymentTransfers { nodes { id } } records { nodes { id } } auditLogs { totalCount }
    } } }"""
    person = await acme.user_id_of("both")
    kinds = {"events": "Event", "schedules": "Schedule", "profiles": "Profile"}
    private = {"meetings": "Meeting", "paymentTransfers": "PaymentTransfer", "records": "Record"}
    tables = {"paymentTransfers": "payment_transfers"}

    own, managers, colleagues = [
        (await asker.ask(query, id=person))["node"] for asker in (acme.both, acme.owner, acme.member)
    ]

    for seen in (own, managers, colleagues):
        for field, kind in kinds.items():
            assert seen[field]["nodes"] == [{"id": acme.id_of(kind, field, "both")}], field
    for field, kind in private.items():
        mine = [{"id": acme.id_of(kind, tables.get(field, field), "both")}]
        assert own[field]["nodes"] == mine, field
        assert managers[field]["nodes"] == ([] if field == "records" else mine), field
        assert colleagues[field]["nodes"] == [], field
    assert (own["auditLogs"], managers["auditLogs"], colleagues["auditLogs"]) == (
        {"totalCount": 1},
        {"totalCount": 1},
        {"totalCount": 0},
    )


async def test_a_person_is_the_same_node_in_every_organization_they_belong_to(world: World) -> None:
    assert await world.acme.user_id_of("both") == await world.globex.user_id_of("both")
    viewer = "{ viewer { user { id } } }"
    assert await world.acme.both.ask(viewer) == await world.globex.both.ask(viewer) == await world.stranger.ask(viewer)
