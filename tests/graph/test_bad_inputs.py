"""Bad arguments: each is refused with a code that says so, and no message repeats what was given."""

from __future__ import annotations

import base64
from typing import Any
from uuid import uuid4

import orjson
import pytest

from graph.ids import global_id
from tests.graph.asking import Acting, World

SECRET = "maria-canary"


async def refused(acting: Acting, query: str, **variables: Any) -> tuple[str, str]:
    """Code and message of the first error; nothing may be answered beside it."""
    answered = await acting.owner.answer(query, **variables)
    body = orjson.loads(answered.body)
    assert not [value for value in (body.get("data") or {}).values() if value is not None]
    assert SECRET not in answered.body.decode()
    error = body["errors"][0]
    return error["extensions"]["code"], error["message"]


# --- ids


BAD_IDS = [
    "",
    "1",
    str(uuid4()),
    SECRET,
    "a" * 10_000,
    base64.b64encode(b"Meeting:not-a-uuid").decode(),
    global_id("Meeting", uuid4()) + "=",
    global_id("Meeting", uuid4()) + "\n",
    global_id("Meeting", uuid4())[:-1],
    global_id("Nothing", uuid4()),
    global_id("meeting", uuid4()),
    global_id("Meeting", uuid4()).replace("T", "\0", 1),
    base64.urlsafe_b64encode(f"Meeting:{str(uuid4()).upper()}".encode()).decode().rstrip("="),
    base64.urlsafe_b64encode(f"Meeting:{uuid4().hex}".encode()).decode().rstrip("="),
    base64.urlsafe_b64encode(f"Meeting:{{{uuid4()}}}".encode()).decode().rstrip("="),
    "' or 1=1 --",
    "ï" * 50,
]


@pytest.mark.parametrize("bad", BAD_IDS, ids=range(len(BAD_IDS)))
@pytest.mark.parametrize(
    "query",
    [
        "query($id: ID!) { node(id: $id) { id } }",
        "query($id: ID!) { nodes(ids: [$id]) { id } }",
        "query($id: ID!) { meeting(id: $id) { id } }",
        "query($id: ID!) { resourceAuditTrail(id: $id) { totalCount } }",
        "query($id: ID!) { meetings(filter: {eventId: $id}) { totalCount } }",
        "query($id: ID!) { meetings(filter: {not: [{or: [{hostId: $id}]}]}) { totalCount } }",
        "query($id: ID!) { auditLogs(filter: {resourceId: $id}) { totalCount } }",
    ],
)
async def test_what_is_no_id_is_refused(query: str, bad: str, acme: Acting) -> None:
    if "auditLogs" in query and bad == global_id_of_nothing(bad):
        # The trail takes the id of anything: there is nothing about this one.
        assert [*(await acme.owner.ask(query, id=bad)).values()] == [{"totalCount": 0}]
        return
    code, message = await refused(acme, query, id=bad)

    assert code == "BAD_USER_INPUT"
    assert not bad or bad not in message or bad == "1"


def global_id_of_nothing(bad: str) -> str | None:
    """Ids of a well-formed but unknown type, which only the trail may take."""
    try:
        name = base64.urlsafe_b64decode(bad + "=" * (-len(bad) % 4)).decode().partition(":")[0]
    except ValueError:
        return None
    return bad if name in ("Nothing", "meeting") else None


@pytest.mark.parametrize("field", ["meeting", "event", "organization"])
async def test_an_id_of_another_type_is_refused_and_one_of_another_organization_is_null(
    field: str, world: World
) -> None:
    query = f"query($id: ID!) {{ {field}(id: $id) {{ id }} }}"
    assert await refused(world.acme, query, id=global_id("Record", uuid4())) == ("BAD_USER_INPUT", "Invalid id")
    for nowhere in (global_id(field.title(), uuid4()), world.globex.id if field == "organization" else ""):
        if nowhere:
            assert await world.acme.owner.ask(query, id=nowhere) == {field: None}


async def test_more_than_a_hundred_ids_are_refused(acme: Acting) -> None:
    ids = [global_id("Meeting", uuid4()) for _ in range(101)]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    assert (await refused(acme, query, ids=ids))[0] == "BAD_USER_INPUT"
    assert (await refused(acme, query, ids=ids * 100))[0] == "BAD_USER_INPUT"
    assert await acme.owner.ask(query, ids=ids[:100]) == {"nodes": [None] * 100}


# --- pages


