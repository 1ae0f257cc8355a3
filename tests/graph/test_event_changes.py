"""Events: who offers, changes, arranges and withdraws them, what is refused and how, what the trail keeps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from graph.ids import global_id, parsed
from tests.graph.asking import Acting, World

EVENT = """... on Event {
    id name slug description durationInMinutes isActive position priceCents currency archivedAt host { id }
}"""
LIST = "... on EventList { events { id position } }"
NEW = {"name": "Knees", "slug": "knees", "durationInMinutes": 30}
NOT_ALLOWED = {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}
ARCHIVED = {"__typename": "EventArchived", "code": "EVENT_ARCHIVED"}

MANAGERS = ("owner", "admin")
# Everyone but the managers of events: each offers their own, and changes nobody else's.
HOSTS = ("member", "billing", "receptionist", "restricted", "both")
# What an event of one's own is asked, beside its id.
CHANGES: dict[str, dict[str, Any]] = {
    "updateEvent": {"name": "Hips"},
    "setEventActive": {"isActive": False},
    "archiveEvent": {},
}


async def test_a_new_event_has_its_defaults_and_comes_last(acme: Acting) -> None:
    await acme.put("events", acme.row("events", "colleague"), position=41)

    event = await acme.member.do("createEvent", EVENT, **NEW)

    assert event == {
        "__typename": "Event",
        "id": event["id"],
        **NEW,
        "description": None,
        "isActive": True,
        "position": 42,
        "priceCents": 0,
        "currency": "eur",
        "archivedAt": None,
        "host": {"id": await acme.user_id_of("member")},
    }
    [row] = await acme.audited("EVENT_CREATED", parsed(event["id"])[1])
    assert row["old_values"] is None
    assert row["new_values"]["name"] == "Knees"
    assert row["new_values"]["workos_user_id"] == acme.member.user_id


async def test_a_new_event_is_what_was_said_of_it(acme: Acting) -> None:
    said = {**NEW, "description": "First\n\tSecond", "priceCents": 7_000, "currency": "eur", "isActive": False}

    event = await acme.member.do("createEvent", EVENT, **said)

    assert {name: event[name] for name in said} == said


@pytest.mark.parametrize("part", MANAGERS)
async def test_a_manager_of_events_offers_for_everyone(acme: Acting, part: str) -> None:
    for whose in ("member", part):
        host = await acme.user_id_of(whose)
        event = await acme.askers[part].do("createEvent", EVENT, **NEW, hostId=host)
        assert event["host"] == {"id": host}


@pytest.mark.parametrize("part", HOSTS)
async def test_a_host_offers_for_themselves_and_for_nobody_else(acme: Acting, part: str) -> None:
    own = await acme.askers[part].do("createEvent", **NEW)
    others = await acme.askers[part].do("createEvent", **NEW, hostId=await acme.user_id_of("colleague"))

    assert own["__typename"] == "Event"
    assert others == NOT_ALLOWED
    [denial] = await acme.denied("createEvent")
    assert (denial["outcome"], denial["actor_id"]) == ("denied", acme.askers[part].user_id)


async def test_a_suspended_person_is_offered_by_nobody(acme: Acting) -> None:
    assert await acme.owner.do("createEvent", **NEW, hostId=await acme.user_id_of("suspended")) == NOT_ALLOWED


@pytest.mark.parametrize("mutation", CHANGES)
@pytest.mark.parametrize("part", MANAGERS)
async def test_a_manager_of_events_changes_everyones(acme: Acting, mutation: str, part: str) -> None:
    for whose in ("member", part):
        event = acme.id_of("Event", "events", whose)
        assert (await acme.askers[part].do(mutation, id=event, **CHANGES[mutation]))["__typename"] == "Event"


@pytest.mark.parametrize("mutation", CHANGES)
@pytest.mark.parametrize("part", HOSTS)
async def test_a_host_changes_their_own_and_nobody_elses(acme: Acting, mutation: str, part: str) -> None:
    own, others = acme.id_of("Event", "events", part), acme.id_of("Event", "events", "colleague")

    assert (await acme.askers[part].do(mutation, id=own, **CHANGES[mutation]))["__typename"] == "Event"
    assert await acme.askers[part].do(mutation, id=others, **CHANGES[mutation]) == NOT_ALLOWED

    [denial] = await acme.denied(mutation)
    assert (denial["outcome"], denial["actor_id"]) == ("denied", acme.askers[part].user_id)
    untouched = "select name = 'Consultation' and is_active and archived_at is null from app.events where id = $1"
    assert await acme.truth(untouched, acme.row("events", "colleague")) is True


async def test_the_denial_outlives_the_operation_and_is_no_part_of_it(acme: Acting) -> None:
    document = """mutation($own: UpdateEventInput!, $others: UpdateEventInput!) {
        own: updateEvent(input: $own) { __typename } others: updateEvent(input: $others) { __typename }
    }"""
    own, others = acme.id_of("Event", "events"), acme.id_of("Event", "events", "colleague")

    data = await acme.member.ask(document, own={"id": own, "name": "Hips"}, others={"id": others, "name": "Hips"})

    assert data == {"own": {"__typename": "Event"}, "others": {"__typename": "NotAllowed"}}
    [changed] = await acme.audited("EVENT_UPDATED")
    [denial] = await acme.denied("updateEvent")
    assert changed["request_id"] == denial["request_id"]
    assert changed["xmin"] != denial["xmin"]
    assert changed["resource_id"] == str(acme.row("events"))


async def test_an_update_changes_what_is_given_and_the_trail_has_both_values(acme: Acting) -> None:
    event = acme.id_of("Event", "events")
    first = await acme.member.do("updateEvent", EVENT, id=event, description="Knees", priceCents=100)

    second = await acme.member.do("updateEvent", EVENT, id=event, name="Hips", description=None, durationInMinutes=60)

    assert first["description"] == "Knees"
    assert second == {**first, "name": "Hips", "description": None}
    rows = await acme.audited("EVENT_UPDATED", acme.row("events"))
    assert [(row["old_values"], row["new_values"]) for row in rows] == [
        ({"description": None, "price_cents": 0}, {"description": "Knees", "price_cents": 100}),
        # The duration is as it was: only what differs is told.
        ({"description": "Knees", "name": "Consultation"}, {"description": None, "name": "Hips"}),
    ]


async def test_an_update_that_says_nothing_is_refused_and_leaves_nothing_in_the_trail(acme: Acting) -> None:
    for whose in ("member", "colleague"):
        answer = await acme.member.do("updateEvent", id=acme.id_of("Event", "events", whose))

        assert answer == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "fields": [{"path": "input"}]}
    assert await acme.audited("EVENT_UPDATED") == []


async def test_an_event_is_switched_off_and_on(acme: Acting) -> None:
    event = acme.id_of("Event", "events")

    for is_active in (False, True):
        answer = await acme.member.do("setEventActive", EVENT, id=event, isActive=is_active)
        assert answer["isActive"] is is_active

    rows = await acme.audited("EVENT_UPDATED", acme.row("events"))
    assert [row["new_values"] for row in rows] == [{"is_active": False}, {"is_active": True}]


async def test_an_archived_event_is_switched_off_keeps_its_meetings_and_changes_no_more(acme: Acting) -> None:
    event = acme.id_of("Event", "events")
    before = datetime.now(UTC).replace(microsecond=0)

    answer = await acme.member.do("archiveEvent", EVENT, id=event)

    assert answer["isActive"] is False
    assert datetime.fromisoformat(answer["archivedAt"]) >= before
    [row] = await acme.audited("EVENT_ARCHIVED", acme.row("events"))
    assert row["old_values"] == {"is_active": True, "archived_at": None}
    assert set(row["new_values"]) == {"is_active", "archived_at"}
    assert await acme.member.listed("meetings", filter={"eventId": event}) == [acme.id_of("Meeting", "meetings")]
    for mutation, values in CHANGES.items():
        assert await acme.owner.do(mutation, id=event, **values) == ARCHIVED


async def test_a_slug_is_unique_for_its_host_and_free_for_another(acme: Acting) -> None:
    taken = {"__typename": "AlreadyExists", "code": "ALREADY_EXISTS"}
    assert (await acme.member.do("createEvent", **NEW))["__typename"] == "Event"

    assert await acme.member.do("createEvent", **NEW) == taken
    assert await acme.member.do("updateEvent", id=acme.id_of("Event", "events"), slug="knees") == taken
    assert (await acme.colleague.do("createEvent", **NEW))["__typename"] == "Event"


async def test_a_slug_is_part_of_a_public_address_so_its_host_has_it_once_in_all_organizations(world: World) -> None:
    first = await world.globex.both.do("createEvent", EVENT, **NEW)

    taken = await world.acme.both.do("createEvent", **NEW)
    assert taken == {"__typename": "AlreadyExists", "code": "ALREADY_EXISTS"}

    await world.globex.both.do("archiveEvent", id=first["id"])
    assert (await world.acme.both.do("createEvent", **NEW))["__typename"] == "Event"


async def test_of_a_person_who_is_not_active_nobody_learns_which_slugs_they_have(acme: Acting) -> None:
    theirs = await acme.truth("select slug from app.events where id = $1", acme.row("events", "suspended"))
    host = await acme.user_id_of("suspended")

    for slug in (theirs, "free"):
        assert await acme.owner.do("createEvent", **{**NEW, "slug": slug, "hostId": host}) == NOT_ALLOWED


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": ""}, "name"),
    "a name of spaces": ({"name": "  "}, "name"),
    "a name of 201 characters": ({"name": "x" * 201}, "name"),
    "a name with a line break": ({"name": "a\nb"}, "name"),
    "a name with a NUL": ({"name": "a\0"}, "name"),
    "a description of 5001 characters": ({"description": "x" * 5_001}, "description"),
    "a description with a bidirectional override": ({"description": "a\u202eb"}, "description"),
    "no minutes": ({"durationInMinutes": 0}, "durationInMinutes"),
    "more than twelve hours": ({"durationInMinutes": 721}, "durationInMinutes"),
    "dollars": ({"currency": "usd"}, "currency"),
    "euros in capitals": ({"currency": "EUR"}, "currency"),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_not_acceptable_is_named_by_its_place_and_nothing_is_stored(acme: Acting, wrong: str) -> None:
    values, path = WRONG[wrong]
    refusal = {"__typename": "InvalidInput", "code": "INVALID_INPUT", "fields": [{"path": f"input.{path}"}]}
    stored = await acme.contents()

    assert await acme.owner.do("createEvent", **{**NEW, **values}) == refusal
    assert await acme.owner.do("updateEvent", id=acme.id_of("Event", "events"), **values) == refusal
    assert await acme.contents() == stored


@pytest.mark.parametrize("field", ["name", "slug", "durationInMinutes", "priceCents", "currency"])
async def test_what_every_event_has_is_not_taken_away(acme: Acting, field: str) -> None:
    answer = await acme.owner.do("updateEvent", id=acme.id_of("Event", "events"), **{field: None})

    assert answer == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "fields": [{"path": f"input.{field}"}]}


@pytest.mark.parametrize("field", ["priceCents", "currency", "isActive"])
async def test_a_new_event_is_given_null_for_nothing_that_it_must_have(acme: Acting, field: str) -> None:
    answer = await acme.owner.do("createEvent", **NEW, **{field: None})

    assert answer == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "fields": [{"path": f"input.{field}"}]}


@pytest.mark.parametrize(
    "values", [{"name": "x" * 200}, {"durationInMinutes": 1}, {"durationInMinutes": 720}, {"priceCents": 100_000_000}]
)
async def test_the_edges_of_what_is_acceptable_are_acceptable(acme: Acting, values: dict[str, Any]) -> None:
    event = await acme.owner.do("createEvent", EVENT, **{**NEW, **values})

    assert {name: event[name] for name in values} == values


async def test_a_new_order_puts_these_first_and_tells_each_that_moved(acme: Acting) -> None:
    for at, whose in enumerate(("owner", "member", "colleague", "admin"), start=1):
        await acme.put("events", acme.row("events", whose), position=at)
    ids = [acme.id_of("Event", "events", whose) for whose in ("colleague", "member")]

    answer = await acme.owner.do("reorderEvents", LIST, ids=ids)

    assert answer == {
        "__typename": "EventList",
        "events": [{"id": ids[0], "position": -2}, {"id": ids[1], "position": -1}],
    }
    rows = await acme.audited("EVENT_UPDATED")
    told = {row["resource_id"]: (row["old_values"], row["new_values"]) for row in rows}
    assert told == {
        str(acme.row("events", "colleague")): ({"position": 3}, {"position": -2}),
        str(acme.row("events")): ({"position": 2}, {"position": -1}),
    }
    assert (await acme.owner.listed("events"))[:2] == ids


@pytest.mark.parametrize("part", HOSTS)
async def test_a_host_arranges_their_own_events_and_nothing_among_others(acme: Acting, part: str) -> None:
    own, others = acme.id_of("Event", "events", part), acme.id_of("Event", "events", "colleague")
    stored = await acme.truth("select string_agg(position::text, ',') from app.events where org_id = $1", acme.rows.id)

    assert await acme.askers[part].do("reorderEvents", ids=[others, own]) == NOT_ALLOWED
    now = await acme.truth("select string_agg(position::text, ',') from app.events where org_id = $1", acme.rows.id)
    assert now == stored
    assert len(await acme.denied("reorderEvents")) == 1
    assert (await acme.askers[part].do("reorderEvents", ids=[own]))["__typename"] == "EventList"


async def test_an_order_of_nothing_of_too_much_or_of_one_thing_twice_is_not_acceptable(acme: Acting) -> None:
    refusal = {"__typename": "InvalidInput", "code": "INVALID_INPUT", "fields": [{"path": "input.ids"}]}
    event = acme.id_of("Event", "events")

    assert await acme.owner.do("reorderEvents", ids=[]) == refusal
    assert await acme.owner.do("reorderEvents", ids=[event, event]) == refusal
    many = [global_id("Event", await acme.truth("select gen_random_uuid()")) for _ in range(101)]
    assert await acme.owner.do("reorderEvents", ids=many) == refusal
    named = await acme.owner.do("reorderEvents", ids=[event, "x", global_id("User", acme.row("events"))])
    assert [field["path"] for field in named["fields"]] == ["input.ids.1", "input.ids.2"]
