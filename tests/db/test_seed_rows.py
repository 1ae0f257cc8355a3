"""What the seed makes: meetings around today, hosts in one place at a time, and no way round the policies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from db.embedded import Cluster
from db.seed import Plan, seed
from db.seed.plan import FEW, FULL_DIARY
from tests.db.conftest import Admin, drop, prepare

NOW = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
SMALL = Plan(organizations=3, events=5, meetings=4, random_seed=11)
BUSY = Plan(organizations=1, events=7, meetings=300, random_seed=50)


@pytest.fixture(scope="module")
def worker_url(cluster: Cluster) -> Iterator[str]:
    """A migrated database of this file's own."""
    asyncio.run(prepare(cluster, "seeded_rows"))
    yield cluster.url("orgraph_worker", "seeded_rows")
    asyncio.run(drop(cluster.url("postgres", "postgres"), "seeded_rows"))


@pytest.fixture
async def everything(cluster: Cluster, worker_url: str) -> AsyncIterator[Admin]:
    """The superuser in that database, who sees all of it."""
    connection = await asyncpg.connect(cluster.url("postgres", "seeded_rows"))
    yield connection
    await connection.close()


@pytest.mark.parametrize("day", range(7))
async def test_every_host_has_a_meeting_this_week_whatever_the_day(
    everything: Admin, worker_url: str, day: int
) -> None:
    plan = Plan(1, 5, 1 + day, random_seed=40 + day)
    await seed(worker_url, plan, now=MONDAY + timedelta(days=day, hours=22))
    hosts = await everything.fetchval(
        """select count(distinct workos_user_id) from app.meetings
        where org_id = $1 and start_time >= $2 and start_time < $3""",
        plan.organization(1).id,
        MONDAY,
        MONDAY + timedelta(days=7),
    )
    assert hosts == 4


async def test_no_seeded_host_is_in_two_places(everything: Admin, worker_url: str) -> None:
    """Whatever the status: the constraint in the table speaks of what is still to come only."""
    await seed(worker_url, BUSY, now=NOW)
    await seed(worker_url, Plan(1, 1, 7_000, random_seed=51), now=NOW)  # more than two years and a quarter hold
    overlaps = """
        select count(*) from (
            select start_time < lag(end_time) over (partition by workos_user_id order by start_time) as too_early
            from app.meetings) m
        where too_early
    """
    assert await everything.fetchval("select count(*) from app.meetings") > 9_000
    assert await everything.fetchval(overlaps) == 0


async def test_most_meetings_lie_in_the_past_two_years_and_some_ahead(everything: Admin, worker_url: str) -> None:
    await seed(worker_url, BUSY, now=NOW)
    [span] = await everything.fetch(
        """select min(start_time), max(start_time), avg((start_time < $2)::int)::float as past,
            count(distinct status) filter (where end_time <= $2) as outcomes,
            count(*) filter (where (end_time > $2) and status in ('completed', 'no_show', 'expired')) as too_soon,
            count(*) filter (where (end_time <= $2) and status in ('confirmed', 'pending_payment')) as forgotten
        from app.meetings where org_id = $1""",
        BUSY.organization(1).id,
        NOW,
    )
    assert NOW - timedelta(weeks=106) < span["min"] < NOW - timedelta(weeks=100)
    assert NOW + timedelta(weeks=10) < span["max"] < NOW + timedelta(weeks=15)
    assert 0.85 < span["past"] < 0.93
    assert span["outcomes"] == 4
    assert (span["too_soon"], span["forgotten"]) == (0, 0)


async def test_seeded_meetings_agree_with_their_events(everything: Admin, worker_url: str) -> None:
    await seed(worker_url, BUSY, now=NOW)
    wrong = """
        select count(*) from app.meetings m join app.events e using (org_id)
        where e.id = m.event_id and (
            m.workos_user_id <> e.workos_user_id
            or m.end_time - m.start_time <> make_interval(mins => e.duration_in_minutes)
            or m.amount_cents <> e.price_cents
            or m.platform_fee_cents <> floor(e.price_cents * 0.15)
            or m.created_at > $1 or m.cancelled_at > $1 or m.cancelled_at < m.created_at)
        and org_id = any($2)
    """
    ours = [BUSY.organization(number).id for number in BUSY.numbers]
    assert await everything.fetchval(wrong, NOW, ours) == 0


async def test_every_seeded_host_is_an_active_member(everything: Admin, worker_url: str) -> None:
    await seed(worker_url, SMALL, now=NOW)
    hosts = await everything.fetch("""
        select distinct m.role, m.status from app.meetings b
        join app.user_org_memberships m using (org_id, workos_user_id)
    """)
    assert [tuple(row) for row in hosts] == [("member", "active")]


async def test_the_large_organization_has_one_host_of_few_among_busy_ones(everything: Admin, worker_url: str) -> None:
    plan = Plan(1, 2, 3, random_seed=60, large_organization=2 * FULL_DIARY + 1)
    await seed(worker_url, plan, now=NOW)
    assert plan.total_meetings == 10_007
    hosts = await everything.fetch(
        "select workos_user_id, count(*) from app.meetings where org_id = $1 group by 1 order by 2",
        plan.organization(0).id,
    )
    assert [tuple(row) for row in hosts] == [
        ("user_seed60_0_3", FEW),
        ("user_seed60_0_5", 4_975),
        ("user_seed60_0_4", 4_976),
    ]


async def test_the_seed_is_bound_by_row_security(everything: Admin, worker_url: str) -> None:
    await seed(worker_url, SMALL, now=NOW)
    worker = await asyncpg.connect(worker_url)
    try:
        login = await worker.fetchrow(
            """select rolsuper, rolbypassrls, pg_has_role(current_user, 'orgraph_owner', 'member')
            from pg_roles where rolname = current_user"""
        )
        assert tuple(login or ()) == (False, False, False)
        assert await worker.fetchval("select count(*) from app.meetings") == 0  # no reason was named
    finally:
        await worker.close()
    assert await everything.fetchval("select count(*) from app.meetings") >= 60


async def test_the_trail_says_what_was_seeded(everything: Admin, worker_url: str) -> None:
    await seed(worker_url, SMALL, now=NOW)
    trail = await everything.fetch(
        "select actor_type, actor_id, new_values::text from app.audit_logs where org_id = $1", SMALL.organization(1).id
    )
    assert [tuple(row) for row in trail] == [("system", "seed", '{"events": 5, "meetings": 4}')]
