"""What there is to ask for in a world: ids, moments and words that its rows really hold, and some that none does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from graph.ids import global_id
from graph.schema.node import NODES
from tests.personas import Connection, Organization, World

# Which rows belong to the two organizations, $1, where it is not said by org_id.
_THEIRS = {
    "organizations": "id = any ($1)",
    "users": """workos_user_id in (
        select m.workos_user_id from app.user_org_memberships m where m.org_id = any ($1))""",
    "categories": "$1::uuid[] is not null",
}
_MOMENTS = """select distinct to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') from (
    select start_time from app.meetings where org_id = any ($1)
    union all select scheduled_transfer_time from app.payment_transfers where org_id = any ($1)
    union all select created_at from app.audit_logs where org_id = any ($1)) moments (at)
where at between '1901-01-01' and '2199-01-01' order by 1"""


@dataclass(frozen=True)
class Known:
    """Global ids by type, and texts and moments by scalar.

    `hosted` are the ids of people and of their first event, in the organization of this name.
    """

    ids: Mapping[str, Sequence[str]]
    words: Mapping[str, Sequence[Any]]
    hosted: Mapping[str, Mapping[str, Sequence[str]]]


async def known(superuser: Connection, world: World) -> Known:
    """What there is in this world."""
    orgs = [world.acme.id, world.globex.id]
    ids = {}
    for type_name, entity in NODES.items():
        table = entity.__tablename__
        order = "id" if table == "schedule_availabilities" else "created_at, id"
        theirs = _THEIRS.get(table, "org_id = any ($1)")
        rows = await superuser.fetch(f"select id from app.{table} where {theirs} order by {order}", orgs)
        ids[type_name] = [global_id(type_name, row[0]) for row in rows] + [global_id(type_name, uuid4())]
    moments = [row[0] for row in await superuser.fetch(_MOMENTS, orgs)]
    slugs = await superuser.fetch("select slug from app.events where org_id = any ($1) order by created_at", orgs)
    words = {
        "DateTime": [*moments, "2026-06-01T09:00:00+05:45", "2026-06-01t09:00:00.1z", "1900-01-01T00:00:00-14:00"],
        "Slug": [*(row[0] for row in slugs), "a", "consultation"],
        "EmailAddress": ["ana@guests.test", "ANA@GUESTS.TEST", "nobody@guests.test", "'@b.test"],
        "String": ["EVENT_CREATED", "EVENT_UPDATED", "APPOINTMENT_VIEWED", "A_B", "event", "profile", "\0"],
    }
    hosted = {"acme": await _hosted(superuser, world.acme), "globex": await _hosted(superuser, world.globex)}
    return Known(ids, words, hosted)


async def _hosted(superuser: Connection, org: Organization) -> dict[str, list[str]]:
    events = org.rows["events"]
    people = await superuser.fetch("select id from app.users where workos_user_id = any ($1)", [*events])
    return {
        "User": [global_id("User", row[0]) for row in people],
        "Event": [global_id("Event", event) for event in events.values()],
    }
