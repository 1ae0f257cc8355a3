"""Every mutation of the schema: it is audited, it is done once for one key, and it tells nothing about strangers.

A new mutation fails here by its name until `cases` says how it is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLUnionType, get_named_type, is_leaf_type

from graph.documents import health_data_of
from graph.ids import global_id, parsed
from graph.operation import Asked, Graph, run
from graph.schema import build
from tests.graph.asking import Acting, Asker, World, document_of
from tests.make import TOMORROW, unique

SCHEMA = build()
assert SCHEMA.mutation_type is not None
EVERY = sorted(SCHEMA.mutation_type.fields)

ACTIONS = {
    "archiveEvent": ("EVENT_ARCHIVED", "event"),
    "bookMeeting": ("APPOINTMENT_CREATED", "appointment"),
    "cancelMeeting": ("APPOINTMENT_CANCELLED", "appointment"),
    "completeMeeting": ("APPOINTMENT_COMPLETED", "appointment"),
    "createEvent": ("EVENT_CREATED", "event"),
    "markNoShow": ("APPOINTMENT_NO_SHOW", "appointment"),
    "reorderEvents": ("EVENT_UPDATED", "event"),
    "rescheduleMeeting": ("APPOINTMENT_UPDATED", "appointment"),
    "saveSchedule": ("SCHEDULE_UPDATED", "schedule"),
    "setEventActive": ("EVENT_UPDATED", "event"),
    "updateEvent": ("EVENT_UPDATED", "event"),
    "updateOrganization": ("ORG_SETTINGS_UPDATED", "organization"),
    "updateProfile": ("PROFILE_UPDATED", "profile"),
    "updateSchedulingSettings": ("SCHEDULING_SETTINGS_UPDATED", "schedule"),
}

# The table whose rows a type's ids name, where they belong to an organization.
TABLES = {"Event": "events", "Meeting": "meetings"}


@dataclass(frozen=True)
class Case:
    """An input that succeeds for an owner and names every id the mutation takes; and what makes it another input."""

    values: dict[str, Any]
    different: dict[str, Any]


async def case_of(name: str, acme: Acting) -> Case:
    """How the mutation is asked in this world."""
    found = (await cases(acme)).get(name)
    if found is None:
        pytest.fail(f"{name} has no entry in `cases` of {__name__}: say how it is asked and what it is called")
    return found


async def cases(acme: Acting) -> dict[str, Case]:
    """Every mutation's case, by name."""
    event, meeting = acme.id_of("Event", "events"), acme.id_of("Meeting", "meetings")
    another_event, another_meeting = acme.id_of("Event", "events", "admin"), acme.id_of("Meeting", "meetings", "admin")
    member = await acme.user_id_of("member")
    category = global_id("Category", await acme.truth("select id from app.categories order by created_at desc limit 1"))
    window = {"dayOfWeek": "FRIDAY", "startTime": "08:00", "endTime": "24:00"}
    guest = {"guestName": "Rui Costa", "guestEmail": "rui@guests.test", "guestTimezone": "Europe/Lisbon"}
    later = (TOMORROW + timedelta(days=9)).isoformat()
    return {
        "archiveEvent": Case({"id": event}, {"id": another_event}),
        "bookMeeting": Case({"eventId": event, "startTime": later, **guest}, {"guestName": "Rui C."}),
        "cancelMeeting": Case({"id": meeting, "reason": "ill"}, {"id": another_meeting}),
        "completeMeeting": Case({"id": meeting}, {"id": another_meeting}),
        "createEvent": Case(
            {"name": "New", "slug": "new", "durationInMinutes": 30, "hostId": member}, {"slug": "new-2"}
        ),
        "markNoShow": Case({"id": meeting}, {"id": another_meeting}),
        "reorderEvents": Case({"ids": [another_event, event]}, {"ids": [event, another_event]}),
        "rescheduleMeeting": Case({"id": meeting, "startTime": later}, {"id": another_meeting}),
        "saveSchedule": Case(
            {"timezone": "Europe/Madrid", "availabilities": [window], "hostId": member}, {"availabilities": []}
        ),
        "setEventActive": Case({"id": event, "isActive": False}, {"isActive": True}),
        "updateEvent": Case({"id": event, "name": "Other"}, {"name": "Another"}),
        "updateOrganization": Case({"name": "Acme & Daughters"}, {"name": "Acme & Sons"}),
        "updateProfile": Case(
            {"userId": member, "headline": "Knees", "primaryCategoryId": category, "secondaryCategoryId": category},
            {"headline": "Hips"},
        ),
        "updateSchedulingSettings": Case({"hostId": member, "bookingWindowDays": 30}, {"bookingWindowDays": 31}),
    }