@pytest.mark.parametrize("name", ["first", "last"])
@pytest.mark.parametrize("size", [0, -1, 101, 2**31 - 1, -(2**31)])
async def test_a_page_has_1_to_100(name: str, size: int, acme: Acting) -> None:
    query = f"query($n: Int) {{ events({name}: $n) {{ nodes {{ id }} }} }}"

    assert await refused(acme, query, n=size) == ("BAD_USER_INPUT", f"{name} must be 1..100")


@pytest.mark.parametrize("size", [2**31, -(2**31) - 1, 10**400, 1.5, "5", True, [], {}])
async def test_a_size_is_an_int_of_32_bits(size: Any, acme: Acting) -> None:
    code, message = await refused(acme, "query($n: Int) { events(first: $n) { nodes { id } } }", n=size)

    assert code == "BAD_USER_INPUT"
    assert str(size) not in message or isinstance(size, list | dict | bool)


async def test_first_and_last_are_not_given_together(acme: Acting) -> None:
    assert (await refused(acme, "{ events(first: 1, last: 1) { totalCount } }"))[0] == "BAD_USER_INPUT"


async def test_an_order_is_up_to_three_different_ones(acme: Acting) -> None:
    for order in ("[NAME_ASC, NAME_ASC]", "[NAME_ASC, PRICE_ASC, POSITION_ASC, CREATED_AT_DESC]"):
        assert (await refused(acme, f"{{ events(orderBy: {order}) {{ totalCount }} }}"))[0] == "BAD_USER_INPUT"


CURSORS = (
    "query($after: String) { events(after: $after, filter: {isActive: true}, orderBy: [NAME_ASC]) { totalCount } }"
)


async def cursor_of(acting: Acting, arguments: str, who: str = "owner", field: str = "events") -> str:
    found = await acting.askers[who].ask(f"{{ {field}({arguments}) {{ edges {{ cursor }} }} }}")
    cursor: str = found[field]["edges"][0]["cursor"]
    return cursor


