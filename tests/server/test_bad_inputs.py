"""What somebody may send by mistake or on purpose, a row each: the status and the code that it must get.

Over HTTP, against the API's own schema, as in production. What needs more than one request, or a clock, is told by the
test beside it; what a mutation answers as data is a code all the same.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import uuid4

import httpx2
import orjson
import pytest

from graph.ids import global_id
from tests import make
from tests.make import TOMORROW
from tests.personas import Database, World
from tests.server.site import Site

MODERN = "application/graphql-response+json"
SECRET = "maria-canary"

# --- HTTP


@dataclass(frozen=True)
class Sent:
    """Bytes on the wire, and the status and code that answer them."""

    row: str
    status: int
    code: str
    method: bytes = b"POST"
    target: bytes = b"/graphql"
    headers: tuple[bytes, ...] = (b"content-type: application/json",)
    body: bytes | None = b'{"query": "{ __typename }"}'
    host: bytes = b"host: x\r\n"
    closes: bool = False
    answers: tuple[bytes, ...] = ()

    def wire(self) -> bytes:
        """The request as it is sent; the connection ends with it."""
        length = b"" if self.body is None else b"content-length: %d\r\n" % len(self.body)
        lines = b"".join(line + b"\r\n" for line in self.headers)
        head = b"%s %s HTTP/1.1\r\n%s%s%sconnection: close\r\n\r\n"
        return head % (self.method, self.target, self.host, lines, length) + (self.body or b"")


def typed(content_type: bytes | None) -> tuple[bytes, ...]:
    return () if content_type is None else (b"content-type: " + content_type,)


def body(row: str, body: bytes, status: int, code: str, **more: Any) -> Sent:
    return Sent(row, status, code, body=body, **more)


TYPE, JSON = "UNSUPPORTED_MEDIA_TYPE", b"content-type: application/json"
GET: dict[str, Any] = {"method": b"GET", "body": None, "headers": ()}
BOTH_LENGTHS = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
COOKIE = b"cookie: orgraph_session=x"
CHUNKED = (JSON, b"transfer-encoding: chunked")
PREFLIGHT = (b"origin: https://evil.example", b"access-control-request-method: POST")

HTTP = [
    Sent("PUT", 405, "METHOD_NOT_ALLOWED", b"PUT", answers=(b"allow: GET, POST",)),
    Sent("DELETE", 405, "METHOD_NOT_ALLOWED", b"DELETE", answers=(b"allow: GET, POST",)),
    Sent("no content type", 415, TYPE, headers=typed(None)),
    Sent("text/plain", 415, TYPE, headers=typed(b"text/plain")),
    Sent("urlencoded", 415, TYPE, headers=typed(b"application/x-www-form-urlencoded")),
    Sent("multipart", 415, TYPE, headers=typed(b"multipart/form-data; boundary=x")),
    Sent("xapplication/jsonx", 415, TYPE, headers=typed(b"xapplication/jsonx")),
    Sent("text/application/json", 415, TYPE, headers=typed(b"text/application/json")),
    Sent("charset utf-16", 415, TYPE, headers=typed(b"application/json; charset=utf-16")),
    Sent("accept html alone", 406, "NOT_ACCEPTABLE", headers=(JSON, b"accept: text/html")),
    Sent("accept an image", 406, "NOT_ACCEPTABLE", headers=(JSON, b"accept: image/png")),
    body("empty body", b"", 400, "BAD_REQUEST"),
    body("no JSON", b"{bad", 400, "BAD_JSON"),
    body("a number", b"5", 400, "BAD_REQUEST"),
    body("null", b"null", 400, "BAD_REQUEST"),
    body("a string", b'"x"', 400, "BAD_REQUEST"),
    body("true", b"true", 400, "BAD_REQUEST"),
    body("an empty list", b"[]", 400, "BATCHING_DISABLED"),
    body("a list", b'[{"query": "{ __typename }"}]', 400, "BATCHING_DISABLED"),
    body("invalid UTF-8", b'{"query": "\xff"}', 400, "BAD_JSON"),
    body("a byte order mark", b'\xef\xbb\xbf{"query": "{ __typename }"}', 400, "BAD_JSON"),
    body("a lone surrogate", b'{"query": "\\ud800"}', 400, "BAD_JSON"),
    body("100 000 nested arrays", b"[" * 100_000 + b"]" * 100_000, 400, "JSON_TOO_DEEP"),
    body("an integer of 1 MB", b'{"query": ' + b"9" * 1_000_000 + b"}", 400, "BAD_JSON"),
    body("1e999", b'{"variables": {"a": 1e999}}', 400, "BAD_JSON"),
    body("NaN", b'{"variables": {"a": NaN}}', 400, "BAD_JSON"),
    body("Infinity", b'{"variables": {"a": Infinity}}', 400, "BAD_JSON"),
    body("minus Infinity", b'{"variables": {"a": -Infinity}}', 400, "BAD_JSON"),
    body("a key twice", b'{"query": "{ a }", "query": "{ b }"}', 400, "BAD_JSON"),
    body("declared too long", b" " * 1_048_577, 413, "PAYLOAD_TOO_LARGE", closes=True),
    Sent(
        "chunked and too long",
        413,
        "PAYLOAD_TOO_LARGE",
        headers=(*CHUNKED, b""),
        body=None,
        closes=True,
    ),
    Sent("gzip", 415, "UNSUPPORTED_ENCODING", headers=(JSON, b"content-encoding: gzip")),
    Sent("br", 415, "UNSUPPORTED_ENCODING", headers=(JSON, b"content-encoding: br")),
    Sent("zstd", 415, "UNSUPPORTED_ENCODING", headers=(JSON, b"content-encoding: zstd")),
    Sent("a header of 16 KiB", 431, "HEADERS_TOO_LARGE", headers=(JSON, b"x-long: " + b"y" * 16_384), closes=True),
    Sent("200 headers", 431, "HEADERS_TOO_LARGE", headers=tuple(b"x-%d: y" % n for n in range(200)), closes=True),
    Sent("a long address", 414, "URI_TOO_LONG", target=b"/graphql?query=" + b"x" * 8_192, **GET),
    Sent("no host", 400, "BAD_HOST", host=b"", closes=True),
    Sent("two hosts", 400, "BAD_HOST", host=b"host: x\r\nhost: evil.example\r\n", closes=True),
    Sent("a host with a path", 400, "BAD_HOST", host=b"host: x/../admin\r\n", closes=True),
    Sent("a host with a user", 400, "BAD_HOST", host=b"host: x@evil.example\r\n", closes=True),
    Sent("another host in the address", 400, "BAD_HOST", target=b"http://evil.example/graphql", closes=True),
    Sent("a preflight from elsewhere", 403, "ORIGIN_NOT_ALLOWED", b"OPTIONS", headers=PREFLIGHT, body=None),
    Sent("a cookie from another site", 403, "CSRF_BLOCKED", headers=(JSON, COOKIE, b"sec-fetch-site: cross-site")),
    Sent("a cookie without a sign", 403, "CSRF_BLOCKED", headers=(JSON, COOKIE)),
    Sent("an unknown path", 404, "NOT_FOUND", target=b"/nothing", **GET),
    Sent("a path upwards", 404, "NOT_FOUND", target=b"/graphql/../admin", **GET),
    Sent("a hidden path upwards", 404, "NOT_FOUND", target=b"/%2e%2e/admin", **GET),
    Sent("a NUL in the path", 404, "NOT_FOUND", target=b"/%00", **GET),
]


@pytest.mark.parametrize("sent", HTTP, ids=lambda sent: sent.row)
def test_over_http(real: Site, sent: Sent) -> None:
    wire = sent.wire()
    if sent.row == "chunked and too long":
        chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
        wire = wire.replace(b"chunked\r\n\r\n", b"chunked\r\n") + chunk * 20 + b"0\r\n\r\n"
    head, _, answered = real.raw(wire).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % sent.status), head
    errors = orjson.loads(answered)["errors"]
    assert [error["extensions"]["code"] for error in errors] == [sent.code]
    assert b"x-request-id: " + errors[0]["extensions"]["requestId"].encode() in head
    for line in sent.answers:
        assert line in head
    assert b"access-control-allow" not in head
    assert b"connection: close" in head or not sent.closes


def test_both_lengths_are_refused_and_the_connection_closed(real: Site) -> None:
    head, _, answered = real.raw(BOTH_LENGTHS).partition(b"\r\n\r\n")
    assert (head[:13], b"connection: close" in head) == (b"HTTP/1.1 400 ", True)
    assert orjson.loads(answered)["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


# --- GraphQL

Variables: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """An operation of an owner, and what it must get. No status where it is the limits' to say."""

    row: str
    status: int | None
    codes: tuple[str, ...]
    query: Any
    variables: Any = None
    more: Variables = field(default_factory=dict)
    method: str = "POST"


