"""Differences between the two ways that were found, each as the shortest request that showed it."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_interface
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from graph.ids import global_id
from graph.operation import Graph
from tests import make
from tests.graph.asking import Acting, Asker
from tests.personas import as_superuser
from tests.plan.both import comparable


async def same(asker: Asker, interpreter: Graph, query: str, name: str | None = None, **variables: Any) -> Any:
    """The body of the answer, which is the same in both ways."""
    planned = await asker.answer(query, name, **variables)
    interpreted = await Asker(interpreter, asker.principal).answer(query, name, **variables)

    assert (planned.outcome, planned.code) == (interpreted.outcome, interpreted.code)
    assert comparable(planned.body) == comparable(interpreted.body)
    return orjson.loads(planned.body)


async def entry(acting: Acting, **values: Any) -> UUID:
    """An entry of the trail, as nobody but the superuser can write it."""
    needed = {"actor_type": "user", "action": "EVENT_CREATED", "resource_type": "event", "resource_id": make.unique()}
    async with as_superuser(acting.database) as superuser:
        written: UUID = await make.insert(superuser, "audit_logs", org_id=acting.rows.id, **needed, **values)
    return written


@pytest.mark.parametrize("number", range(1, 9))
async def test_a_key_may_be_named_like_a_part_of_the_statement(number: int, acme: Acting, interpreter: Graph) -> None:
    """`row_to_json(anon_2)` answered the column of that name, and not the row."""
    query = f"{{ events(first: 1) {{ nodes {{ anon_{number}: name host {{ anon_{number}: email }} }} }} }}"
    body = await same(acme.owner, interpreter, query)

    [event] = body["data"]["events"]["nodes"]
    assert event[f"anon_{number}"] == "Consultation"


async def test_a_row_of_which_everything_is_left_out_is_an_empty_object(acme: Acting, interpreter: Graph) -> None:
    query = """{ organization { id @skip(if: true) }
        events(first: 1) { nodes { id @skip(if: true) } edges { node { host { id @include(if: false) } } } } }"""
    body = await same(acme.owner, interpreter, query)

    assert body["data"] == {"organization": {}, "events": {"nodes": [{}], "edges": [{"node": {"host": {}}}]}}


async def test_a_year_has_four_digits(acme: Acting, interpreter: Graph) -> None:
    """strftime leaves out the zeros in front."""
    await acme.put("events", acme.row("events"), created_at=datetime(999, 1, 2, 3, 4, 5, 6_789, UTC))
    query = "query($id: ID!) { event(id: $id) { createdAt } }"
    body = await same(acme.owner, interpreter, query, id=acme.id_of("Event", "events"))

    assert body["data"]["event"]["createdAt"] == "0999-01-02T03:04:05.006Z"


@pytest.mark.parametrize(
    ("stored", "answered"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7/24", "192.0.2.7"),
        ("2001:db8::1/64", "2001:db8::1"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ("::192.0.2.7", "::192.0.2.7"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ],
)
async def test_an_address_has_one_spelling(stored: str, answered: str, acme: Acting, interpreter: Graph) -> None:
    """What a dual-stack socket says of an IPv4 client was `::ffff:c000:207` to Python before 3.13."""
    await entry(acme, ip=ip_interface(stored))
    body = await same(acme.owner, interpreter, "{ auditLogs(first: 1) { nodes { ip } } }")

    assert body["data"]["auditLogs"]["nodes"] == [{"ip": answered}]


async def test_a_null_of_json_is_null(acme: Acting, interpreter: Graph) -> None:
    await entry(acme, old_values="null")
    body = await same(acme.owner, interpreter, "{ auditLogs(first: 1) { nodes { oldValues metadata } } }")

    assert body["data"]["auditLogs"]["nodes"] == [{"oldValues": None, "metadata": {}}]


async def test_a_null_of_json_is_an_error_where_there_is_never_null(acme: Acting, interpreter: Graph) -> None:
    await entry(acme, metadata="null")
    body = await same(acme.owner, interpreter, "{ auditLogs(first: 1) { nodes { metadata } } }")

    assert body["data"] == {"auditLogs": None}
    assert body["errors"][0]["path"] == ["auditLogs", "nodes", 0, "metadata"]


async def test_a_number_that_no_float_holds_is_read_as_the_same_number(acme: Acting, interpreter: Graph) -> None:
    """The plan answers what is stored, digit by digit; the interpreter has read it as a float."""
    await entry(acme, old_values="[1.5e300, 123456789012345678901234567890, 0.1000, 9223372036854775808, -0.0]")
    body = await same(acme.owner, interpreter, "{ auditLogs(first: 1) { nodes { oldValues } } }")

    [answered] = body["data"]["auditLogs"]["nodes"]
    assert answered["oldValues"] == [1.5e300, 123456789012345678901234567890.0, 0.1, 2**63, 0]


async def test_a_hole_in_a_list_is_an_error(acme: Acting, interpreter: Graph) -> None:
    membership = await acme.truth(
        "select id from app.user_org_memberships where org_id = $1 and workos_user_id = $2",
        acme.rows.id,
        acme.suspended.user_id,
    )
    await acme.put("user_org_memberships", membership, permissions=["appointments:view", None])
    query = "{ memberships(filter: {status: SUSPENDED}) { nodes { permissions } } }"
    body = await same(acme.owner, interpreter, query)

    assert body["data"] == {"memberships": {"nodes": [{"permissions": None}]}}
    assert body["errors"][0]["path"] == ["memberships", "nodes", 0, "permissions", 1]


async def test_a_null_in_place_of_a_default_names_no_thing(acme: Acting, interpreter: Graph) -> None:
    query = 'query($id: ID = "x") { node(id: $id) { id } organization { id } }'
    body = await same(acme.owner, interpreter, query, id=None)

    assert body["data"] == {"node": None, "organization": {"id": acme.id}}


@pytest.mark.parametrize("given", [{}, {"it": None}, {"it": ["NAME_ASC"]}])
async def test_a_variable_of_one_operation_is_not_that_of_another(
    given: dict[str, Any], acme: Acting, interpreter: Graph
) -> None:
    """The plan read `it` as what it is in the operation beside, where it names a thing, or leaves something out."""
    query = """query A($it: ID!) { node(id: $it) { id } }
        query B($it: Boolean!) { organization { id @skip(if: $it) } }
        query C($it: [EventOrder!]) { events(orderBy: $it) { totalCount } }"""
    body = await same(acme.owner, interpreter, query, "C", **given)

    assert body["data"]["events"]["totalCount"] > 0


async def test_a_text_that_cannot_be_stored_does_no_harm_where_no_row_asks_for_it(
    acme: Acting, interpreter: Graph
) -> None:
    query = """query($of: ID!, $word: String!) { event(id: $of) { host {
        auditLogs(filter: {resourceType: [$word]}) { totalCount } } } }"""
    none = await same(acme.owner, interpreter, query, of=global_id("Event", uuid4()), word="\0")
    one = await same(acme.owner, interpreter, query, of=acme.id_of("Event", "events"), word="\0")

    assert none["data"] == {"event": None}
    assert one["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_json_with_the_key_of_a_hidden_read_is_answered_as_it_is(acme: Acting, interpreter: Graph) -> None:
    """The plan hides what it read of health data under that key, and took it for its own."""
    stored = {"#Meeting.guestNotes": str(acme.row("meetings", "owner"))}
    await entry(acme, metadata=orjson.dumps(stored).decode())
    query = """query($id: ID!) { meeting(id: $id) { guestNotes }
        auditLogs(first: 1, filter: {action: "EVENT_CREATED"}) { nodes { metadata } } }"""
    body = await same(acme.owner, interpreter, query, id=acme.id_of("Meeting", "meetings"))

    assert body["data"]["auditLogs"]["nodes"] == [{"metadata": stored}]
    assert {row["resource_id"] for row in await acme.audited("APPOINTMENT_VIEWED")} == {str(acme.row("meetings"))}


@pytest.mark.parametrize("levels", [10, 14, 18, 28])
async def test_relations_nest_as_deep_as_a_document_may(levels: int, acme: Acting, interpreter: Graph) -> None:
    """What writes the statement calls itself for each, and came to the end of Python's stack."""
    query = "id"
    for _ in range(levels):
        query = f"host {{ events(first: 1) {{ nodes {{ {query} }} }} }}"
    body = await same(acme.owner, interpreter, f"{{ events(first: 1) {{ nodes {{ {query} }} }} }}")

    assert body["data"]["events"]["nodes"]
