"""People who ask: `await acme.owner.ask("{ … }")` runs one operation as production does, and answers its JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import orjson

from auth.principal import GUEST, Principal
from graph.ids import global_id
from graph.operation import Answered, Asked, Graph, run
from tests import make
from tests.personas import Database, Organization, as_superuser, as_worker
from tests.personas import World as Rows


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

    async def listed(self, connection: str, fields: str = "id", **arguments: Any) -> list[Any]:
        """The nodes of a root connection; those with one field as its bare value."""
        declared = self.graph.schema.query_type.fields[connection].args  # type: ignore[union-attr]
        head = ", ".join(f"${name}: {declared[name].type}" for name in arguments)
        passed = ", ".join(f"{name}: ${name}" for name in arguments)
        query = f"query({head}) {{ {connection}({passed}) {{ nodes {{ {fields} }} }} }}" if arguments else None
        data = await self.ask(query or f"{{ {connection} {{ nodes {{ {fields} }} }} }}", **arguments)
        return [node.get(fields, node) for node in data[connection]["nodes"]]

    async def do(self, mutation: str, fields: str = "", /, **values: Any) -> Any:
        """The answer of one mutation: its type, a failure's code, the places of an invalid input, and `fields`."""
        return (await self.ask(document_of(mutation, fields), input=values))[mutation]


def document_of(mutation: str, fields: str = "") -> str:
    """A document of one mutation, whose input is its only variable."""
    return f"""mutation($input: {mutation[0].upper()}{mutation[1:]}Input!) {{
        {mutation}(input: $input) {{
            __typename ... on Failure {{ code }} ... on InvalidInput {{ fields {{ path }} }} {fields}
        }}
    }}"""


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
        """The organization's audit rows of this action, oldest first, as the superuser sees them, JSON read."""
        async with as_superuser(self.database) as superuser:
            rows = await superuser.fetch(
                "select *, xmin from app.audit_logs where org_id = $1 and action = $2"
                " and ($3::text is null or resource_id = $3) order by created_at",
                self.rows.id,
                action,
                None if resource_id is None else str(resource_id),
            )
        json = ("old_values", "new_values", "metadata")
        return [{**row, **{name: orjson.loads(row[name] or "null") for name in json}} for row in rows]

    async def denied(self, mutation: str) -> list[dict[str, Any]]:
        """What of this mutation was denied in the organization."""
        rows = await self.audited("UNAUTHORIZED_ACCESS_ATTEMPT")
        return [row for row in rows if row["metadata"].get("mutation") == mutation]

    def row(self, table: str, whose: str = "member") -> UUID:
        """The bare id of the row that this person hosts in a table."""
        return self.rows.rows[table][self.askers[whose].user_id]

    async def contents(self) -> dict[str, str]:
        """A digest of everything that the organization has, by table: equal before and after means nothing stored."""
        async with as_superuser(self.database) as superuser:
            tables = await superuser.fetch(
                """select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
                where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
                  and a.attname = case c.relname when 'organizations' then 'id' else 'org_id' end"""
            )
            digests = " union all ".join(
                f"select '{table}', md5(string_agg(t::text, ',' order by t::text)) from app.{table} t where {org} = $1"
                for table, org in tables
            )
            return {row[0]: row[1] for row in await superuser.fetch(digests, self.rows.id)}

    async def put(self, table: str, id: UUID, **values: Any) -> None:  # noqa: A002
        """Set columns of a row, past every policy: what a test starts from."""
        sets = ", ".join(f"{name} = ${at}" for at, name in enumerate(values, start=3))
        async with as_superuser(self.database) as superuser:
            await superuser.execute(
                f"update app.{table} set {sets} where org_id = $1 and id = $2", self.rows.id, id, *values.values()
            )

    async def add(self, table: str, **values: Any) -> UUID:
        """One more row of the organization, made by the worker; its bare id."""
        async with as_worker(self.database) as worker:
            added: UUID = await make.insert(worker, table, org_id=self.rows.id, **values)
        return added


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