def ask(row: str, status: int | None, code: str | tuple[str, ...], query: Any, /, **variables: Any) -> Asked:
    return Asked(row, status, (code,) if isinstance(code, str) else code, query, variables or None)


def shape(row: str, query: Any, /, **more: Any) -> Asked:
    return Asked(row, 422, ("BAD_REQUEST",), query, None, more)


EVENTS = "query ($n: Int) { events(first: $n) { totalCount } }"
AFTER = "query ($c: String) { events(after: $c) { totalCount } }"
NODE = "query ($id: ID!) { node(id: $id) { id } }"
MEETINGS = "query ($f: MeetingFilter) { meetings(filter: $f) { totalCount } }"
TRAIL = "query ($w: String!) { auditLogs(filter: {action: [$w]}) { totalCount } }"
CREATE = """mutation ($i: CreateEventInput!) { createEvent(input: $i) {
    __typename ... on Failure { code } ... on InvalidInput { fields { path message } } } }"""
PROFILE = "mutation ($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename } }"
TWO = "query A { __typename } query B { __typename }"
VALID, INPUT, FAILED = "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "INVALID_INPUT"
HUGE = ("DOCUMENT_TOO_LARGE", "TOO_DEEP", "TOO_EXPENSIVE", "TOO_MANY_ALIASES", "TOO_MANY_DIRECTIVES", VALID)
NEST = "meetings { nodes { event { "
DEEP = "{ " + NEST * 4 + "name" + " } } }" * 4 + " }"
LEVEL = "viewer { user { id } } "
CYCLE = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"
UNUSED = "{ __typename } " + " ".join(f"fragment f{n} on Query {{ __typename }}" for n in range(2_000))


