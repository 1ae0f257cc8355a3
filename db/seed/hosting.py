"""The people of one seeded organization, what its hosts offer and how they work: everything but their meetings."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from db.rows import insert_rows
from db.scope import Transaction
from db.seed.plan import SCHEDULE, SeededOrganization

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
START_MINUTE, END_MINUTE = 480, 1080  # eight to six: the ten slots of a day that sql/seed/meetings.sql fills


async def make_people(transaction: Transaction, organization: SeededOrganization, now: datetime) -> None:
    joined = now - timedelta(weeks=105)
    await insert_rows(
        transaction,
        "users",
        (
            {
                "workos_user_id": person.workos_user_id,
                "email": person.email,
                "first_name": person.first_name,
                "last_name": person.last_name,
                "username": person.workos_user_id.removeprefix("user_"),
                "platform_role": "expert" if person.role == "member" else "user",
            }
            for person in organization.people
        ),
    )
    await insert_rows(
        transaction,
        "user_org_memberships",
        (
            {
                "org_id": organization.id,
                "workos_user_id": person.workos_user_id,
                "workos_org_membership_id": f"om_{person.workos_user_id.removeprefix('user_')}",
                "role": person.role,
                "status": "active",
                "joined_at": joined + timedelta(hours=number),
            }
            for number, person in enumerate(organization.people)
        ),
    )


async def make_hosting(
    transaction: Transaction, organization: SeededOrganization, categories: dict[str, UUID], now: datetime
) -> None:
    """Profiles, events, schedules with their hours, and settings."""
    org = {"org_id": organization.id}
    hosts = list(enumerate(organization.hosts))
    practised = {event.host: categories[event.category] for event in organization.events}
    await insert_rows(
        transaction,
        "profiles",
        (
            {
                **org,
                "workos_user_id": host.workos_user_id,
                "first_name": host.first_name,
                "last_name": host.last_name,
                "headline": f"{host.first_name} {host.last_name}, {organization.name}",
                "primary_category_id": practised.get(host.workos_user_id),
                "practitioner_agreement_accepted_at": now - timedelta(weeks=105),
                "practitioner_agreement_version": "1",
                "published": True,
                "position": number,
            }
            for number, host in hosts
        ),
    )
    await insert_rows(
        transaction,
        "events",
        (
            {
                **org,
                "id": event.id,
                "workos_user_id": event.host,
                "name": event.name,
                "slug": event.slug,
                "duration_in_minutes": event.minutes,
                "price_cents": event.cents,
                "position": number,
            }
            for number, event in enumerate(organization.events)
        ),
    )
    schedules = [organization.row_id(SCHEDULE, number) for number, _ in hosts]
    await insert_rows(
        transaction,
        "schedules",
        (
            {**org, "id": schedules[number], "workos_user_id": host.workos_user_id, "timezone": organization.timezone}
            for number, host in hosts
        ),
    )
    await insert_rows(
        transaction,
        "schedule_availabilities",
        (
            {**org, "schedule_id": schedule, "day_of_week": day, "start_minute": START_MINUTE, "end_minute": END_MINUTE}
            for schedule in schedules
            for day in DAYS
        ),
    )
    await insert_rows(
        transaction,
        "scheduling_settings",
        ({**org, "workos_user_id": host.workos_user_id, "minimum_notice": 720} for _, host in hosts),
    )
