"""The demo: who is in it, what they do around today, and that it is made once, by the worker."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import quote

import asyncpg
import pytest

from db.demo import ORGANIZATIONS, PEOPLE, seed_demo
from db.demo.calendar import Meeting, meetings
from db.directory import people
from db.embedded import Cluster
from db.seed import Plan, seed
from tests.db.conftest import Admin, drop, prepare

NOW = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)  # a Wednesday, in the middle of somebody's hour
TABLES = (
    "organizations",
    "users",
    "user_org_memberships",
    "categories",
    "events",
    "schedules",
    "schedule_availabilities",
    "scheduling_settings",
    "profiles",
    "meetings",
    "records",
    "payment_transfers",
    "audit_logs",
)
UNREACHABLE = (".example", "@example.com", "@example.org", "@example.net")


@pytest.fixture(scope="module")
def worker_url(cluster: Cluster) -> Iterator[str]:
    """A database with the demo, beside an organization that was seeded before."""
    asyncio.run(prepare(cluster, "demo"))
    url = cluster.url("orgraph_worker", "demo")
    asyncio.run(seed(url, Plan(organizations=1, events=1, meetings=1), now=NOW))
    asyncio.run(seed_demo(url, now=NOW))
    yield url
    asyncio.run(drop(cluster.url("postgres", "postgres"), "demo"))


@pytest.fixture
async def everything(cluster: Cluster, worker_url: str) -> AsyncIterator[Admin]:
    """The superuser in that database, who sees all of it."""
    connection = await asyncpg.connect(cluster.url("postgres", "demo"))
    yield connection
    await connection.close()


@pytest.fixture
def empty_url(cluster: Cluster) -> Iterator[str]:
    asyncio.run(prepare(cluster, "demo_empty"))
    yield cluster.url("orgraph_worker", "demo_empty")
    asyncio.run(drop(cluster.url("postgres", "postgres"), "demo_empty"))


async def counts(superuser: Admin) -> dict[str, int]:
    return {table: await superuser.fetchval(f"select count(*) from app.{table}") for table in TABLES}


def of_host(booked: list[Meeting]) -> dict[str, list[Meeting]]:
    hosts: dict[str, list[Meeting]] = {}
    for meeting in sorted(booked, key=lambda one: one.start):
        hosts.setdefault(meeting.person.workos_user_id, []).append(meeting)
    return hosts


async def test_a_second_demo_adds_nothing(everything: Admin, worker_url: str) -> None:
    before = await counts(everything)
    assert all(before.values())
    await seed_demo(worker_url, now=NOW + timedelta(days=40))
    assert await counts(everything) == before


async def test_two_demos_at_once_make_one(cluster: Cluster, empty_url: str, everything: Admin) -> None:
    await asyncio.gather(*(seed_demo(empty_url, now=NOW) for _ in range(3)))
    connection = await asyncpg.connect(cluster.url("postgres", "demo_empty"))
    made, seeded = await counts(connection), Plan(1, 1, 1).organization(1)
    await connection.close()
    there = await counts(everything)
    assert made["meetings"] == there["meetings"] - 1
    assert made["users"] == there["users"] - len(seeded.people)


async def test_a_database_with_an_organization_of_anyone_is_left_alone(cluster: Cluster, empty_url: str) -> None:
    connection = await asyncpg.connect(cluster.url("postgres", "demo_empty"))
    await connection.execute(
        "insert into app.organizations (workos_org_id, slug, name) values ('org_01REAL', 'real', 'Real')"
    )
    await seed_demo(empty_url, now=NOW)
    assert await connection.fetchval("select count(*) from app.organizations where type <> 'platform'") == 1
    assert await connection.fetchval("select count(*) from app.users") == 0
    await connection.close()


def test_every_organization_has_an_owner_an_admin_and_somebody_who_hosts() -> None:
    for organization in ORGANIZATIONS:
        places = [one for person in PEOPLE for one in person.memberships if one.organization == organization.slug]
        roles = Counter(place.role for place in places if place.status == "active")
        assert roles["owner"] == 1
        assert roles["admin"] >= 1
        assert any(place.role == "member" and place.services for place in places)


def test_somebody_is_a_billing_admin() -> None:
    assert [one.email for one in PEOPLE if one.memberships[0].role == "billing_admin"] == [
        "helena.duarte@clinica-lumen.example"
    ]


async def test_one_person_belongs_to_two_organizations_with_different_roles(worker_url: str) -> None:
    [both] = [one for one in await people(worker_url) if len(one.memberships) > 1]
    assert both.email == "beatriz.nogueira@consultorio-ribeira.example"
    assert {one.slug: one.role for one in both.memberships} == {
        "consultorio-ribeira": "admin",
        "clinica-lumen": "member",
    }


async def test_one_member_is_suspended_and_their_past_is_kept(everything: Admin) -> None:
    [suspended] = await everything.fetch("select * from app.user_org_memberships where status = 'suspended'")
    assert suspended["workos_user_id"] == "user_demo_miguel_antunes"
    latest = "select max(start_time) from app.meetings where workos_user_id = $1"
    assert await everything.fetchval(latest, suspended["workos_user_id"]) < NOW


async def test_the_directory_lists_everyone_in_the_order_they_came(worker_url: str) -> None:
    listed = [one for one in await people(worker_url) if one.workos_user_id.startswith("user_demo_")]
    assert [(one.workos_user_id, one.email, one.first_name, one.last_name) for one in listed] == [
        (one.workos_user_id, one.email, one.first_name, one.last_name) for one in PEOPLE
    ]
    assert [[(at.slug, at.role, at.status) for at in one.memberships] for one in listed] == [
        [(at.organization, at.role, at.status) for at in one.memberships] for one in PEOPLE
    ]
    names = {one.workos_org_id: one.name for one in ORGANIZATIONS}
    assert all(names[at.workos_org_id] == at.organization_name for one in listed for at in one.memberships)


async def test_the_directory_leaves_out_who_and_what_is_deleted(
    cluster: Cluster, everything: Admin, worker_url: str
) -> None:
    async with everything.transaction():
        await everything.execute("update app.users set deleted_at = now() where email like 'goncalo.%'")
        await everything.execute("update app.organizations set deleted_at = now() where slug = 'consultorio-ribeira'")
    try:
        left = {one.email: [at.slug for at in one.memberships] for one in await people(worker_url)}
    finally:
        await everything.execute("update app.users set deleted_at = null")
        await everything.execute("update app.organizations set deleted_at = null")
    assert "goncalo.brito@leonor-vaz.example" not in left
    assert left["beatriz.nogueira@consultorio-ribeira.example"] == ["clinica-lumen"]
    assert left["sofia.almeida@consultorio-ribeira.example"] == []


@pytest.mark.parametrize("day", range(7))
@pytest.mark.parametrize("hour", [0, 12, 23])
def test_every_organization_has_meetings_this_week_whatever_the_day(day: int, hour: int) -> None:
    monday = datetime(2026, 3, 23, tzinfo=UTC)  # the clocks go forward on its Sunday
    now = monday + timedelta(days=day, hours=hour)
    booked = [one for one in meetings(now) if monday <= one.start < monday + timedelta(days=7)]
    assert {one.membership.organization for one in booked} == {one.slug for one in ORGANIZATIONS}


def test_no_host_of_the_demo_is_in_two_places() -> None:
    for theirs in of_host(list(meetings(NOW))).values():
        assert all(one.end <= following.start for one, following in pairwise(theirs))


def test_what_is_over_has_an_outcome_and_what_is_not_has_none_yet() -> None:
    past = Counter(one.status for one in meetings(NOW) if one.end <= NOW)
    ahead = Counter(one.status for one in meetings(NOW) if one.end > NOW)
    assert set(past) == {"completed", "cancelled", "no_show"}
    assert set(ahead) == {"confirmed", "cancelled", "pending_payment"}
    assert past.most_common(1)[0][0] == "completed"
    assert ahead.most_common(1)[0][0] == "confirmed"


async def test_meetings_lie_in_the_working_hours_of_their_hosts(everything: Admin) -> None:
    outside = """
        select count(*) from app.meetings m
        join app.schedules s using (org_id, workos_user_id)
        join app.organizations o on o.id = m.org_id and o.workos_org_id like 'org\\_demo%'
        where not exists (
            select from app.schedule_availabilities a
            where a.schedule_id = s.id
              and a.day_of_week = to_char(m.start_time at time zone s.timezone, 'fmday')
              and make_interval(mins => a.start_minute) <= (m.start_time at time zone s.timezone)::time::interval
              and make_interval(mins => a.end_minute) >= (m.end_time at time zone s.timezone)::time::interval)
    """
    assert await everything.fetchval(outside) == 0


async def test_nothing_of_the_demo_was_made_after_now(everything: Admin) -> None:
    late = "select count(*) from app.meetings where created_at > $1 or cancelled_at > $1 or cancelled_at < created_at"
    assert await everything.fetchval(late, NOW) == 0


async def test_no_address_of_the_demo_reaches_anyone(everything: Admin) -> None:
    addresses = await everything.fetch("""
        select email from app.users union select guest_email from app.meetings
        union select billing_email from app.organizations where billing_email is not null
    """)
    assert [row["email"] for row in addresses if not row["email"].endswith(UNREACHABLE)] == []


async def test_the_platforms_share_of_the_demo_is_fifteen_percent_rounded_down(everything: Admin) -> None:
    for table in ("meetings", "payment_transfers"):
        wrong = f"select count(*) from app.{table} where platform_fee_cents <> amount_cents * 15 / 100"
        assert await everything.fetchval(wrong) == 0


async def test_every_paid_meeting_of_the_demo_has_its_transfer(everything: Admin) -> None:
    unmatched = """
        select count(*) from app.meetings m join app.organizations o on o.id = m.org_id
        full join app.payment_transfers t on t.org_id = m.org_id and t.payment_intent_id = m.stripe_payment_intent_id
        where o.workos_org_id like 'org\\_demo%' and (m.stripe_payment_intent_id is null) <> (t.id is null)
    """
    assert await everything.fetchval(unmatched) == 0
    statuses = {row["status"] for row in await everything.fetch("select distinct status from app.payment_transfers")}
    assert statuses >= {"PENDING", "APPROVED", "COMPLETED", "PAID_OUT", "FAILED", "REFUNDED", "DISPUTED"}


async def test_clinical_notes_of_the_demo_are_opaque(everything: Admin) -> None:
    notes = await everything.fetch("select key_id, encrypted_content, content_sha256 from app.records")
    assert {one["key_id"] for one in notes} == {"demo"}
    assert len({one["encrypted_content"] for one in notes}) == len(notes)
    assert all(len(one["encrypted_content"]) >= 200 for one in notes)


async def test_the_trail_says_that_the_system_made_the_demo(everything: Admin) -> None:
    trail = await everything.fetch("""
        select distinct actor_type, actor_id, outcome from app.audit_logs
        join app.organizations o on o.id = org_id where o.workos_org_id like 'org\\_demo%'
    """)
    assert [tuple(row) for row in trail] == [("system", "demo", "success")]


async def test_the_worker_that_makes_the_demo_is_bound_by_row_security(everything: Admin, worker_url: str) -> None:
    worker = await asyncpg.connect(worker_url)
    try:
        login = await worker.fetchrow("select rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        assert tuple(login or ()) == (False, False)
        assert await worker.fetchval("select count(*) from app.meetings") == 0  # no reason was named
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await worker.execute("insert into app.categories (slug, name) values ('no', 'No')")
    finally:
        await worker.close()
    assert await everything.fetchval("select count(*) from app.meetings") > 0


def test_a_person_of_the_demo_is_named_in_one_way() -> None:
    assert len({one.workos_user_id for one in PEOPLE}) == len({one.email for one in PEOPLE}) == len(PEOPLE)
    assert all(quote(one.username, safe="") == one.username for one in PEOPLE)
    assert all(one.shows for one in PEOPLE)