def event(**changed: Any) -> Variables:
    return {"i": {"name": "A", "slug": f"a-{uuid4().hex}", "durationInMinutes": 30, **changed}}


def sealed(*values: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


GRAPHQL = [
    shape("query is missing", ...),
    shape("query is a number", 5),
    shape("query is empty", ""),
    shape("variables are a list", "{ __typename }", variables=[1]),
    shape("variables are a string", "{ __typename }", variables="{}"),
    shape("extensions are a number", "{ __typename }", extensions=5),
    shape("operationName is a number", "{ __typename }", operationName=5),
    ask("a syntax error", 400, "GRAPHQL_PARSE_FAILED", "{ viewer"),
    ask("an unknown field", 422, VALID, "{ viewr { id } }"),
    ask("an unknown type", 422, VALID, "query ($a: Meetingg) { __typename }"),
    ask("an unknown argument", 422, VALID, "{ events(firstt: 1) { totalCount } }"),
    ask("two operations and no name", 422, "OPERATION_NAME_REQUIRED", TWO),
    Asked("a name that is not there", 422, ("OPERATION_NOT_FOUND",), TWO, None, {"operationName": "C"}),
    Asked("a mutation by GET", 405, ("METHOD_NOT_ALLOWED",), "mutation { __typename }", method="GET"),
    ask("a subscription by POST", 422, VALID, "subscription { a }"),
    ask("more than 1 000 tokens", None, "DOCUMENT_TOO_LARGE", "{ " + "__typename " * 1_001 + "}"),
    ask("fields 300 deep", None, HUGE, "{ " + "a { " * 300 + "b" + " }" * 300 + " }"),
    ask("fields 5 000 deep", None, HUGE, "{ " + "a { " * 5_000 + "b" + " }" * 5_000 + " }"),
    ask("a list 5 000 deep", None, HUGE, "{ events(orderBy: " + "[" * 5_000 + "]" * 5_000 + ") { totalCount } }"),
    ask("3 000 aliases", None, HUGE, "{ " + " ".join(f"a{n}: __typename" for n in range(3_000)) + " }"),
    ask("a fragment that spreads itself", 422, VALID, CYCLE),
    ask("2 000 unused fragments", None, HUGE, UNUSED),
    ask("an unknown directive ten times", None, HUGE, "{ __typename " + "@aa " * 10 + "}"),
    ask("@skip 2 000 times", None, HUGE, "{ __typename " + "@skip(if: false) " * 2_000 + "}"),
    ask("a page of 0", 294, INPUT, EVENTS, n=0),
    ask("a page of -1", 294, INPUT, EVENTS, n=-1),
    ask("a page of 101", 294, INPUT, EVENTS, n=101),
    ask("a page of 2^31", 422, INPUT, EVENTS, n=2**31),
    ask("first and last", 294, INPUT, "{ events(first: 1, last: 1) { totalCount } }"),
    ask("a cursor that is no base64", 294, "INVALID_CURSOR", AFTER, c="%%%"),
    ask("a cursor of another version", 294, "INVALID_CURSOR", AFTER, c=sealed(99, "0" * 16, "a", "b")),
    ask("a cursor of another list", 294, "INVALID_CURSOR", AFTER, c=sealed(1, "0" * 16, "a", "b")),
    ask("a cursor of 10 kB", 294, "INVALID_CURSOR", AFTER, c="a" * 10_240),
    ask("an Int of 2 147 483 648", 422, INPUT, EVENTS, n=2_147_483_648),
    ask("a float for an Int", 422, INPUT, EVENTS, n=1.5),
    ask("a string for an Int", 422, INPUT, EVENTS, n="5"),
    ask("a string for an Int in the document", 422, VALID, '{ events(first: "5") { totalCount } }'),
    ask("an id that is none", 294, INPUT, NODE, id=SECRET),
    ask("an id of an unknown type", 294, INPUT, NODE, id=global_id("Nothing", uuid4())),
    ask("an id with a NUL", 294, INPUT, NODE, id="a\0b"),
    ask("an id in another spelling", 294, INPUT, NODE, id=global_id("Meeting", uuid4()) + "="),
    ask("a NUL in a text", 200, FAILED, CREATE, **event(description="a\0b")),
    ask("a NUL in a filter", 422, INPUT, TRAIL, w="a\0b"),
    ask("a name of 201 characters", 200, FAILED, CREATE, **event(name="a" * 201)),
    ask("a text of 900 kB", 200, FAILED, CREATE, **event(description="a" * 900_000)),
    ask("a name with a bidi override", 200, FAILED, CREATE, **event(name="a\u202eb")),
    ask("a name with a zero-width space", 200, FAILED, CREATE, **event(name="a\u200bb")),
    *[
        ask(f"a moment {kind}", 422, INPUT, MEETINGS, f={"startsFrom": moment})
        for kind, moment in {
            "without a zone": "2026-01-31T09:00:00",
            "at the end of time": "9999-12-31T23:59:59Z",
            "before the year one": "-001-01-01T00:00:00Z",
            "in a leap second": "2026-06-30T23:59:60Z",
            "on a local clock": "2026-03-29T01:30:00 Europe/Lisbon",
        }.items()
    ],
    ask("a duration of 0", 200, FAILED, CREATE, **event(durationInMinutes=0)),
    ask("a duration of ten years", 200, FAILED, CREATE, **event(durationInMinutes=5_256_000)),
    ask("an unknown enum", 422, VALID, "{ meetings(filter: {status: [NOTHING]}) { totalCount } }"),
    ask("an enum in quotes", 422, VALID, '{ meetings(filter: {status: ["CONFIRMED"]}) { totalCount } }'),
    ask("orgId", 422, INPUT, PROFILE, i={"orgId": SECRET}),
    ask("__proto__", 422, INPUT, PROFILE, i={"__proto__": SECRET}),
    ask("role", 422, INPUT, PROFILE, i={"role": SECRET}),
    ask("orgId in the document", 422, VALID, 'mutation { updateProfile(input: {orgId: "x"}) { __typename } }'),
    ask("9 000 ids", 294, INPUT, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["a"] * 9_000),
    ask("10 001 ids", 400, "JSON_TOO_LARGE", "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["a"] * 10_001),
    *[
        ask(f"an e-mail address {kind}", 422, INPUT, MEETINGS, f={"guestEmail": address})
        for kind, address in {
            "without a domain": "a@b",
            "too long": "a" * 321 + "@b.test",
            "with a line break": "a@b.test\r\nBcc: c@d.test",
        }.items()
    ],
    ask("money below zero", 422, INPUT, CREATE, **event(priceCents=-1)),
    ask("money with a fraction", 422, INPUT, CREATE, **event(priceCents=1.5)),
    ask("more money than fits", 422, INPUT, CREATE, **event(priceCents=2**63)),
    ask("an unknown currency", 200, FAILED, CREATE, **event(currency="XXXX")),
]  # fmt: skip


@pytest.fixture(scope="module")
async def world(database: Database) -> World:
    """One for all rows: what one of them does is nothing to another."""
    return await make.world(database)


async def answered(site: Site, world: World, asked: Asked) -> httpx2.Response:
    """What an owner is answered who asks this."""
    acme = world.acme
    headers = {"authorization": f"Bearer {site.token(acme.people['owner'], acme.workos_id)}", "accept": MODERN}
    request = {"query": asked.query, "variables": asked.variables, **asked.more}
    request = {key: value for key, value in request.items() if value is not ... and value is not None}
    async with site.client(headers=headers) as client:
        if asked.method == "GET":
            return await client.get("/graphql", params=request)
        headers = {"content-type": "application/json"}
        return await client.post("/graphql", content=json.dumps(request), headers=headers)


def codes(answer: httpx2.Response) -> set[str]:
    """Of the errors; or of the failures among the data."""
    told = answer.json()
    if "errors" in told:
        return {error["extensions"]["code"] for error in told["errors"]}
    return {one["code"] for one in told["data"].values() if one and "code" in one}


@pytest.mark.parametrize("asked", GRAPHQL, ids=lambda asked: asked.row)
async def test_in_graphql(real: Site, world: World, asked: Asked) -> None:
    answer = await answered(real, world, asked)
    told = answer.json()
    assert len(codes(answer)) == 1, answer.text
    assert codes(answer) <= set(asked.codes)
    assert answer.status_code in ({400, 422} if asked.status is None else {asked.status}), answer.text
    assert len(told.get("errors", [])) <= 5
    assert SECRET not in answer.text
    assert "Did you mean" not in answer.text
    assert answer.headers.get("allow") == ("POST" if answer.status_code == 405 else None)


async def test_an_id_of_another_organization_and_one_of_nobody_are_one_answer(real: Site, world: World) -> None:
    theirs = next(iter(world.globex.rows["meetings"].values()))
    asked = [ask("", 200, "", NODE, id=global_id("Meeting", one)) for one in (theirs, uuid4())]
    answers = [await answered(real, world, one) for one in asked]
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b'{"data":{"node":null}}')}


