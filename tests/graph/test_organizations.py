"""Organizations: which the caller sees, and how the one they act in is changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.graph.asking import Acting, World

ORGANIZATION = "... on Organization { id name timezone billingEmail }"
ONE = "query($id: ID) { organization(id: $id) { id name } }"
NOT_ALLOWED = {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}


@pytest.mark.parametrize("part", ["owner", "admin", "member", "billing", "receptionist", "restricted"])
async def test_a_member_sees_the_organization_they_act_in_and_no_other(world: World, part: str) -> None:
    asker = world.acme.askers[part]

    assert await asker.listed("organizations") == [world.acme.id]
    assert await asker.ask(ONE) == {"organization": {"id": world.acme.id, "name": "Acme"}}
    assert await asker.ask(ONE, id=world.acme.id) == {"organization": {"id": world.acme.id, "name": "Acme"}}
    assert await asker.ask(ONE, id=world.globex.id) == {"organization": None}
    assert (await world.globex.owner.ask(ONE, id=world.globex.id))["organization"]["name"] == "Globex"


async def test_who_belongs_to_two_sees_both_from_each_and_acts_in_one(world: World) -> None:
    for here, there in ((world.acme, world.globex), (world.globex, world.acme)):
        assert set(await here.both.listed("organizations")) == {here.id, there.id}
        assert (await here.both.ask(ONE))["organization"]["id"] == here.id
        assert (await here.both.ask(ONE, id=there.id))["organization"]["id"] == there.id


async def test_of_ones_other_organization_only_the_name_is_seen_from_here(world: World) -> None:
    query = """query($id: ID) { organization(id: $id) {
        name memberships { nodes { user { id } } } events { totalCount } meetings { totalCount }
        profiles { totalCount } schedules { totalCount } schedulingSettings { totalCount }
        paymentTransfers { totalCount }
    } }"""

    from_here = (await world.acme.both.ask(query, id=world.globex.id))["organization"]
    from_there = (await world.globex.both.ask(query))["organization"]

    assert from_here.pop("name") == from_there.pop("name") == "Globex"
    assert from_here.pop("memberships") == {"nodes": [{"user": {"id": await world.acme.user_id_of("both")}}]}
    assert from_here == {connection: {"totalCount": 0} for connection in from_here}
    assert all(from_there[connection]["totalCount"] for connection in from_here)


async def test_a_person_without_organization_sees_theirs_and_is_told_to_choose_for_the_rest(world: World) -> None:
    assert set(await world.stranger.listed("organizations")) == {world.acme.id, world.globex.id}
    body = await world.stranger.body(ONE)
    assert body["data"] == {"organization": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["ORGANIZATION_REQUIRED"]


async def test_nobody_sees_no_organization(world: World) -> None:
    assert await world.nobody.ask("{ organizations { totalCount nodes { id } } }") == {
        "organizations": {"totalCount": 0, "nodes": []}
    }


async def test_every_order(world: World) -> None:
    async def names(order: str) -> list[str]:
        found: list[str] = await world.stranger.listed("organizations", "name", orderBy=[order])
        return found

    assert await names("NAME_ASC") == ["Acme", "Globex"]
    assert await names("CREATED_AT_DESC") in (["Globex", "Acme"], ["Acme", "Globex"])
    old = "update app.organizations set created_at = created_at - interval '1 day' where id = $1 returning id"
    await world.acme.truth(old, world.acme.rows.id)
    assert await names("CREATED_AT_DESC") == ["Globex", "Acme"]
    await world.globex.truth(old.replace("1 day", "2 days"), world.globex.rows.id)
    assert await names("CREATED_AT_DESC") == ["Acme", "Globex"]


@pytest.mark.parametrize("part", ["owner", "admin"])
async def test_who_manages_the_organization_changes_it_and_the_trail_has_both_values(acme: Acting, part: str) -> None:
    values = {"name": "Acme & Sons", "timezone": "Europe/Madrid", "billingEmail": "Bills@acme.test"}

    answer = await acme.askers[part].do("updateOrganization", ORGANIZATION, **values)

    assert answer == {"__typename": "Organization", "id": acme.id, **values}
    [row] = await acme.audited("ORG_SETTINGS_UPDATED", acme.rows.id)
    assert row["actor_id"] == acme.askers[part].user_id
    assert row["new_values"] == {"name": "Acme & Sons", "timezone": "Europe/Madrid", "billing_email": "Bills@acme.test"}
    assert set(row["old_values"]) == set(row["new_values"])
    assert (row["old_values"]["name"], row["old_values"]["billing_email"]) == ("Acme", None)


@pytest.mark.parametrize("part", ["member", "colleague", "billing", "receptionist", "restricted", "both"])
async def test_who_does_not_may_not_and_the_attempt_is_kept(acme: Acting, part: str) -> None:
    assert await acme.askers[part].do("updateOrganization", name="Mine") == NOT_ALLOWED

    [denial] = await acme.denied("updateOrganization")
    assert (denial["outcome"], denial["actor_id"]) == ("denied", acme.askers[part].user_id)
    assert await acme.truth("select name from app.organizations where id = $1", acme.rows.id) == "Acme"


async def test_the_permission_decides_and_not_the_role(acme: Acting) -> None:
    grant = "update app.user_org_memberships set permissions = $2 where workos_user_id = $1 returning role"
    await acme.truth(grant, acme.member.user_id, ["organization:manage"])
    await acme.truth(grant, acme.owner.user_id, ["events:manage"])

    assert (await acme.member.do("updateOrganization", name="Mine"))["__typename"] == "Organization"
    assert await acme.owner.do("updateOrganization", name="Yours") == NOT_ALLOWED


async def test_a_change_here_changes_nothing_there(world: World) -> None:
    stored = await world.globex.contents()

    await world.acme.owner.do("updateOrganization", name="Globex")

    assert await world.globex.contents() == stored


async def test_what_is_left_out_stays_and_an_address_can_be_taken_away(acme: Acting) -> None:
    first = await acme.owner.do("updateOrganization", ORGANIZATION, billingEmail="bills@acme.test")
    second = await acme.owner.do("updateOrganization", ORGANIZATION, billingEmail=None)

    assert (first["name"], second["name"]) == ("Acme", "Acme")
    assert (first["billingEmail"], second["billingEmail"]) == ("bills@acme.test", None)


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\u200bb"}, "name"),
        ({"name": None}, "name"),
        ({"timezone": None}, "timezone"),
    ],
)
async def test_what_is_not_acceptable_is_named_by_its_place(acme: Acting, values: dict[str, Any], path: str) -> None:
    stored = await acme.contents()

    assert await acme.owner.do("updateOrganization", **values) == {
        "__typename": "InvalidInput",
        "code": "INVALID_INPUT",
        "fields": [{"path": f"input.{path}"}],
    }
    assert await acme.contents() == stored
