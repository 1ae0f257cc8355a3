"""Whatever is asked, answered, refused or broken: no word that somebody said is in any log."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import asyncpg
import httpx2
import pytest
from graphql import GraphQLSchema

from db.embedded import Cluster
from db.embedded.home import place
from db.engine import create_engine
from graph.operation import Graph
from graph.schema import build
from tests import make
from tests.graph.asking import Acting, World, world_of
from tests.graph.canaries import WORD, ids_of, plant
from tests.graph.test_every_mutation import EVERY, cases, document
from tests.graph.walking import Walk
from tests.personas import Database, as_superuser
from tests.server.site import Site, served
from tests.server.written import accesses, everything_written

SCHEMA = build()
SOAK = bool(os.environ.get("SOAK"))  # `make soak`: every field of every type, where otherwise a tenth is read


@pytest.fixture(scope="module")
def whole(database: Database) -> Iterator[Site]:
    """The server with the whole schema."""
    with served(database.api, schema=SCHEMA, ORGRAPH_DEADLINE_S="10") as site:
        yield site


async def world(database: Database, schema: GraphQLSchema) -> World:
    engine = create_engine(database.api, size=1)
    return world_of(database, Graph.over(schema, engine), await make.world(database))


def spoken(name: str, value: object) -> object:
    """An input's value with a canary in it, where it is a text of somebody's own."""
    kept = name.lower().endswith(("id", "ids", "timezone", "time", "key")) or not isinstance(value, str)
    return value if kept else f"{WORD}-{value}"


async def everything_asked(client: httpx2.AsyncClient, acme: Acting) -> dict[int, int]:
    """Reads of every field, changes with canaries, and all kinds of mistakes with canaries; how it was answered."""
    statuses: dict[int, int] = {}

    async def post(body: object, **headers: str) -> None:
        status = (await client.post("/graphql", json=body, headers=headers)).status_code
        statuses[status] = statuses.get(status, 0) + 1

    for step in list(Walk(SCHEMA, await ids_of(acme)).steps())[:: 1 if SOAK else 10]:
        await post({"query": step.query})
    known = await cases(acme)
    for name in EVERY:
        values = {key: spoken(key, value) for key, value in known[name].values.items()}
        for more in ({}, {"idempotencyKey": f"{WORD}-{name}"}, {"orgId": WORD}):
            await post({"query": document(name), "variables": {"input": values | more}})
    bad = [
        f"{{ {WORD} {{ id }} }}",
        f'{{ event(id: "{WORD}") {{ id }} }}',
        f'{{ meetings(filter: {{ {WORD}: "{WORD}@canary.test" }}) {{ totalCount }} }}',
        f'{{ meetings(filter: {{ startTime: {{ gt: "{WORD}" }} }}) {{ totalCount }} }}',
        f'{{ meetings(after: "{WORD}") {{ totalCount }} }}',
        f"query Q($x: {WORD}) {{ viewer {{ id }} }}",
        f'{{ viewer "{WORD}"',
        f"# {WORD}\n{{ viewer {{ __typename }} }}",
        f"{{ viewer {{ {WORD}: __typename }} }}",
        f'{{ events(filter: {{ search: "{WORD}\\u0000" }}) {{ totalCount }} }}',
    ]
    for query in bad:
        await post({"query": query, "variables": {WORD: WORD, "x": WORD}})
    await post({"query": "query Fine { viewer { id } }"}, **{"user-agent": WORD, "x-request-id": WORD, "cookie": WORD})
    await post({"query": "{ viewer { id } }", "operationName": f"{WORD}@canary.test"})
    await post({"query": "{ viewer { id } }"}, authorization=f"Bearer {WORD}.{WORD}.{WORD}")
    await post([WORD])
    await post({"documentId": WORD})
    for path in (f"/{WORD}", f"/auth/callback?code={WORD}&state={WORD}", f"/graphql?query={{{WORD}}}", f"/auth/{WORD}"):
        await client.get(path)
    return statuses


async def test_no_word_that_somebody_said_is_in_any_log(whole: Site, database: Database, cluster: Cluster) -> None:
    acme = (await world(database, SCHEMA)).acme
    await plant(acme)
    log = place(cluster.home).log
    before = log.stat().st_size
    token = whole.token(acme.owner.user_id, acme.rows.workos_id)
    with everything_written() as lines:
        async with whole.client(headers={"authorization": f"Bearer {token}"}) as client:
            statuses = await everything_asked(client, acme)
        # What only somebody with a shell can make go wrong.
        async with as_superuser(database) as superuser:
            with contextlib.suppress(asyncpg.DataError):
                await superuser.fetchval(f"select '{WORD}'::uuid")
    assert {200, 400, 401, 404} <= statuses.keys(), statuses
    written = "\n".join(lines)
    assert len(accesses(lines)) > sum(statuses.values())
    assert WORD not in written.lower()
    assert "@" not in written
    for secret in (token, *token.split(".")[1:]):
        assert secret not in written
    with log.open("rb") as postgres:
        postgres.seek(before)
        assert WORD.encode() not in postgres.read().lower()