BOOK = """mutation ($i: BookMeetingInput!) { bookMeeting(input: $i) { __typename ... on Failure { code } } }"""


async def test_a_slot_that_is_taken_and_a_name_that_is_taken_are_data(real: Site, world: World) -> None:
    rows = world.acme.rows["events"]
    booking = {
        "eventId": global_id("Event", rows[world.acme.people["owner"]]),
        "startTime": TOMORROW.replace(hour=20).isoformat(),
        "guestName": "Rui Costa",
        "guestEmail": "rui@guests.test",
        "guestTimezone": "Europe/Lisbon",
    }
    for query, variables, code in ((BOOK, {"i": booking}, "SLOT_TAKEN"), (CREATE, event(), "ALREADY_EXISTS")):
        first = await answered(real, world, ask("", 200, "", query, **variables))
        second = await answered(real, world, ask("", 200, "", query, **variables))
        assert (first.status_code, codes(first)) == (200, set()), first.text
        assert (second.status_code, codes(second)) == (200, {code})


@pytest.mark.parametrize(
    ("sqlstate", "code"), [("57014", "TIMEOUT"), ("40001", "CONFLICT"), ("40P01", "CONFLICT"), ("55P03", "CONFLICT"),
                           ("53300", "OVERLOADED"), ("57P01", "DB_UNAVAILABLE"), ("XX000", "INTERNAL")]
)  # fmt: skip
async def test_what_the_database_raises_has_a_code_and_no_words(site: Site, sqlstate: str, code: str) -> None:
    async with site.client(headers={"accept": MODERN}) as client:
        answer = await client.post("/graphql", json={"query": f'{{ raises(sqlstate: "{sqlstate}") }}'})
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [code]
    assert answer.status_code in {294, 409, 500, 503}
    assert "planted" not in answer.text
