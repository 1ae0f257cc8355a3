"""People who ask: `await acme.owner.ask("{ … }")` runs one operation as production does, and answers its JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import orjson

from auth.principal import GUEST, Principal
from graph.ids import global_id
from graph.operation import Answered, Asked, Graph, run
from tests.policies.personas import Database, Organization, as_superuser
from tests.policies.personas import World as Rows


@dataclass(frozen=True)
class Asker:
    """One person, or nobody, with the credential they carry."""

    graph: Graph
    principal: Principal

    @property
    def user_id(self) -> str:
        """Their WorkOS user id, which rows call them by."""
        assert self.principal.user_id is not None
        return self.principal.user_id

    async def answer(self, query: str, operation_name: str | None = None, **variables: Any) -> Answered:
        """The whole answer, with its kind."""
        asked = Asked(query, operation_name, variables, request_id=uuid4(), ip="192.0.2.7", user_agent="tests")
        return await run(self.graph, self.principal, asked)

    async def body(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer's JSON, errors and all."""
        found: dict[str, Any] = orjson.loads((await self.answer(query, **variables)).body)
        return found

    async def ask(self, query: str, **variables: Any) -> Any:
        """The data of an answer that must have no error."""
        body = await self.body(query, **variables)
        assert "errors" not in body, body["errors"]
        return body["data"]


@dataclass(frozen=True)
class Acting:
    """An organization, the people who act in it, and the ids of what each host has there."""

    graph: Graph
    database: Database
    rows: Organization
    askers: dict[str, Asker] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Asker:
        try:
            return self.askers[name]
        except KeyError:
            raise AttributeError(name) from None

    def id_of(self, type_name: str, table: str, whose: str = "member") -> str:
        """The global id of the row that this person hosts in a table."""
        return global_id(type_name, self.rows.rows[table][self.askers[whose].user_id])

    @property
    def id(self) -> str:
        """The organization's own global id."""
        return global_id("Organization", self.rows.id)

    async def user_id_of(self, whose: str) -> str:
        """The global id of a person."""
        found = await self.truth("select id from app.users where workos_user_id = $1", self.askers[whose].user_id)
        return global_id("User", found)

    async def truth(self, statement: str, *arguments: Any) -> Any:
        """One value as the superuser sees it: what really is there."""
        async with as_superuser(self.database) as superuser:
            return await superuser.fetchval(statement, *arguments)

    async def audited(self, action: str, resource_id: str | UUID | None = None) -> list[dict[str, Any]]:
        """The organization's audit rows of this action, oldest first, as the superuser sees them."""
        async with as_superuser(self.database) as superuser:
            rows = await superuser.fetch(
                "select * from app.audit_logs where org_id = $1 and action = $2"
                " and ($3::text is null or resource_id = $3) order by created_at",
                self.rows.id,
                action,
                None if resource_id is None else str(resource_id),
            )
        return [dict(row) for row in rows]


@dataclass(frozen=True)
class World:
    """Two organizations, somebody in both, somebody in none, and nobody."""

    acme: Acting
    globex: Acting
    both: str
    nobody: Asker
    stranger: Asker


def world_of(database: Database, graph: Graph, rows: Rows) -> World:
    """The world of one test."""

    def acting(organization: Organization) -> Acting:
        people = {**organization.people, "both": rows.both}
        askers = {
            part: Asker(graph, Principal("user", person, organization.workos_id, "session_test"))
            for part, person in people.items()
        }
        return Acting(graph, database, organization, askers)

    return World(
        acting(rows.acme),
        acting(rows.globex),
        rows.both,
        nobody=Asker(graph, GUEST),
        stranger=Asker(graph, Principal("user", rows.both, None, "session_test")),
    )
