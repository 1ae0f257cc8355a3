"""Every table of the probes: whose its rows are, a change to try, and a row that is a person's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from tests.make import unique
from tests.personas import Organization

LATER = datetime.now(UTC) + timedelta(days=300)


@dataclass(frozen=True)
class Table:
    """`change` sets a granted column of every row in reach to a constant, reading none."""

    name: str
    person: str | None
    change: str
    org: str | None = "org_id"
    key: str = "id"


TABLES = (
    Table("organizations", None, "name = 'Renamed'", org="id"),
    Table("users", "workos_user_id", "locale = 'pt'", org=None),
    Table("user_org_memberships", "workos_user_id", "permissions = '{}'"),
    Table("api_keys", None, "name = 'Renamed'"),
    Table("categories", None, "description = 'Changed'", org=None),
    Table("events", "workos_user_id", "position = 7"),
    Table("schedules", "workos_user_id", "timezone = 'UTC'"),
    Table("schedule_availabilities", "schedule_id", "end_minute = 1080"),
    Table("scheduling_settings", "workos_user_id", "minimum_notice = 60"),
    Table("profiles", "workos_user_id", "headline = 'Changed'"),
    Table("meetings", "workos_user_id", "meeting_url = 'https://meet.test'"),
    Table("records", "expert_id", "version = 2"),
    Table("payment_transfers", "expert_workos_user_id", "admin_notes = 'Changed'"),
    Table("audit_logs", "actor_id", "metadata = '{}'"),
    Table("audit_log_exports", "workos_user_id", "status = 'failed'"),
    Table("audit_stats", None, "mass_exports = 7"),
    Table("idempotency_keys", "actor_id", "result = '{}'", key="key"),
    Table("budgets", None, "remaining = 7", org=None, key="name"),
)


def row(table: Table, org: Organization, person: str, *, own: bool) -> dict[str, Any]:
    """A row of this person in this organization, as an insert that leaves out what has a default."""
    event = org.rows["events"].get(person, org.rows["events"][org.member])
    meeting = org.rows["meetings"].get(person, org.rows["meetings"][org.member])
    schedule = org.rows["schedules"].get(person, org.rows["schedules"][org.member])
    word = unique()
    sealed = {"encrypted_content": b"x", "key_id": "k", "content_sha256": b"x"}
    money = {"amount_cents": 1, "platform_fee_cents": 0, "session_start_time": LATER, "scheduled_transfer_time": LATER}
    guest = {"guest_email": "g@guests.test", "guest_name": "G", "guest_timezone": "UTC"}
    entry = {"action": "EVENT_CREATED", "resource_type": "event"}
    rows: dict[str, dict[str, Any]] = {
        "organizations": {"workos_org_id": f"org_{word}", "slug": word, "name": "New"},
        "users": {"workos_user_id": f"user_{word}", "email": f"{word}@people.test"},
        "user_org_memberships": {"workos_user_id": person, "role": "owner", "status": "active"},
        "api_keys": {"workos_api_key_id": f"key_{word}", "name": "New", "status": "active"},
        "categories": {"slug": word, "name": word},
        "events": {"workos_user_id": person, "name": "New", "slug": word, "duration_in_minutes": 30},
        "schedules": {"workos_user_id": person, "timezone": "UTC"},
        "schedule_availabilities": {
            "schedule_id": schedule,
            "day_of_week": "sunday",
            "start_minute": 0,
            "end_minute": 60,
        },
        "scheduling_settings": {"workos_user_id": person, "minimum_notice": 60},
        "profiles": {"workos_user_id": person, "first_name": "Ana", "last_name": "B"},
        "meetings": {
            "event_id": event,
            "workos_user_id": person,
            "start_time": LATER,
            "end_time": LATER + timedelta(hours=1),
            **guest,
        },
        "records": {"meeting_id": meeting, "expert_id": person, "guest_email": "g@guests.test", **sealed},
        "payment_transfers": {
            "event_id": event,
            "expert_workos_user_id": person,
            "expert_connect_account_id": "acct_x",
            "payment_intent_id": word,
            **money,
        },
        "audit_logs": {"actor_type": "user", "actor_id": person, **entry},
        "audit_log_exports": {
            "workos_user_id": person,
            "start_date": LATER - timedelta(days=1),
            "end_date": LATER,
            "reason": "inspection",
        },
        "audit_stats": {"date": date(2031, 1, 1)},
        # The actor is a default: naming oneself is no right that anyone has, or needs.
        "idempotency_keys": {"mutation": "createEvent", "key": word, "request_hash": b""}
        | ({} if own else {"actor_id": person}),
        "budgets": {"name": sha256(word.encode()).hexdigest(), "remaining": 7},
    }
    return rows[table.name]
