"""One request, answered in both ways on the same data."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import orjson

from auth.principal import GUEST, Principal
from db.engine import create_engine
from graph.limits.limits import Limits
from graph.operation import Asked, Graph, run
from graph.schema import build
from tests.personas import Connection, Database, World, as_superuser

# What is generated is odder than any limit allows, and both ways must answer it.
WIDE = Limits(depth=100, aliases=400, repeats=400, directives=400, directives_at_one=50, cost=10**9, introspection="on")
# Everything but what differs from one request to the next.
_GONE = """with gone as (delete from app.audit_logs where request_id = $1 returning *)
select (to_jsonb(gone) - array['id', 'created_at', 'request_id'])::text from gone order by 1"""


@dataclass(frozen=True)
class Answer:
    """All that somebody is told, what is written down about it, and in which way it was found."""

    outcome: str
    code: str | None
    body: str
    trail: tuple[str, ...]
    way: str | None

    @property
    def data(self) -> Any:
        """What was answered."""
        return orjson.loads(self.body).get("data")

    def differences(self, other: Answer) -> list[str]:
        """What of it somebody could tell from the other one, the way aside."""
        names = ["outcome", "code", "body"]
        if self.outcome == "ok" or "planned" in {self.way, other.way}:
            # The interpreter leaves to chance what it has read of an object when an error takes the object away.
            names.append("trail")
        return [name for name in names if getattr(self, name) != getattr(other, name)]


@dataclass(frozen=True)
class Both:
    """Two graphs over one database, and a superuser who reads the trail, and clears it away."""

    planned: Graph
    interpreted: Graph
    superuser: Connection

    async def answers(
        self, principal: Principal, query: str, name: str | None, variables: Mapping[str, Any]
    ) -> tuple[Answer, Answer]:
        """The same request, planned where it can be, and interpreted."""
        return (
            await self._answer(self.planned, principal, query, name, variables),
            await self._answer(self.interpreted, principal, query, name, variables),
        )

    async def _answer(
        self, graph: Graph, principal: Principal, query: str, name: str | None, variables: Mapping[str, Any]
    ) -> Answer:
        asked = Asked(query, name, variables, request_id=uuid4(), ip="192.0.2.7", user_agent="tests")
        answered = await run(graph, principal, asked)
        rows = await self.superuser.fetch(_GONE, asked.request_id)
        trail = tuple(row[0] for row in rows)
        return Answer(answered.outcome, answered.code, comparable(answered.body), trail, answered.way)


def comparable(body: bytes) -> str:
    """An answer in one spelling: its keys in their order, no request's id, its numbers as numbers."""
    told = orjson.loads(body)
    for error in told.get("errors", ()):
        error["extensions"].pop("requestId", None)
    return orjson.dumps(told).decode()


def cursors(data: Any, key: str | None = None, above: str | None = None) -> Iterator[tuple[str | None, str]]:
    """Every cursor of an answer, with the key of what it stands in."""
    if isinstance(data, list):
        for one in data:
            yield from cursors(one, key, above)
    elif isinstance(data, dict):
        for name, one in data.items():
            yield from cursors(one, name, key)
    elif isinstance(data, str) and data.startswith("WzEs"):
        yield above, data


def people(world: World) -> dict[str, Principal]:
    """Whoever may ask, by who they are and where."""
    found = {"nobody": GUEST}
    for name, org in (("acme", world.acme), ("globex", world.globex)):
        parts = {**org.people, "both": world.both}
        for part, person in parts.items():
            found[f"{part} of {name}"] = Principal("user", person, org.workos_id, "session_test")
    found["both of none"] = Principal("user", world.both, None, "session_test")
    found["owner of none"] = Principal("user", world.acme.owner, None, "session_test")
    found["somebody as owner of acme"] = replace(found["owner of acme"], impersonator_id="support@example.com")
    found["stranger of acme"] = Principal("user", world.globex.owner, world.acme.workos_id, "session_test")
    return found


@asynccontextmanager
async def both(database: Database) -> AsyncIterator[Both]:
    """The two graphs over this database. Their deadline is far: an equal answer is asked for, not a quick one."""
    engine = create_engine(database.api, size=2)
    try:
        async with as_superuser(database) as superuser:
            planned = Graph.over(build(), engine, deadline_s=60, limits=WIDE)
            yield Both(planned, replace(planned, plans=None), superuser)
    finally:
        await engine.dispose()
