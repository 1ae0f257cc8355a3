"""Words planted in every text of one organization, and the ways in which an answer could give them away."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from graph.ids import global_id
from graph.schema.node import NODES
from tests.graph.asking import Acting
from tests.personas import Connection, as_superuser

WORD = "canary"

# What a text may have to look like, tried in this order until the table's checks take one.
FORMS = ("{}", "{}@canary.test", "https://canary.test/{}")
# Whom a row belongs to, and what a program must be able to read: not words.
_KEPT = "^(workos_.*|expert_id|.*_workos_user_id|actor_id|.*timezone|currency|country|locale|id)$"

_TEXTS = """select c.table_name, c.column_name, case c.table_name when 'organizations' then 'id' when 'users'
    then 'workos_user_id' else 'org_id' end
from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'app' and t.table_type = 'BASE TABLE' and c.data_type = 'text' and c.is_generated = 'NEVER'
  and c.column_name !~ $1
  and (c.table_name in ('organizations', 'users') or exists (
    select from information_schema.columns o where (o.table_schema, o.table_name, o.column_name)
      = ('app', c.table_name, 'org_id')))
  and c.table_name !~ '^(audit_logs|api_keys|idempotency_keys)'
order by 1, 2"""

_ENTRY = """insert into app.audit_logs (org_id, actor_type, actor_id, impersonator_id, action, resource_type,
    resource_id, outcome, old_values, new_values, metadata, ip, user_agent, request_id, operation_name, document_id)
select $1, 'user', person, 'canary-impersonator', 'EVENT_UPDATED', 'event', 'canary-resource', 'success',
    '{"name": "canary-old"}', '{"name": "canary-new"}', '{"note": "canary-metadata"}', '192.0.2.66', 'canary-agent',
    gen_random_uuid(), 'canaryOperation', 'canary-document'
from unnest($2::text[]) person"""


@dataclass(frozen=True)
class Planted:
    """Where words were planted, as `table.column`, and what must never be seen from outside."""

    columns: frozenset[str]
    uuids: frozenset[UUID]
    people: frozenset[str]

    def found_in(self, answer: bytes) -> set[str]:
        """What of it an answer holds: a word, an id as it is, an id inside a global id or a cursor."""
        text = answer.decode()
        found = {WORD} if WORD in text.lower() else set()
        for token in set(re.findall(r"[A-Za-z0-9_-]{20,}", text)):
            for reading in (token, _decoded(token)):
                found |= {WORD} if WORD in reading else set()
                found |= {uuid for uuid in re.findall(r"[0-9a-f-]{36}", reading) if self._forbids(uuid)}
                found |= {person for person in re.findall(r"user_\w+", reading) if person in self.people}
        return found

    def _forbids(self, text: str) -> bool:
        try:
            return UUID(text) in self.uuids
        except ValueError:
            return False


def _decoded(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError:
        return ""


async def plant(acting: Acting) -> Planted:
    """Fill every text of this organization's rows, and of the people who belong to it alone."""
    people = list(acting.rows.people.values())
    async with as_superuser(acting.database) as superuser:
        await superuser.execute("begin")
        planted: set[str] = set()
        for table, column, key in await superuser.fetch(_TEXTS, _KEPT):
            whose = people if key == "workos_user_id" else [acting.rows.id]
            if await _filled(superuser, table, column, key, whose):
                planted.add(f"{table}.{column}")
        link = '[{"name": "instagram", "url": "https://canary.test/link"}]'
        await superuser.execute("update app.profiles set social_links = $2 where org_id = $1", acting.rows.id, link)
        await superuser.execute(_ENTRY, acting.rows.id, people)
        uuids = await _uuids(superuser, acting.rows.id, people)
        await superuser.execute("commit")
    return Planted(frozenset(planted), frozenset(uuids), frozenset(people))


async def _filled(superuser: Connection, table: str, column: str, key: str, whose: list[str] | list[UUID]) -> bool:
    for form in FORMS:
        word = form.format(f"{WORD}-{table.replace('_', '-')}-{column.replace('_', '-')}-%")
        random = f"replace('{word}', '%', md5(random()::text || {key}::text))"
        await superuser.execute("savepoint attempt")
        try:
            changed = await superuser.execute(
                f"update app.{table} set {column} = {random} where {key} = any ($1)", whose
            )
        except asyncpg.IntegrityConstraintViolationError:
            await superuser.execute("rollback to savepoint attempt")
        else:
            return changed != "UPDATE 0"
    return False


async def _uuids(superuser: Connection, org: UUID, people: list[str]) -> set[UUID]:
    tables = await superuser.fetch(
        """select table_name from information_schema.columns
        where table_schema = 'app' and column_name = 'org_id' and table_name in (
            select table_name from information_schema.columns where table_schema = 'app' and column_name = 'id')"""
    )
    found = {org}
    for (table,) in tables:
        found |= {row[0] for row in await superuser.fetch(f"select id from app.{table} where org_id = $1", org)}
    found |= {
        row[0] for row in await superuser.fetch("select id from app.users where workos_user_id = any ($1)", people)
    }
    return found


async def ids_of(acting: Acting) -> dict[str, list[str]]:
    """Global ids of the organization's things: of each type one of its own people's, and one more."""
    found: dict[str, list[str]] = {}
    async with as_superuser(acting.database) as superuser:
        for type_name, entity in NODES.items():
            table = entity.__tablename__
            whose, key = {
                "organizations": ("id = $1", acting.rows.id),
                "users": ("workos_user_id = any ($1)", list(acting.rows.people.values())),
                "categories": ("$1 = 0", 1),
            }.get(table, ("org_id = $1", acting.rows.id))
            rows = (
                await superuser.fetch(f"select id from app.{table} where {whose} order by created_at, id", key)
                if table != "schedule_availabilities"
                else await superuser.fetch("select id from app.schedule_availabilities where org_id = $1", key)
            )
            found[type_name] = [global_id(type_name, row[0]) for row in (*rows[:1], *rows[-1:])]
    return found
