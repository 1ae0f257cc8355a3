"""Meetings: who sees which, and how they are booked, moved and closed."""

from __future__ import annotations

from tests.graph.asking import World

FIRST_PAGE = "{ meetings(first: 20) { totalCount nodes { id startTime endTime guestName event { id name durationInMinutes } } } }"


async def test_a_member_sees_their_own_meetings_and_a_manager_everyones(world: World) -> None:
    own = await world.acme.member.ask(FIRST_PAGE)
    all_of_them = await world.acme.owner.ask(FIRST_PAGE)

    assert [one["id"] for one in own["meetings"]["nodes"]] == [world.acme.id_of("Meeting", "meetings")]
    assert own["meetings"]["totalCount"] == 1
    assert all_of_them["meetings"]["totalCount"] == len(world.acme.rows.rows["meetings"])


async def test_another_organizations_meeting_answers_like_one_that_is_not_there(world: World) -> None:
    theirs = world.globex.id_of("Meeting", "meetings")
    query = "query($id: ID!) { meeting(id: $id) { id } node(id: $id) { id } }"

    assert await world.acme.owner.ask(query, id=theirs) == {"meeting": None, "node": None}
    assert await world.globex.owner.ask(query, id=theirs) == {"meeting": {"id": theirs}, "node": {"id": theirs}}