def sealed(*values: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


async def test_a_cursor_of_anything_else_is_refused_in_one_text(world: World) -> None:
    acme = world.acme
    good = await cursor_of(acme, "filter: {isActive: true}, orderBy: [NAME_ASC]")
    version, bound, name, id_ = orjson.loads(base64.urlsafe_b64decode(good + "=" * (-len(good) % 4)))
    bad = [
        await cursor_of(acme, "orderBy: [NAME_ASC]"),  # another filter
        await cursor_of(acme, "filter: {isActive: true, archived: false}, orderBy: [NAME_ASC]"),
        await cursor_of(acme, "filter: {isActive: true}"),  # another order
        await cursor_of(acme, "filter: {isActive: true}, orderBy: [NAME_ASC, PRICE_ASC]"),
        await cursor_of(acme, "first: 1", field="meetings"),  # another list
        await cursor_of(acme, "filter: {isActive: true}, orderBy: [NAME_ASC]", who="admin"),  # another caller
        await cursor_of(world.globex, "filter: {isActive: true}, orderBy: [NAME_ASC]"),  # another organization
        "",
        " ",
        SECRET,
        "?" * 40,
        "a" * 10_240,
        good * 200,
        good[:-2],
        good + "AA",
        "\0",
        "é" * 8,
        sealed(),
        sealed(version + 1, bound, name, id_),
        sealed(version, "0" * 16, name, id_),
        sealed(version, bound, name),
        sealed(version, bound, name, id_, id_),
        sealed(version, bound, 5, id_),
        sealed(version, bound, None, id_),
        sealed(version, bound, name, {"u": SECRET}),
        sealed(version, bound, {"t": "2026-13-01"}, id_),
        sealed(version, bound, name, {"u": 5}),
        sealed(version, bound, ["' or 1=1"], id_),
        base64.urlsafe_b64encode(b"[" * 600).decode(),
        base64.urlsafe_b64encode(b'{"a": 1}').decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ]

    answers = {await refused(acme, CURSORS, after=cursor) for cursor in bad}

    assert {code for code, _ in answers} == {"INVALID_CURSOR"}
    assert len(answers) == 1
    assert (await acme.owner.ask(CURSORS, after=good))["events"]["totalCount"] > 0


async def test_a_cursor_whose_values_no_row_can_have_is_refused_like_any_other(acme: Acting) -> None:
    whose = (("events", "PRICE_ASC"), ("meetings", "START_TIME_ASC"))
    for field, order in whose:
        good = await cursor_of(acme, f"orderBy: [{order}]", field=field)
        version, bound, _, id_ = orjson.loads(base64.urlsafe_b64decode(good + "=" * (-len(good) % 4)))
        query = f"query($after: String) {{ {field}(orderBy: [{order}], after: $after) {{ nodes {{ id }} }} }}"
        moments = ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-01-01T00:00:00"]
        for value in (2**63, -(2**40), *({"t": moment} for moment in moments)):
            code, _ = await refused(acme, query, after=sealed(version, bound, value, id_))
            assert code == "INVALID_CURSOR"


async def test_a_nul_inside_a_cursor_is_refused_like_any_other(acme: Acting) -> None:
    good = await cursor_of(acme, "filter: {isActive: true}, orderBy: [NAME_ASC]")
    version, bound, _, id_ = orjson.loads(base64.urlsafe_b64decode(good + "=" * (-len(good) % 4)))

    code, _ = await refused(
        acme, CURSORS.replace("totalCount", "nodes { id }"), after=sealed(version, bound, "a\0b", id_)
    )

    assert code in ("INVALID_CURSOR", "BAD_USER_INPUT")


# --- scalars


BAD_MOMENTS = [
    "2026-01-31T09:00:00", "2026-01-31", "2026-01-31 09:00:00Z", "2026-02-30T09:00:00Z", "2026-01-31T25:00:00Z",
    "2026-01-31T23:59:60Z", "-001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    "1899-12-31T23:59:59Z", "2026-01-31T09:00:00+25:00", "2026-01-31T09:00:00Europe/Lisbon", "tomorrow", "",
    "2026-01-31T09:00:00Z\n", "٢026-01-31T09:00:00Z", 1_767_225_600, None, True, ["2026-01-31T09:00:00Z"], SECRET,
    "2026-01-31T09:00:00.1234567890Z",
]  # fmt: skip


@pytest.mark.parametrize("bad", [one for one in BAD_MOMENTS if one is not None], ids=str)
async def test_what_is_no_moment_is_refused(bad: Any, acme: Acting) -> None:
    query = "query($at: DateTime!) { meetings(filter: {startsFrom: $at}) { totalCount } }"
    code, message = await refused(acme, query, at=bad)

    assert code == "BAD_USER_INPUT"
    assert f"'{bad}'" not in message


@pytest.mark.parametrize("bad", ["a@b", "@b.test", "a@", "a b@c.test", "a@b.test\r\nBcc: x@y.test", "a@b..test",
                                 "<a@b.test>", "a" * 320 + "@b.test", "a@" + "b" * 320 + ".test", "a@b.test\0",
                                 "a\0@b.test", 5, SECRET], ids=range(13))  # fmt: skip
async def test_what_is_no_address_is_refused(bad: Any, acme: Acting) -> None:
    query = "query($mail: EmailAddress!) { meetings(filter: {guestEmail: $mail}) { totalCount } }"

    assert (await refused(acme, query, mail=bad))[0] == "BAD_USER_INPUT"


@pytest.mark.parametrize("bad", [-1, 1.5, "100", 100_000_001, 2**63, True, "1e3", None], ids=str)
async def test_what_is_no_money_is_refused(bad: Any, acme: Acting) -> None:
    query = """mutation($price: Cents) { createEvent(input: {name: "A", slug: "a", durationInMinutes: 30,
        priceCents: $price}) { __typename ... on InvalidInput { fields { path } } } }"""
    if bad is None:
        answer = (await acme.owner.ask(query, price=None))["createEvent"]
        assert answer == {"__typename": "InvalidInput", "fields": [{"path": "input.priceCents"}]}
    else:
        assert (await refused(acme, query, price=bad))[0] == "BAD_USER_INPUT"


async def test_an_unknown_currency_is_refused(acme: Acting) -> None:
    answer = await acme.owner.do("createEvent", name="A", slug="a", durationInMinutes=30, currency="usd")

    assert (answer["code"], answer["fields"]) == ("INVALID_INPUT", [{"path": "input.currency"}])


# --- text


@pytest.mark.parametrize("bad", ["", " ", "a\0b", "a\u202eb", "a\u200bb", "a\nb", "a\x1bb", "\ufeffa", "a" * 201],
                         ids=range(9))  # fmt: skip
async def test_a_name_that_reads_as_another_or_is_too_long_is_refused(bad: str, acme: Acting) -> None:
    answer = await acme.owner.do("createEvent", name=bad, slug="a", durationInMinutes=30)

    assert (answer["__typename"], answer["fields"][0]["path"]) == ("InvalidInput", "input.name")


@pytest.mark.parametrize("bad", ["a\0b", "a\u202eb", "a" * 5_001, "a" * 1_000_000], ids=range(4))
async def test_a_text_that_cannot_be_stored_or_is_too_long_is_refused(bad: str, acme: Acting) -> None:
    answer = await acme.owner.do("createEvent", name="A", slug="a", durationInMinutes=30, description=bad)

    assert (answer["__typename"], answer["fields"][0]["path"]) == ("InvalidInput", "input.description")


@pytest.mark.parametrize(
    "query",
    [
        "query($word: String!) { auditLogs(filter: {action: [$word]}) { totalCount } }",
        "query($word: String!) { auditLogs(filter: {or: [{resourceType: [$word]}]}) { totalCount } }",
        "query($word: String!) { auditLogs(filter: {action: [$word]}) { nodes { id } } }",
    ],
)
async def test_a_nul_in_a_filter_is_refused(query: str, acme: Acting) -> None:
    assert (await refused(acme, query, word="a\0b"))[0] == "BAD_USER_INPUT"


@pytest.mark.parametrize("minutes", [0, -1, 721, 5_256_000])
async def test_a_duration_is_1_to_720_minutes(minutes: int, acme: Acting) -> None:
    answer = await acme.owner.do("createEvent", name="A", slug="a", durationInMinutes=minutes)

    assert (answer["__typename"], answer["fields"]) == ("InvalidInput", [{"path": "input.durationInMinutes"}])


# --- shapes


@pytest.mark.parametrize(
    "query",
    [
        "{ meetings(filter: {status: [NOTHING]}) { totalCount } }",
        '{ meetings(filter: {status: ["CONFIRMED"]}) { totalCount } }',
        "{ meetings(filter: {status: [confirmed]}) { totalCount } }",
        '{ meetings(filter: {orgId: "x"}) { totalCount } }',
        '{ meetings(filter: {__proto__: "x"}) { totalCount } }',
        '{ meetings(orgId: "x") { totalCount } }',
        'mutation { updateProfile(input: {orgId: "x"}) { __typename } }',
        "mutation { updateProfile(input: {isVerified: true}) { __typename } }",
        'mutation { updateOrganization(input: {role: "owner"}) { __typename } }',
        "mutation { updateOrganization { __typename } }",
        '{ meetings(first: "5") { totalCount } }',
        "{ meetings(first: 5.0) { totalCount } }",
    ],
)
async def test_what_the_schema_does_not_know_does_not_validate(query: str, acme: Acting) -> None:
    code, message = await refused(acme, query)

    assert code == "GRAPHQL_VALIDATION_FAILED"
    assert "Did you mean" not in message


@pytest.mark.parametrize("key", ["orgId", "__proto__", "role", "constructor", "isVerified", "workosUserId"])
async def test_an_unknown_key_of_an_input_is_refused(key: str, acme: Acting) -> None:
    query = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { __typename } }"

    assert (await refused(acme, query, input={"firstName": "A", key: SECRET}))[0] == "BAD_USER_INPUT"


