"""Memberships: who belongs where as what, as seen from each part."""

from __future__ import annotations

from typing import Any

import pytest

from tests.graph.asking import Acting, World
from tests.graph.lists import every_filter, every_order
from tests.make import ROLES

PARTS = (*ROLES, "both")
ACTIVE = tuple(part for part in PARTS if part != "suspended")


async def memberships(acting: Acting) -> dict[str, str]:
    """The global id of each person's membership, by their part."""
    listed = await acting.owner.listed("memberships", "id user { id }", first=100)
    by_person = {node["user"]["id"]: node["id"] for node in listed}
    return {part: by_person[await acting.user_id_of(part)] for part in PARTS}


@pytest.mark.parametrize("part", [part for part in ACTIVE if part != "both"])
async def test_everyone_sees_everyone_of_the_organization_the_suspended_too(world: World, part: str) -> None:
    seen = await world.acme.askers[part].listed("memberships", "role status user { id } organization { id }", first=100)

    people = {node["user"]["id"]: (node["role"], node["status"]) for node in seen}
    assert people == {
        await world.acme.user_id_of(one): (role.upper(), status.upper())
        for one, (role, status, _) in {**ROLES, "both": ("member", "active", None)}.items()
    }
    assert {node["organization"]["id"] for node in seen} == {world.acme.id}


async def test_ones_own_memberships_are_seen_from_everywhere_and_nobody_elses_are(world: World) -> None:
    here, there = await memberships(world.acme), await memberships(world.globex)
    mine = {here["both"], there["both"]}
    query = "{ viewer { user { memberships { nodes { id } totalCount } } } }"

    assert set(await world.acme.both.listed("memberships", first=100)) == set(here.values())
    for asker in (world.acme.both, world.globex.both, world.stranger):
        found = (await asker.ask(query))["viewer"]["user"]["memberships"]
        assert ({node["id"] for node in found["nodes"]}, found["totalCount"]) == (mine, 2)
    # Of a colleague, only what they are here.
    person = "query($id: ID!) { node(id: $id) { ... on User { memberships { nodes { id } } } } }"
    seen = await world.acme.owner.ask(person, id=await world.acme.user_id_of("both"))
    assert seen == {"node": {"memberships": {"nodes": [{"id": here["both"]}]}}}


async def test_a_permission_that_was_granted_is_listed_and_null_means_the_roles_own(acme: Acting) -> None:
    listed = await acme.member.listed("memberships", "permissions user { id }", first=100)
    by_person = {node["user"]["id"]: node["permissions"] for node in listed}

    assert by_person[await acme.user_id_of("receptionist")] == ["appointments:view"]
    assert by_person[await acme.user_id_of("restricted")] == []
    assert by_person[await acme.user_id_of("owner")] is None


async def test_a_membership_of_another_organization_is_no_node_here(world: World) -> None:
    theirs = (await memberships(world.globex))["member"]
    query = "query($id: ID!) { node(id: $id) { id } }"

    assert await world.acme.owner.ask(query, id=theirs) == {"node": None}
    assert await world.globex.owner.ask(query, id=theirs) == {"node": {"id": theirs}}


async def test_every_filter_alone_and_all_of_them_together(acme: Acting) -> None:
    rows = await memberships(acme)
    given: dict[str, Any] = {
        "role": ["ADMIN", "OWNER"],
        "status": ["ACTIVE", "PENDING"],
        "userId": await acme.user_id_of("admin"),
    }

    await every_filter(
        acme.member,
        "memberships",
        given,
        rows,
        {
            "role": set(rows) - {"owner", "admin", "restricted", "suspended"},
            "status": {"suspended"},
            "userId": set(rows) - {"admin"},
        },
    )
    assert await acme.member.listed("memberships", filter={"role": ["ADMIN"], "status": ["SUSPENDED"]}) == [
        rows["suspended"]
    ]


async def test_every_order(acme: Acting) -> None:
    apart = """update app.user_org_memberships m set joined_at = joined_at + place * interval '1 hour'
        from (select id, row_number() over (order by md5(id::text)) place from app.user_org_memberships) p
        where p.id = m.id and m.org_id = $1 returning m.id"""
    await acme.truth(apart, acme.rows.id)

    await every_order(
        acme.owner,
        "memberships",
        {"JOINED_AT_ASC": "joinedAt", "JOINED_AT_DESC": "joinedAt", "ROLE_ASC": "role"},
        default="JOINED_AT_ASC",
    )
