"""The world of a test: two organizations with random ids, made as the worker with a reason."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.personas import Connection, Database, Organization, World, as_worker

# Far enough from today that nothing made by a test collides with it.
TOMORROW = datetime.combine(datetime.now(UTC).date() + timedelta(days=1), time(9), UTC)

ROLES = {
    "owner": ("owner", "active", None),
    "admin": ("admin", "active", None),
    "member": ("member", "active", None),
    "colleague": ("member", "active", None),
    "billing": ("billing_admin", "active", None),
    # What WorkOS grants replaces the role's defaults: one right more than a member's, and an admin without any.
    "receptionist": ("member", "active", ["appointments:view"]),
    "restricted": ("admin", "active", []),
    "suspended": ("admin", "suspended", None),
}

# What each host has: one row of each kind. $1 the organization, $2 the hosts, $3 a moment, $4 something unique.
HOSTED = {
    "events": """insert into app.events (org_id, workos_user_id, name, slug, duration_in_minutes)
        select $1, host, 'Consultation', $4, 60 from unnest($2::text[]) host where $3::timestamptz is not null""",
    "schedules": """insert into app.schedules (org_id, workos_user_id, timezone)
        select $1, host, 'Europe/Lisbon' from unnest($2::text[]) host
        where $3::timestamptz is not null and $4::text is not null""",
    "schedule_availabilities": """
        insert into app.schedule_availabilities (org_id, schedule_id, day_of_week, start_minute, end_minute)
        select $1, s.id, 'monday', 540, 1020 from app.schedules s
        where s.org_id = $1 and s.workos_user_id = any ($2) and $3::timestamptz is not null and $4::text is not null""",
    "scheduling_settings": """insert into app.scheduling_settings (org_id, workos_user_id)
        select $1, host from unnest($2::text[]) host where $3::timestamptz is not null and $4::text is not null""",
    "profiles": """insert into app.profiles (org_id, workos_user_id, first_name, last_name,
            practitioner_agreement_accepted_at, practitioner_agreement_ip_address)
        select $1, host, 'Ana', $4, $3::timestamptz, '192.0.2.1' from unnest($2::text[]) host""",
    "meetings": """insert into app.meetings (org_id, event_id, workos_user_id, guest_email, guest_name, guest_notes,
            guest_timezone, start_time, end_time)
        select $1, e.id, e.workos_user_id, $4 || '@guests.test', 'Guest ' || $4, 'knee', 'UTC', $3,
            $3::timestamptz + interval '1 hour'
        from app.events e where e.org_id = $1 and e.workos_user_id = any ($2)""",
    "records": """insert into app.records (org_id, meeting_id, expert_id, guest_email, encrypted_content, key_id,
            content_sha256)
        select $1, m.id, m.workos_user_id, m.guest_email, 'sealed', $4, sha256('sealed') from app.meetings m
        where m.org_id = $1 and m.workos_user_id = any ($2) and $3::timestamptz is not null""",
    "payment_transfers": """insert into app.payment_transfers (org_id, meeting_id, event_id, expert_workos_user_id,
            expert_connect_account_id, payment_intent_id, amount_cents, platform_fee_cents, session_start_time,
            scheduled_transfer_time)
        select $1, m.id, m.event_id, m.workos_user_id, 'acct_' || $4, 'pi_' || m.id, 7000, 700, $3, $3
        from app.meetings m where m.org_id = $1 and m.workos_user_id = any ($2)""",
    "audit_log_exports": """insert into app.audit_log_exports (org_id, workos_user_id, start_date, end_date, reason)
        select $1, host, $3::timestamptz - interval '1 day', $3, 'inspection ' || $4 from unnest($2::text[]) host""",
}
# The column that names the host, where it is not workos_user_id.
HOST = {
    "records": "expert_id",
    "payment_transfers": "expert_workos_user_id",
    "schedule_availabilities": """
        (select s.workos_user_id from app.schedules s where s.org_id = t.org_id and s.id = t.schedule_id)""",
}


def unique() -> str:
    return uuid4().hex[:16]


async def insert(connection: Connection, table: str, **values: Any) -> Any:
    """One row of `app.<table>`; answers its id."""
    names = ", ".join(values)
    marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    statement = f"insert into app.{table} ({names}) values ({marks}) returning id"
    return await connection.fetchval(statement, *values.values())


async def world(database: Database) -> World:
    async with as_worker(database) as worker:
        [both] = await users(worker, 1)
        acme = await organization(worker, "acme", both, "member", TOMORROW)
        globex = await organization(worker, "globex", both, "owner", TOMORROW + timedelta(hours=3))
        await insert(worker, "categories", slug=unique(), name=unique())
        for org in (acme, globex):
            await worker.execute(
                "update app.profiles set published = true where org_id = $1 and workos_user_id = $2",
                org.id,
                org.colleague,
            )
        return World(acme, globex, both)


async def users(worker: Connection, count: int) -> list[str]:
    people = [f"user_{unique()}" for _ in range(count)]
    await worker.execute(
        """insert into app.users (workos_user_id, email, first_name)
        select person, person || '@people.test', 'Ana' from unnest($1::text[]) person""",
        people,
    )
    return people


async def organization(worker: Connection, name: str, both: str, both_as: str, moment: datetime) -> Organization:
    workos_id, slug = f"org_{unique()}", f"{name}-{unique()}"
    org = await insert(worker, "organizations", workos_org_id=workos_id, slug=slug, name=name.title())
    people = dict(zip(ROLES, await users(worker, len(ROLES)), strict=True))
    for part, (role, status, permissions) in {**ROLES, "both": (both_as, "active", None)}.items():
        await insert(
            worker,
            "user_org_memberships",
            org_id=org,
            workos_user_id=people.get(part, both),
            role=role,
            status=status,
            permissions=permissions,
        )
    keys = [f"key_{unique()}" for _ in range(2)]
    for key, permissions in zip(keys, (["appointments:view", "audit:view"], []), strict=True):
        await insert(
            worker,
            "api_keys",
            org_id=org,
            workos_api_key_id=key,
            name="Portal",
            permissions=permissions,
            status="active",
        )
    hosts = [*people.values(), both]
    rows: dict[str, dict[str, UUID]] = {}
    for table, statement in HOSTED.items():
        await worker.execute(statement, org, hosts, moment, unique())
        made = f"select {HOST.get(table, 'workos_user_id')}, id from app.{table} t where org_id = $1"
        rows[table] = {row[0]: row[1] for row in await worker.fetch(made, org)}
    await insert(worker, "audit_stats", org_id=org, date=moment.date())
    await trail(worker, org, hosts)
    await idempotency_keys(worker, org, hosts)
    return Organization(id=org, workos_id=workos_id, key=keys[0], bare_key=keys[1], rows=rows, **people)


async def trail(worker: Connection, org: UUID, people: list[str]) -> None:
    """A row of the trail that each person left, by the one function that writes it for the worker."""
    entry = '[{"action": "EVENT_CREATED", "resource_type": "event"}]'
    for person in people:
        await worker.execute("select set_config('app.user_id', $1, true)", person)
        await worker.execute("select app.record_system_audit($1, $2::jsonb)", org, entry)
    await worker.execute("select set_config('app.user_id', '', true)")


async def idempotency_keys(worker: Connection, org: UUID, people: list[str]) -> None:
    """A key of today for each, and one that has expired."""
    await worker.execute(
        """insert into app.idempotency_keys (org_id, actor_id, mutation, key, request_hash, created_at)
        select $1, person, 'createEvent', word || '-' || person, '', made
        from unnest($2::text[]) person
        cross join (values ('fresh', now()), ('stale', now() - interval '3 days')) kind (word, made)""",
        org,
        people,
    )