async def prepare(name: str, acme: Acting) -> None:
    """Make the meetings such that the mutation can be done."""
    if name in {"completeMeeting", "markNoShow"}:
        begun = datetime.now(UTC) - timedelta(hours=2)
        for whose in ("member", "admin"):
            await acme.put(
                "meetings", acme.row("meetings", whose), start_time=begun, end_time=begun + timedelta(hours=1)
            )


async def ask(asker: Asker, name: str, values: dict[str, Any], request_id: UUID | None = None) -> bytes:
    """The bytes of one mutation's answer."""
    asked = Asked(document(name), name, {"input": values}, request_id or uuid4(), ip="198.51.100.4", user_agent="walk")
    return (await run(asker.graph, asker.principal, asked)).body


def document(name: str) -> str:
    """The mutation, asking for every plain field of what it changes, health data apart."""
    assert SCHEMA.mutation_type is not None
    union = SCHEMA.mutation_type.fields[name].type
    assert isinstance(union, GraphQLUnionType)
    [changed] = [one for one in union.types if "Failure" not in {interface.name for interface in one.interfaces}]
    fields = "events { id position updatedAt }" if changed.name == "EventList" else plain_fields(changed)
    text = document_of(name, f"... on {changed.name} {{ {fields} }}")
    return re.sub(r"\Amutation", f"mutation {name}", text)


def plain_fields(of: GraphQLObjectType) -> str:
    """The names of a type's fields that are scalars or enums."""
    health = health_data_of(SCHEMA)
    named = ((name, get_named_type(field.type)) for name, field in of.fields.items())
    return " ".join(name for name, kind in named if is_leaf_type(kind) and (of.name, name) not in health)


def id_fields(name: str) -> list[str]:
    """The fields of the mutation's input that take ids."""
    declared = SCHEMA.type_map[f"{name[0].upper()}{name[1:]}Input"]
    assert isinstance(declared, GraphQLInputObjectType)
    return [field for field, of in declared.fields.items() if get_named_type(of.type).name == "ID"]


def test_the_cases_are_the_mutations_of_the_schema() -> None:
    assert sorted(ACTIONS) == EVERY


@pytest.mark.parametrize("name", EVERY)
async def test_it_succeeds_and_leaves_its_audit_row(name: str, acme: Acting) -> None:
    case = await case_of(name, acme)
    await prepare(name, acme)
    request_id = uuid4()

    body = orjson.loads(await ask(acme.owner, name, case.values, request_id))

    assert "errors" not in body
    assert "code" not in body["data"][name], body
    action, resource_type = ACTIONS[name]
    rows = [row for row in await acme.audited(action) if row["request_id"] == request_id]
    answered = body["data"][name].get("events", [body["data"][name]])
    assert sorted(row["resource_id"] for row in rows) == sorted(str(parsed(one["id"])[1]) for one in answered)
    for row in rows:
        told = {key: row[key] for key in ("resource_type", "outcome", "actor_type", "actor_id", "operation_name")}
        assert told == {
            "resource_type": resource_type,
            "outcome": "success",
            "actor_type": "user",
            "actor_id": acme.owner.user_id,
            "operation_name": name,
        }
        assert (str(row["ip"]), row["user_agent"]) == ("198.51.100.4", "walk")
        assert row["new_values"]


@pytest.mark.parametrize("name", EVERY)
async def test_asked_twice_with_one_key_it_is_done_once(name: str, acme: Acting) -> None:
    case = await case_of(name, acme)
    await prepare(name, acme)
    values = {**case.values, "idempotencyKey": f"walk-{unique()}"}

    first = orjson.loads(await ask(acme.owner, name, values))
    stored = await acme.contents()
    second = orjson.loads(await ask(acme.owner, name, values))

    assert "code" not in first["data"][name], first
    assert second == {**first, "extensions": {"replayed": True}}
    assert "extensions" not in first
    # The trail too: what was not done again is not recorded again.
    assert await acme.contents() == stored


