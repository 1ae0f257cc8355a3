"""The demo: what a first `orgraph dev` finds. Its people are `PEOPLE`; everything is relative to `now`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from db.categories import ensure_categories
from db.demo.calendar import meetings
from db.demo.people import ORGANIZATIONS, PEOPLE, Membership, Person
from db.demo.rows import booking, demo_id, event_of, host_of, key_of, note
from db.demo.transfers import transfer
from db.engine import create_engine
from db.rows import insert_rows
from db.scope import Transaction, worker

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
WINDOWS = ((540, 780), (840, 1080))  # minutes: nine to one, two to six
NOTICES = (180, 720, 1440)  # minutes

# Seeded organizations (db.seed) are nobody's data: beside them the demo is still welcome.
ANYONE = text("""
select exists (select from app.organizations where type <> 'platform' and workos_org_id not like 'org\\_seed%')
""")


async def seed_demo(worker_url: str, *, now: datetime) -> None:
    """Make the demo, unless the database has an organization of anyone. `now` is aware; safe from several at once."""
    engine = create_engine(worker_url, size=1, application="orgraph demo")
    try:
        async with worker(engine, "demo") as transaction:
            await transaction.execute(text("select pg_advisory_xact_lock(hashtextextended('orgraph demo', 0))"))
            if not await transaction.scalar(ANYONE):
                await _make(transaction, now.astimezone(UTC))
    finally:
        await engine.dispose()


async def _make(transaction: Transaction, now: datetime) -> None:
    categories = await ensure_categories(transaction)
    opened = now - timedelta(days=400)
    await insert_rows(
        transaction,
        "organizations",
        (
            {
                "id": demo_id(one.slug),
                "workos_org_id": one.workos_org_id,
                "slug": one.slug,
                "name": one.name,
                "type": one.type,
                "timezone": one.timezone,
                "created_at": opened,
                "billing_email": f"billing@{one.slug}.example",
            }
            for one in ORGANIZATIONS
        ),
    )
    await insert_rows(
        transaction,
        "users",
        (
            {
                "id": demo_id(one.email),
                "workos_user_id": one.workos_user_id,
                "email": one.email,
                "username": one.username,
                "first_name": one.first_name,
                "last_name": one.last_name,
                "locale": "pt",
                "platform_role": "expert" if any(place.services for place in one.memberships) else "user",
                "created_at": opened + timedelta(minutes=number),
            }
            for number, one in enumerate(PEOPLE)
        ),
    )
    places = [(person, place) for person in PEOPLE for place in person.memberships]
    await insert_rows(
        transaction,
        "user_org_memberships",
        (
            {
                **host_of(person, place),
                "workos_org_membership_id": f"om_demo_{person.username}_{place.organization}",
                "role": place.role,
                "status": place.status,
                "joined_at": opened + timedelta(days=number),
                "permissions": list(place.permissions) if place.permissions else None,
            }
            for number, (person, place) in enumerate(places)
        ),
    )
    hosts = [(person, place) for person, place in places if place.services]
    await _insert_hosting(transaction, hosts, categories, opened)
    booked = list(meetings(now))
    await insert_rows(transaction, "meetings", (booking(meeting, now) for meeting in booked))
    await insert_rows(
        transaction,
        "payment_transfers",
        (
            {
                **key_of(meeting, "transfer"),
                "meeting_id": demo_id("meeting", meeting.number),
                "event_id": event_of(meeting),
                "expert_workos_user_id": meeting.person.workos_user_id,
                **transfer(meeting, now),
            }
            for meeting in booked
            if meeting.paid
        ),
    )
    await insert_rows(
        transaction,
        "records",
        (note(meeting) for meeting in booked if meeting.status == "completed" and meeting.number % 3 == 0),
    )
    await _record(transaction, places)


async def _insert_hosting(
    transaction: Transaction, hosts: list[tuple[Person, Membership]], categories: dict[str, UUID], opened: datetime
) -> None:
    zones = {one.slug: one.timezone for one in ORGANIZATIONS}
    await insert_rows(
        transaction,
        "profiles",
        (
            {
                **host_of(person, place),
                "first_name": person.first_name,
                "last_name": person.last_name,
                "headline": place.headline,
                "short_bio": place.bio,
                "position": number,
                "is_verified": True,
                "primary_category_id": categories[place.category or ""],
                "published": place.status == "active",
                "practitioner_agreement_accepted_at": opened,
                "practitioner_agreement_version": "1",
            }
            for number, (person, place) in enumerate(hosts)
        ),
    )
    await insert_rows(
        transaction,
        "events",
        (
            {
                **host_of(person, place),
                "id": demo_id(person.email, place.organization, service.slug),
                "name": service.name,
                "slug": service.slug,
                "description": service.description,
                "duration_in_minutes": service.minutes,
                "price_cents": service.cents,
                "position": position,
                "is_active": service.state == "open",
                "archived_at": opened + timedelta(days=380) if service.state == "archived" else None,
            }
            for person, place in hosts
            for position, service in enumerate(place.services)
        ),
    )
    await insert_rows(
        transaction,
        "schedules",
        (
            {
                **host_of(person, place),
                "id": demo_id(person.email, place.organization, "schedule"),
                "timezone": zones[place.organization],
            }
            for person, place in hosts
        ),
    )
    await insert_rows(
        transaction,
        "schedule_availabilities",
        (
            {
                "org_id": demo_id(place.organization),
                "schedule_id": demo_id(person.email, place.organization, "schedule"),
                "day_of_week": DAYS[day],
                "start_minute": start,
                "end_minute": end,
            }
            for person, place in hosts
            for day in place.days
            for start, end in WINDOWS
        ),
    )
    await insert_rows(
        transaction,
        "scheduling_settings",
        (
            {**host_of(person, place), "before_event_buffer": 5 * (number % 3), "minimum_notice": NOTICES[number % 3]}
            for number, (person, place) in enumerate(hosts)
        ),
    )


async def _record(transaction: Transaction, places: list[tuple[Person, Membership]]) -> None:
    """The trail of how it came about, as the system that did it."""
    for organization in ORGANIZATIONS:
        entries: list[dict[str, Any]] = []
        for person, place in places:
            if place.organization != organization.slug:
                continue
            who = {"resource_type": "user", "resource_id": person.workos_user_id}
            entries.append({"action": "ORG_MEMBER_INVITED", **who, "new_values": {"role": place.role}})
            if place.status == "suspended":
                entries.append({"action": "ORG_MEMBER_REMOVED", **who, "new_values": {"status": place.status}})
            for service in place.services:
                what = {
                    "resource_type": "event",
                    "resource_id": str(demo_id(person.email, organization.slug, service.slug)),
                }
                values = {"name": service.name, "price_cents": service.cents}
                entries.append({"action": "EVENT_CREATED", **what, "new_values": values})
            if place.services and place.status == "active":
                profile = {"resource_type": "profile", "resource_id": person.workos_user_id}
                entries.append({"action": "PROFILE_PUBLISHED", **profile})
        statement = text("select app.record_system_audit(:org, cast(:entries as jsonb))")
        await transaction.execute(
            statement, {"org": demo_id(organization.slug), "entries": orjson.dumps(entries).decode()}
        )
