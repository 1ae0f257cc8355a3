"""The trail: who reads which entries of it, filtered and ordered, and everything that happened to one thing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from graph.ids import global_id
from tests.graph.asking import Acting, Asker, World
from tests.graph.lists import every_filter, every_order

ENTRY = """id action outcome actorType actorId impersonatorId resourceType resourceId oldValues newValues metadata
    ip userAgent requestId operationName actor { id }"""
TRAIL = "query($id: ID!) { resourceAuditTrail(id: $id) { totalCount nodes { action newValues } } }"


async def actors(asker: Asker) -> set[str]:
    """Whose entries this person reads."""
    return set(await asker.listed("auditLogs", "actorId", first=100))


@pytest.mark.parametrize("part", ["owner", "admin"])
async def test_who_views_the_trail_reads_everyones(acme: Acting, part: str) -> None:
    assert await actors(acme.askers[part]) == {*acme.rows.people.values(), acme.both.user_id}


@pytest.mark.parametrize("part", ["member", "billing", "receptionist", "restricted", "both"])
async def test_everyone_else_reads_what_they_did_themselves(acme: Acting, part: str) -> None:
    assert await actors(acme.askers[part]) == {acme.askers[part].user_id}
    assert await acme.truth("select count(*) from app.audit_logs where org_id = $1", acme.rows.id) > 1


async def test_nobody_reads_the_trail_of_another_organization(world: World) -> None:
    query = "{ auditLogs(first: 100) { nodes { id } } }"
    here, there = [
        {node["id"] for node in (await acting.both.ask(query))["auditLogs"]["nodes"]}
        for acting in (world.acme, world.globex)
    ]

    assert here
    assert there
    assert not here & there
    one = min(there)
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert await world.acme.owner.ask(node, id=one) == {"node": None}
    assert await world.globex.owner.ask(node, id=one) == {"node": {"id": one}}


async def test_an_entry_says_who_did_what_to_what_from_where(acme: Acting) -> None:
    await acme.member.answer(
        'mutation Hips($id: ID!) { updateEvent(input: {id: $id, name: "Hips"}) { __typename } }',
        id=acme.id_of("Event", "events"),
    )

    [entry] = await acme.owner.listed("auditLogs", ENTRY, filter={"action": ["EVENT_UPDATED"]})

    assert entry == {
        "id": entry["id"],
        "action": "EVENT_UPDATED",
        "outcome": "SUCCESS",
        "actorType": "USER",
        "actorId": acme.member.user_id,
        "impersonatorId": None,
        "resourceType": "event",
        "resourceId": str(acme.row("events")),
        "oldValues": {"name": "Consultation"},
        "newValues": {"name": "Hips"},
        "metadata": {},
        "ip": "192.0.2.7",
        "userAgent": "tests",
        "requestId": entry["requestId"],
        "operationName": "Hips",
        "actor": {"id": await acme.user_id_of("member")},
    }
    assert entry["requestId"]


async def test_a_denial_is_read_by_who_views_the_trail_and_by_who_was_denied(acme: Acting) -> None:
    await acme.member.do("updateOrganization", name="Mine")
    denied = {"outcome": ["DENIED"]}

    for asker in (acme.owner, acme.member):
        [entry] = await asker.listed("auditLogs", "action resourceType metadata", filter=denied)
        assert entry == {
            "action": "UNAUTHORIZED_ACCESS_ATTEMPT",
            "resourceType": "security",
            "metadata": {"mutation": "updateOrganization"},
        }
    assert await acme.colleague.listed("auditLogs", filter=denied) == []


async def test_what_was_read_of_health_data_is_told_without_a_word_of_it(acme: Acting) -> None:
    await acme.member.listed("meetings", "guestNotes")

    [entry] = await acme.owner.listed("auditLogs", ENTRY, filter={"action": ["APPOINTMENT_VIEWED"]})

    assert (entry["resourceId"], entry["metadata"]) == (str(acme.row("meetings")), {"fields": ["guestNotes"]})
    assert "knee" not in str(entry)


async def test_every_filter_alone_and_all_of_them_together(acme: Acting) -> None:
    event, other = acme.id_of("Event", "events"), acme.id_of("Event", "events", "colleague")

    async def done(asker: Asker, mutation: str, **values: Any) -> str:
        """What this leaves in the trail; its global id."""
        known = set(await acme.owner.listed("auditLogs", first=100))
        await asker.do(mutation, **values)
        [made] = set(await acme.owner.listed("auditLogs", first=100)) - known
        found: str = made
        return found

    async def moment() -> str:
        found: datetime = await acme.truth("select clock_timestamp()")
        return found.isoformat()

    rows = {"too early": await done(acme.member, "updateEvent", id=event, name="A")}
    since = await moment()
    rows["match"] = await done(acme.member, "updateEvent", id=event, name="B")
    rows["other action"] = await done(acme.member, "createEvent", name="C", slug="c", durationInMinutes=30)
    rows["other actor"] = await done(acme.owner, "updateEvent", id=event, name="D")
    rows["other thing"] = await done(acme.owner, "updateEvent", id=other, name="E")
    rows["other kind"] = await done(acme.member, "cancelMeeting", id=acme.id_of("Meeting", "meetings"))
    rows["denied"] = await done(acme.member, "updateOrganization", name="F")
    until = await moment()
    rows["too late"] = await done(acme.member, "updateEvent", id=event, name="G")

    elsewhere = {"other action", "other thing", "other kind", "denied"}
    await every_filter(
        acme.owner,
        "auditLogs",
        {
            "createdFrom": since,
            "createdBefore": until,
            "action": ["EVENT_UPDATED", "EVENT_ARCHIVED"],
            "resourceType": ["event"],
            "resourceId": event,
            "actorId": await acme.user_id_of("member"),
            "outcome": ["SUCCESS", "FAILED"],
        },
        rows,
        {
            "createdFrom": {"too early"},
            "createdBefore": {"too late"},
            "action": {"other action", "other kind", "denied"},
            "resourceType": {"other kind", "denied"},
            "resourceId": elsewhere,
            "actorId": {"other actor", "other thing"},
            "outcome": {"denied"},
        },
    )


async def test_every_order(acme: Acting) -> None:
    for name in ("A", "B"):
        await acme.owner.do("updateOrganization", name=name)

    orders = {"CREATED_AT_ASC": "createdAt", "CREATED_AT_DESC": "createdAt"}
    await every_order(acme.owner, "auditLogs", orders, default="CREATED_AT_DESC")


async def test_the_default_page_is_limited(acme: Acting) -> None:
    for number in range(20):
        await acme.owner.do("updateOrganization", name=f"Acme {number}")

    counted = (await acme.owner.ask("{ auditLogs { totalCount nodes { id } } }"))["auditLogs"]

    assert counted["totalCount"] > 25
    assert len(counted["nodes"]) == 25


async def test_the_trail_of_one_thing_is_all_that_happened_to_it_newest_first(acme: Acting) -> None:
    event = acme.id_of("Event", "events")
    for name in ("A", "B"):
        await acme.member.do("updateEvent", id=event, name=name)
    await acme.owner.do("archiveEvent", id=event)
    await acme.member.do("updateEvent", id=acme.id_of("Event", "events", "member"), name="C")

    trail = (await acme.owner.ask(TRAIL, id=event))["resourceAuditTrail"]
    own = (await acme.member.ask(TRAIL, id=event))["resourceAuditTrail"]

    assert trail["totalCount"] == 3
    assert [node["action"] for node in trail["nodes"]] == ["EVENT_ARCHIVED", "EVENT_UPDATED", "EVENT_UPDATED"]
    # The member reads what they did themselves, and not who withdrew it.
    assert [node["newValues"] for node in own["nodes"]] == [{"name": "B"}, {"name": "A"}]


async def test_the_trail_of_one_thing_is_paged(acme: Acting) -> None:
    event = acme.id_of("Event", "events")
    for name in "ABCDE":
        await acme.owner.do("updateEvent", id=event, name=name)
    query = """query($id: ID!, $after: String) { resourceAuditTrail(id: $id, first: 2, after: $after) {
        nodes { newValues } pageInfo { hasNextPage endCursor }
    } }"""

    names, after = [], None
    while True:
        page = (await acme.owner.ask(query, id=event, after=after))["resourceAuditTrail"]
        names += [node["newValues"]["name"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert names == list("EDCBA")


async def test_the_trail_of_what_is_not_here_is_empty_whether_or_not_there_is_one(world: World) -> None:
    theirs = world.globex.id_of("Event", "events")
    await world.globex.owner.do("updateEvent", id=theirs, name="A")

    foreign, random = [
        (await world.acme.owner.answer(TRAIL, id=one)).body for one in (theirs, global_id("Event", uuid4()))
    ]

    assert foreign == random == b'{"data":{"resourceAuditTrail":{"totalCount":0,"nodes":[]}}}'
    assert (await world.globex.owner.ask(TRAIL, id=theirs))["resourceAuditTrail"]["totalCount"] == 1


async def test_an_id_of_a_person_elsewhere_filters_to_nothing(world: World) -> None:
    given = {"actorId": await world.globex.user_id_of("member")}

    assert await world.acme.owner.listed("auditLogs", filter=given) == []
    assert len(await world.globex.owner.listed("auditLogs", filter=given)) == 1


async def test_entries_are_stamped_with_the_time_of_the_database(acme: Acting) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    await acme.owner.do("updateOrganization", name="A")

    [entry] = await acme.owner.listed("auditLogs", "createdAt action", filter={"action": ["ORG_SETTINGS_UPDATED"]})

    assert before - timedelta(milliseconds=1) <= datetime.fromisoformat(entry["createdAt"])
    assert datetime.fromisoformat(entry["createdAt"]) <= datetime.now(UTC) + timedelta(seconds=1)
