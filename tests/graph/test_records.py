"""Records: that they are, for their author and who was granted them; what they say is no part of the API yet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from graphql import GraphQLObjectType

from graph.ids import global_id
from graph.schema import build
from tests.graph.asking import Acting, World
from tests.graph.lists import every_filter, every_order
from tests.make import TOMORROW


@pytest.mark.parametrize(
    "part", ["owner", "admin", "member", "colleague", "billing", "receptionist", "restricted", "both"]
)
async def test_the_author_sees_theirs_and_nobody_else_any(acme: Acting, part: str) -> None:
    assert await acme.askers[part].listed("records") == [acme.id_of("Record", "records", part)]
    assert await acme.truth("select count(*) from app.records where org_id = $1", acme.rows.id) > 1


async def test_who_was_granted_records_sees_everyones_here_and_none_elsewhere(world: World) -> None:
    grant = (
        "update app.user_org_memberships set permissions = $2 where org_id = $1 and workos_user_id = $3 returning role"
    )
    granted = ["records:read", "appointments:view"]
    await world.acme.truth(grant, world.acme.rows.id, granted, world.acme.owner.user_id)

    seen = set(await world.acme.owner.listed("records"))

    assert seen == {global_id("Record", one) for one in world.acme.rows.rows["records"].values()}
    theirs = world.globex.id_of("Record", "records")
    assert theirs not in seen
    assert await world.globex.member.listed("records") == [theirs]


async def test_a_record_leads_to_its_meeting_and_its_author(acme: Acting) -> None:
    [record] = await acme.member.listed("records", "id version meeting { id } expert { id }")

    assert record == {
        "id": acme.id_of("Record", "records"),
        "version": 1,
        "meeting": {"id": acme.id_of("Meeting", "meetings")},
        "expert": {"id": await acme.user_id_of("member")},
    }


def test_what_a_record_says_is_no_field_of_it() -> None:
    record = build().type_map["Record"]
    assert isinstance(record, GraphQLObjectType)

    assert set(record.fields) == {"createdAt", "expert", "id", "lastModifiedAt", "meeting", "version"}


async def three(acme: Acting) -> dict[str, str]:
    """The record of the world and two more of the member, made an hour apart; their global ids."""

    async def one(hours: int, **values: object) -> str:
        start = TOMORROW + timedelta(days=3, hours=hours)
        meeting = await acme.add(
            "meetings",
            event_id=acme.row("events"),
            workos_user_id=acme.member.user_id,
            guest_email="rui@guests.test",
            guest_name="Rui",
            guest_timezone="UTC",
            start_time=start,
            end_time=start + timedelta(minutes=30),
        )
        made = await acme.add(
            "records",
            meeting_id=meeting,
            expert_id=acme.member.user_id,
            guest_email="rui@guests.test",
            encrypted_content=b"sealed",
            key_id="k",
            content_sha256=b"sealed",
        )
        await acme.put("records", made, created_at=start, last_modified_at=start - timedelta(hours=3 * hours))
        return global_id("Record", made)

    return {"early": await one(0), "middle": await one(1), "late": await one(2)}


async def test_every_filter_alone_and_all_of_them_together(acme: Acting) -> None:
    grant = "update app.user_org_memberships set permissions = $2 where workos_user_id = $1 returning role"
    await acme.truth(grant, acme.owner.user_id, ["records:read", "appointments:view"])
    made = await three(acme)
    rows = {**made, "other author": acme.id_of("Record", "records", "colleague")}
    at = TOMORROW + timedelta(days=3, hours=1)
    await acme.put("records", acme.row("records", "colleague"), created_at=at)
    meeting = (
        await acme.owner.ask(
            "query($id: ID!) { node(id: $id) { ... on Record { meeting { id } } } }", id=made["middle"]
        )
    )["node"]["meeting"]["id"]

    await every_filter(
        acme.owner,
        "records",
        {
            "meetingId": meeting,
            "expertId": await acme.user_id_of("member"),
            "createdFrom": at.isoformat(),
            "createdBefore": (at + timedelta(hours=1)).isoformat(),
        },
        rows,
        {
            "meetingId": {"early", "late", "other author"},
            "expertId": {"other author"},
            "createdFrom": {"early"},
            "createdBefore": {"late"},
        },
    )


async def test_every_order(acme: Acting) -> None:
    await three(acme)

    await every_order(
        acme.member,
        "records",
        {"CREATED_AT_DESC": "createdAt", "LAST_MODIFIED_AT_DESC": "lastModifiedAt"},
        default="CREATED_AT_DESC",
    )
