"""Meetings: who sees which, how they are filtered and ordered.

How they are booked: test_booking. Moved: test_rescheduling. Closed: test_closing_meetings. Read: test_guest_notes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.ids import global_id
from tests.graph.asking import Acting, World
from tests.graph.lists import every_filter, every_order
from tests.make import TOMORROW, unique

FIRST_PAGE = """{ meetings(first: 20) { totalCount nodes {
    id startTime endTime guestName event { id name durationInMinutes }
} } }"""

EVERYONES = ("owner", "admin", "receptionist")
OWN = ("member", "colleague", "billing", "both", "restricted")


async def test_a_member_sees_their_own_meetings_and_a_manager_everyones(world: World) -> None:
    own = await world.acme.member.ask(FIRST_PAGE)
    all_of_them = await world.acme.owner.ask(FIRST_PAGE)

    assert [one["id"] for one in own["meetings"]["nodes"]] == [world.acme.id_of("Meeting", "meetings")]
    assert own["meetings"]["totalCount"] == 1
    assert all_of_them["meetings"]["totalCount"] == len(world.acme.rows.rows["meetings"])


@pytest.mark.parametrize("part", [*EVERYONES, *OWN])
async def test_each_part_in_the_organization_sees_what_it_may(acme: Acting, part: str) -> None:
    everyones = {global_id("Meeting", one) for one in acme.rows.rows["meetings"].values()}
    own = {acme.id_of("Meeting", "meetings", part)}
    seen = everyones if part in EVERYONES else own

    assert set(await acme.askers[part].listed("meetings")) == seen
    for one in everyones:
        found = await acme.askers[part].ask("query($id: ID!) { meeting(id: $id) { id } }", id=one)
        assert found == {"meeting": {"id": one} if one in seen else None}


async def test_another_organizations_meeting_answers_like_one_that_is_not_there(world: World) -> None:
    theirs = world.globex.id_of("Meeting", "meetings")
    query = "query($id: ID!) { meeting(id: $id) { id } node(id: $id) { id } }"

    assert await world.acme.owner.ask(query, id=theirs) == {"meeting": None, "node": None}
    assert await world.globex.owner.ask(query, id=theirs) == {"meeting": {"id": theirs}, "node": {"id": theirs}}


async def test_a_host_of_two_organizations_sees_each_ones_meetings_there_only(world: World) -> None:
    here, there = (acting.id_of("Meeting", "meetings", "both") for acting in (world.acme, world.globex))

    assert await world.acme.both.listed("meetings") == [here]
    assert there in await world.globex.both.listed("meetings")
    assert here not in await world.globex.both.listed("meetings")


async def a_meeting(acting: Acting, event: Any = None, whose: str = "member", days: int = 3, **values: Any) -> str:
    """One more meeting, on a day that is free; its global id."""
    start = TOMORROW + timedelta(days=days)
    made = await acting.add(
        "meetings",
        event_id=event or acting.row("events", whose),
        workos_user_id=acting.askers[whose].user_id,
        **{
            "guest_email": "rui@guests.test",
            "guest_name": "Rui",
            "guest_timezone": "UTC",
            "start_time": start,
            "end_time": start + timedelta(minutes=30),
            **values,
        },
    )
    return global_id("Meeting", made)


async def test_every_filter_alone_and_all_of_them_together(acme: Acting) -> None:
    second = await acme.add(
        "events", workos_user_id=acme.member.user_id, name="Second", slug=unique(), duration_in_minutes=30
    )
    rows = {
        "match": await a_meeting(acme, days=3),
        "too early": await a_meeting(acme, days=1),
        "too late": await a_meeting(acme, days=9),
        "no show": await a_meeting(acme, days=4, status="no_show"),
        "other event": await a_meeting(acme, second, days=5),
        "other host": await a_meeting(acme, whose="colleague", days=3),
        "other guest": await a_meeting(acme, days=6, guest_email="eva@guests.test"),
    }
    given = {
        "startsFrom": (TOMORROW + timedelta(days=2)).isoformat(),
        "startsBefore": (TOMORROW + timedelta(days=9)).isoformat(),
        "status": ["CONFIRMED", "COMPLETED"],
        "eventId": acme.id_of("Event", "events"),
        "hostId": await acme.user_id_of("member"),
        "guestEmail": "RUI@guests.test",
    }

    await every_filter(
        acme.owner,
        "meetings",
        given,
        rows,
        {
            "startsFrom": {"too early"},
            "startsBefore": {"too late"},
            "status": {"no show"},
            "eventId": {"other event", "other host"},
            "hostId": {"other host"},
            "guestEmail": {"other guest"},
        },
    )


async def test_or_and_not_combine_with_the_fields_beside_them(acme: Acting) -> None:
    first, second = await a_meeting(acme, days=3), await a_meeting(acme, days=4, status="no_show")
    third = await a_meeting(acme, days=5, guest_email="eva@guests.test")
    since = {"startsFrom": (TOMORROW + timedelta(days=2)).isoformat()}
    eva, missed = {"guestEmail": "eva@guests.test"}, {"status": ["NO_SHOW"]}

    async def found(**given: Any) -> list[str]:
        return await acme.owner.listed("meetings", filter={**since, **given}, orderBy=["START_TIME_ASC"])

    assert await found() == [first, second, third]
    assert await found(**{"or": [eva, missed]}) == [second, third]
    assert await found(**{"not": [eva, missed]}) == [first]
    assert await found(**{"or": [eva, missed], "not": [missed]}) == [third]
    assert await found(**{"or": [{"not": [eva]}, {"not": [missed]}]}) == [first, second, third]
    assert await found(**{"or": []}) == []
    assert await found(**{"not": []}) == [first, second, third]
    assert await found(**{"not": [{}]}) == []
    assert await found(**{"status": [], "or": [eva]}) == []


async def test_a_filter_with_null_is_no_filter(acme: Acting) -> None:
    everything = await acme.owner.listed("meetings")

    assert await acme.owner.listed("meetings", filter=None) == everything
    assert await acme.owner.listed("meetings", filter={"status": None, "eventId": None, "or": None}) == everything


async def test_filters_by_an_id_of_another_organization_find_nothing(world: World) -> None:
    event, host = world.globex.id_of("Event", "events"), await world.globex.user_id_of("member")

    for given in ({"eventId": event}, {"hostId": host}):
        assert await world.acme.owner.listed("meetings", filter=given) == []
        assert await world.globex.owner.listed("meetings", filter=given) == [world.globex.id_of("Meeting", "meetings")]


async def test_every_order(acme: Acting) -> None:
    for days, name in ((3, "Bea"), (5, "Ana"), (4, "Caio")):
        await a_meeting(acme, days=days, guest_name=name)

    await every_order(
        acme.owner,
        "meetings",
        {
            "START_TIME_DESC": "startTime",
            "START_TIME_ASC": "startTime",
            "CREATED_AT_DESC": "createdAt",
            "CREATED_AT_ASC": "createdAt",
            "GUEST_NAME_ASC": "guestName",
        },
        default="START_TIME_DESC",
    )


async def test_orders_decide_one_after_another(acme: Acting) -> None:
    for days, name in ((3, "Bea"), (5, "Ana"), (4, "Bea"), (6, "Ana")):
        await a_meeting(acme, days=days, guest_name=name)
    since = {"startsFrom": (TOMORROW + timedelta(days=2)).isoformat()}

    found = await acme.owner.listed(
        "meetings", "guestName startTime", filter=since, orderBy=["GUEST_NAME_ASC", "START_TIME_DESC"]
    )

    expected = [("Ana", 6), ("Ana", 5), ("Bea", 4), ("Bea", 3)]
    assert [(node["guestName"], node["startTime"][:10]) for node in found] == [
        (name, (TOMORROW + timedelta(days=ahead)).date().isoformat()) for name, ahead in expected
    ]