async def test_a_value_that_is_given_is_never_repeated(acme: Acting) -> None:
    query = "query($filter: MeetingFilter) { meetings(filter: $filter) { totalCount } }"
    for bad in ({"status": [SECRET]}, {"status": SECRET}, {"guestEmail": SECRET}, {"startsFrom": [SECRET]}, SECRET,
                [SECRET], {"or": SECRET}, {"eventId": {"a": SECRET}}, {"status": {"a": [SECRET]}}):  # fmt: skip
        assert (await refused(acme, query, filter=bad))[0] == "BAD_USER_INPUT"


async def test_a_literal_that_is_wrong_is_never_repeated(acme: Acting) -> None:
    for literal in (
        f'"{SECRET}"',
        f'{{status: ["{SECRET}"]}}',
        f'{{guestEmail: "{SECRET}"}}',
        f'{{startsFrom: "{SECRET}"}}',
    ):
        code, _ = await refused(acme, f"{{ meetings(filter: {literal}) {{ totalCount }} }}")
        assert code in ("GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT")


async def test_a_filter_takes_at_most_100_values_and_nests_at_most_five_deep(acme: Acting) -> None:
    query = "query($filter: AuditLogFilter) { auditLogs(filter: $filter) { totalCount } }"
    assert (await refused(acme, query, filter={"action": ["A"] * 101}))[0] == "BAD_USER_INPUT"
    assert (await refused(acme, query, filter={"or": [{}] * 101}))[0] == "BAD_USER_INPUT"
    deep: dict[str, Any] = {"action": ["A"]}
    for _ in range(200):
        deep = {"not": [deep]}
    assert (await refused(acme, query, filter=deep))[0] == "BAD_USER_INPUT"
