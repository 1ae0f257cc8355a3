"""The log can be read, by people or by machines, and holds nothing that somebody said."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import orjson
import pytest

from graph.happened import fingerprint
from server.logging import configure, told
from tests.personas import World
from tests.server.site import CANARY, Site
from tests.server.written import FORMS, accesses, everything_written


@pytest.fixture
def written() -> Iterator[list[str]]:
    with everything_written() as lines:
        yield lines


async def test_a_request_leaves_one_line_with_its_name_and_its_id(site: Site, written: list[str]) -> None:
    async with site.client() as client:
        answer = await client.post("/graphql", json={"query": "query Greet { greeting }"})
    [line] = accesses(written)
    assert line.pop("duration_ms") >= 0
    assert line.pop("at").endswith("+00:00")
    assert line.pop("message").startswith("POST /graphql 200 in ")
    assert line == {
        "level": "info",
        "logger": "orgraph.access",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "request_id": answer.headers["x-request-id"],
        "principal": "guest",
        "operation": "Greet",
        "kind": "query",
        "document": fingerprint("query Greet { greeting }"),
        "way": "interpreted",
        "cost": 1,
        "outcome": "ok",
    }
    assert [plain for plain in written if plain.endswith("ms, Greet")]


async def test_no_text_variable_address_or_token_is_ever_written(site: Site, world: World, written: list[str]) -> None:
    token = site.token(world.acme.people["owner"], world.acme.workos_id)
    planted = {"query": f'{{ greeting(name: "{CANARY}") broken }}', "variables": {"email": f"{CANARY}@example.com"}}
    async with site.client(headers={"authorization": f"Bearer {token}"}) as client:
        await client.post("/graphql", json=planted)
        await client.post("/graphql", json={"query": f"{{ {CANARY} }}"})
        await client.post("/graphql", json={"query": "{ greeting }", "operationName": f"{CANARY}@example.com"})
        await client.get("/graphql", params={"query": f'{{ greeting(name: "{CANARY}") }}'})
        await client.get("/auth/callback", params={"code": CANARY, "state": CANARY})
        await client.get("/graphql", headers={"authorization": f"Bearer {CANARY}"})
        await client.get("/livez", headers={"x-request-id": CANARY, "user-agent": CANARY})
    everything = "\n".join(written)
    assert "fault ValueError" in everything, "or the planted fault was never written"
    assert CANARY not in everything
    assert token not in everything
    assert token.split(".")[2] not in everything


def test_an_exception_is_told_by_its_kind_and_place() -> None:
    with pytest.raises(ValueError, match=CANARY) as raised:
        int(CANARY)
    assert told(raised.value).startswith("ValueError at test_logging.py:")
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "x", 1, "Exception in ASGI application\n", (), None)
    record.exc_info = (raised.type, raised.value, raised.tb)
    for form in FORMS.values():
        line = form.format(record)
        assert CANARY not in line
        assert "ValueError at test_logging.py:" in line
        assert "\n" not in line


def test_configuring_twice_writes_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    before, level = logging.root.handlers[:], logging.root.level
    try:
        configure(as_json=False)
        configure(as_json=True)
        logging.getLogger("uvicorn.error").warning("started")
        logging.getLogger("uvicorn.access").info("never")
        lines = [orjson.loads(line) for line in capsys.readouterr().err.splitlines()]
    finally:
        logging.root.handlers[:], logging.root.level = before, level
    assert [(line["logger"], line["message"]) for line in lines] == [("uvicorn.error", "started")]


TOLD = ("principal", "organization", "kind", "outcome", "code", "statements", "cost")
INVALID = "GRAPHQL_VALIDATION_FAILED"


async def test_a_line_says_who_was_served_how_and_at_what_price(site: Site, world: World, written: list[str]) -> None:
    token = site.token(world.acme.people["owner"], world.acme.workos_id)
    async with site.client(headers={"authorization": f"Bearer {token}"}) as client:
        await client.post("/graphql", json={"query": "{ address sleep(seconds: 0) }"})
        await client.post("/graphql", json={"query": "mutation Try { fail }"})
        await client.post("/graphql", json={"query": "{ nothing }"})
        await client.post("/graphql", headers={"authorization": "Bearer no.such.token"}, json={"query": "{ greeting }"})
    told = [{name: line.get(name) for name in TOLD} for line in accesses(written)]
    who = {"principal": "user", "organization": world.acme.workos_id}
    assert told == [
        who | {"kind": "query", "outcome": "ok", "code": None, "statements": 2, "cost": 1},
        who | {"kind": "mutation", "outcome": "failed", "code": None, "statements": None, "cost": 10},
        who | {"kind": None, "outcome": "invalid", "code": INVALID, "statements": None, "cost": None},
        dict.fromkeys(told[0]) | {"code": "UNAUTHENTICATED"},
    ]


def test_a_documents_fingerprint_holds_none_of_its_values() -> None:
    one = 'query A { meeting(id: "ana", size: 12.5e3, note: """a "quoted" note""") { id } } # a comment'
    other = 'query A { meeting(id: "rui \\" x", size: -7, note: """another""") { id } } # more'
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint(one.replace("meeting", "record"))
    assert fingerprint("{ a1 }") != fingerprint("{ a2 }"), "a digit in a name is no value"
