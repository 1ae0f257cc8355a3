"""Events: who sees which, how they are filtered and ordered. How they change: test_event_changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graph.ids import global_id
from tests.graph.asking import Acting, World
from tests.graph.lists import every_filter, every_order
from tests.make import unique

PARTS = ("owner", "admin", "member", "colleague", "billing", "receptionist", "restricted", "both")


async def an_event(acting: Acting, whose: str = "member", **values: object) -> str:
    """One more event; its global id."""
    made = await acting.add(
        "events",
        workos_user_id=acting.askers[whose].user_id,
        **{"name": "Knees", "slug": f"knees-{unique()}", "duration_in_minutes": 30, **values},
    )
    return global_id("Event", made)


@pytest.mark.parametrize("part", PARTS)
async def test_everyone_in_the_organization_sees_all_of_its_events(world: World, part: str) -> None:
    everyones = {global_id("Event", one) for one in world.acme.rows.rows["events"].values()}
    theirs = world.globex.id_of("Event", "events")

    assert set(await world.acme.askers[part].listed("events")) == everyones
    query = "query($id: ID!) { event(id: $id) { id } }"
    assert await world.acme.askers[part].ask(query, id=theirs) == {"event": None}
    assert await world.globex.owner.ask(query, id=theirs) == {"event": {"id": theirs}}


async def test_the_total_counts_what_the_filter_lets_through_and_not_the_page(acme: Acting) -> None:
    query = (
        "query($host: ID) { all: events(first: 1) { totalCount } own: events(filter: {hostId: $host}) { totalCount } }"
    )

    data = await acme.member.ask(query, host=await acme.user_id_of("member"))

    assert data == {"all": {"totalCount": len(acme.rows.rows["events"])}, "own": {"totalCount": 1}}


async def test_every_filter_alone_and_all_of_them_together(acme: Acting) -> None:
    rows = {
        "match": await an_event(acme, slug="knees"),
        "other slug": await an_event(acme, slug="hips"),
        "other host": await an_event(acme, "colleague", slug="knees"),
        "switched off": await an_event(acme, slug="ankles", is_active=False),
        "archived": await an_event(acme, slug="elbows", is_active=False, archived_at=datetime.now(UTC)),
    }
    # What is archived is kept out by every filter that does not ask for it.
    await every_filter(
        acme.owner,
        "events",
        {"hostId": await acme.user_id_of("member"), "isActive": True, "archived": False, "slug": "knees"},
        rows,
        {
            "hostId": {"other host", "archived"},
            "isActive": {"switched off", "archived"},
            "archived": {"archived"},
            "slug": {"other slug", "switched off", "archived"},
        },
    )


async def test_what_is_archived_is_found_by_its_id_and_by_who_asks_for_it(acme: Acting) -> None:
    archived = await an_event(acme, is_active=False, archived_at=datetime.now(UTC))
    query = "query($id: ID!) { event(id: $id) { id isActive } organization { events { nodes { id } } } }"

    data = await acme.member.ask(query, id=archived)

    assert data["event"] == {"id": archived, "isActive": False}
    assert archived not in [node["id"] for node in data["organization"]["events"]["nodes"]]
    assert archived not in await acme.member.listed("events")
    assert await acme.member.listed("events", filter={"archived": True}) == [archived]


async def test_every_order(acme: Acting) -> None:
    for place, (name, cents) in enumerate((("Caio", 2), ("Ana", 3), ("Bea", 1)), start=1):
        await an_event(acme, name=name, price_cents=cents, position=place)

    await every_order(
        acme.owner,
        "events",
        {
            "POSITION_ASC": "position",
            "NAME_ASC": "name",
            "PRICE_ASC": "priceCents",
            "CREATED_AT_DESC": "createdAt",
        },
        default="POSITION_ASC",
    )
