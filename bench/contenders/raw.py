"""`raw`: Starlette and asyncpg, hand-written SQL that answers JSON. What Python could do here at best.

It verifies the same tokens with the same function as orgraph, and runs in the same frame in the same three round
trips: BEGIN with the whole scope, one prepared statement, COMMIT. With BENCH_BY_HAND=manager or member it runs as a
role above row security, with the filters of the policies written into its statements.
"""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.contenders.serving import CONNECTIONS, serve
from bench.queries import QUERIES, read
from db.scope import Claims, quoted
from server import settings
from server.app import opened_identity

BEGIN = {
    False: "begin isolation level repeatable read read only",
    True: "begin isolation level read committed read write",
}
# Last word of the frame: the entrance chooses the role. By hand it is asked all the same, for what it costs.
ENTER = "select set_config('role', entrance.enter(), true)"
ENTER_BY_HAND = "select set_config('role', case when entrance.enter() is not null then 'bench_bypass' end, true)"


def app() -> Starlette:
    """Answers the documents of bench/queries and nothing else."""
    given = settings.load()
    identity = opened_identity(given)
    by_hand = os.environ.get("BENCH_BY_HAND")
    statements = {
        query.text("orgraph"): (_statement(query.folder, by_hand), query.writes) for query in QUERIES.values()
    }
    enter = ENTER_BY_HAND if by_hand else ENTER
    pool: asyncpg.Pool[asyncpg.Record]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        pool = await asyncpg.create_pool(
            given.database_url.get_secret_value(),
            min_size=CONNECTIONS,
            max_size=CONNECTIONS,
            reset=_unchanged,
            server_settings={"jit": "off", "timezone": "UTC"},
        )
        yield
        await pool.close()
        await identity.aclose()

    async def answer(request: Request) -> Response:
        asked = orjson.loads(await request.body())
        statement, writes = statements[asked["query"]]
        principal = await identity.verifier.verify(request.headers["authorization"].removeprefix("Bearer "))
        claims = Claims(
            user_id=principal.user_id,
            workos_org_id=principal.organization_id,
            request_id=uuid4(),
            ip=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent"),
        )
        async with pool.acquire() as connection:
            await connection.execute(f"{BEGIN[writes]}; {_scope(claims)}; {enter}")
            try:
                body = await connection.fetchval(statement, *(_values(asked["variables"]) if writes else ()))
            except BaseException:
                await connection.execute("rollback")
                raise
            await connection.execute("commit")
        return Response(body, media_type="application/json")

    return Starlette(routes=[Route("/graphql", answer, methods=["POST"])], lifespan=lifespan)


def _statement(folder: str, by_hand: str | None) -> str:
    return read(f"{folder}/by_hand.{by_hand}.sql" if by_hand and folder == "n20" else f"{folder}/raw.sql")


def _scope(claims: Claims) -> str:
    scope = {**claims.settings(), "statement_timeout": "5000"}
    return "select " + ", ".join(f"set_config('{name}', {quoted(value)}, true)" for name, value in scope.items())


def _values(variables: dict[str, Any]) -> tuple[Any, ...]:
    given = variables["input"]
    event = base64.urlsafe_b64decode(given["eventId"] + "=" * (-len(given["eventId"]) % 4)).decode().partition(":")[2]
    start = datetime.fromisoformat(given["startTime"])
    return UUID(event), start, given["guestName"], given["guestEmail"], given["guestTimezone"]


async def _unchanged(_: Any) -> None:
    """Nothing of a transaction outlives it, so that the pool need not spend a round trip on forgetting it."""


if __name__ == "__main__":
    serve(app())