@pytest.mark.parametrize("name", EVERY)
async def test_the_same_key_with_another_input_is_refused(name: str, acme: Acting) -> None:
    case = await case_of(name, acme)
    await prepare(name, acme)
    key = {"idempotencyKey": f"walk-{unique()}"}
    await ask(acme.owner, name, {**case.values, **key})
    stored = await acme.contents()

    body = orjson.loads(await ask(acme.owner, name, {**case.values, **case.different, **key}))

    assert body == {
        "data": {
            name: {
                "__typename": "InvalidInput",
                "code": "IDEMPOTENCY_MISMATCH",
                "fields": [{"path": "input.idempotencyKey"}],
            }
        }
    }
    assert await acme.contents() == stored
    # It was the key: with one of its own, the other input is done.
    alone = orjson.loads(await ask(acme.owner, name, {**case.values, **case.different}))
    assert alone["data"][name].get("code") not in {"IDEMPOTENCY_MISMATCH", "INVALID_INPUT"}


@pytest.mark.parametrize(("name", "field"), [(name, field) for name in EVERY for field in id_fields(name)])
async def test_another_organizations_id_reads_like_a_random_one(name: str, field: str, world: World) -> None:
    acme, globex = world.acme, world.globex
    case = await case_of(name, acme)
    await prepare(name, acme)
    given = case.values[field]
    type_name = parsed(given[0] if isinstance(given, list) else given)[0]
    if type_name == "Category":
        theirs = random = global_id("Category", uuid4())  # belongs to nobody: a random one is all there is
    else:
        theirs = (
            await globex.user_id_of("member") if type_name == "User" else globex.id_of(type_name, TABLES[type_name])
        )
        random = global_id(type_name, uuid4())
    stored, theirs_stored = await acme.contents(), await globex.contents()

    foreign, unknown = [
        await ask(acme.owner, name, {**case.values, field: [given[0], one] if isinstance(given, list) else one})
        for one in (theirs, random)
    ]

    assert foreign == unknown
    assert orjson.loads(foreign) == {"data": {name: {"__typename": "NotFound", "code": "NOT_FOUND"}}}
    assert (await acme.contents(), await globex.contents()) == (stored, theirs_stored)
    # The row is really there, for those it belongs to.
    if type_name != "Category":
        assert await globex.owner.ask("query($id: ID!) { node(id: $id) { id } }", id=theirs) == {"node": {"id": theirs}}


@pytest.mark.parametrize("name", EVERY)
async def test_nobody_and_a_person_without_organization_store_nothing(name: str, world: World) -> None:
    case = await case_of(name, world.acme)
    await prepare(name, world.acme)
    stored = await world.acme.contents()

    bodies = [orjson.loads(await ask(asker, name, case.values)) for asker in (world.nobody, world.stranger)]

    assert [body["data"] for body in bodies] == [None, None]
    codes = [[error["extensions"]["code"] for error in body["errors"]] for body in bodies]
    assert codes == [["UNAUTHENTICATED"], ["ORGANIZATION_REQUIRED"]]
    assert await world.acme.contents() == stored


@pytest.mark.parametrize("name", EVERY)
async def test_a_suspended_admin_is_refused_whole(name: str, acme: Acting) -> None:
    case = await case_of(name, acme)
    await prepare(name, acme)
    stored = await acme.contents()

    body = orjson.loads(await ask(acme.suspended, name, case.values))

    assert [error["extensions"]["code"] for error in body["errors"]] == ["FORBIDDEN"]
    assert "data" not in body
    after = await acme.contents()
    assert {table for table in stored if stored[table] != after[table]} == {"audit_logs"}
    [denial] = await acme.audited("UNAUTHORIZED_ACCESS_ATTEMPT")
    assert (denial["outcome"], denial["actor_id"]) == ("denied", acme.suspended.user_id)


def test_the_graph_of_these_tests_has_the_schema_that_is_walked(graph: Graph) -> None:
    assert graph.schema.mutation_type is not None
    assert sorted(graph.schema.mutation_type.fields) == EVERY
