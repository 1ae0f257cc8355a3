"""A run of the seed: exact totals, the same rows for the same numbers, stopped and continued."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from click.testing import CliRunner

from cli.db_seed import seed as command
from db.embedded import Cluster
from db.seed import Plan, SeedError, seed
from tests.db.conftest import Admin, drop, prepare

NOW = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)
SMALL = Plan(organizations=3, events=5, meetings=4, random_seed=11)

# What a plan decides; the rest is the database's own (when a row was written).
DECIDED = {
    "organizations": "id, workos_org_id, slug, name, timezone, metadata",
    "users": "workos_user_id, email, first_name, last_name, username",
    "user_org_memberships": "org_id, workos_user_id, role, status, joined_at",
    "events": "org_id, id, workos_user_id, name, slug, duration_in_minutes, price_cents, position",
    "meetings": """org_id, id, event_id, workos_user_id, status, guest_email, guest_name, guest_notes, start_time,
        end_time, amount_cents, platform_fee_cents, created_at, cancelled_at, cancellation_reason""",
}


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


class Watch:
    """Counts what it is told; interrupts after `limit` calls."""

    def __init__(self, limit: int | None = None) -> None:
        self.made, self.there, self.limit = 0, 0, limit

    def __call__(self, meetings: int, *, now: bool) -> None:
        if now:
            self.made += meetings
        else:
            self.there += meetings
        if self.limit is not None:
            self.limit -= 1
            if self.limit < 0:
                raise Interrupted


@pytest.fixture(scope="module")
def worker_url(cluster: Cluster) -> Iterator[str]:
    """A migrated database of this file's own."""
    asyncio.run(prepare(cluster, "seeded"))
    yield cluster.url("orgraph_worker", "seeded")
    asyncio.run(drop(cluster.url("postgres", "postgres"), "seeded"))


@pytest.fixture
async def everything(cluster: Cluster, worker_url: str) -> AsyncIterator[Admin]:
    """The superuser in that database, who sees all of it."""
    connection = await asyncpg.connect(cluster.url("postgres", "seeded"))
    yield connection
    await connection.close()


@pytest.fixture
def other_url(cluster: Cluster) -> Iterator[str]:
    asyncio.run(prepare(cluster, "seeded_elsewhere"))
    yield cluster.url("orgraph_worker", "seeded_elsewhere")
    asyncio.run(drop(cluster.url("postgres", "postgres"), "seeded_elsewhere"))


async def meetings_of(superuser: Admin, plan: Plan) -> int:
    like = f"org\\_seed{plan.random_seed}\\_%"
    statement = """select count(*) from app.meetings m join app.organizations o on o.id = m.org_id
        where o.workos_org_id like $1"""
    count: int = await superuser.fetchval(statement, like)
    return count


async def decided(superuser: Admin, plan: Plan) -> dict[str, list[asyncpg.Record]]:
    # The random seed is the first word of every id, and stands in every WorkOS id.
    own = f"org_id::text like '{plan.random_seed:08x}-%'"
    where = {
        "organizations": own.removeprefix("org_"),
        "users": f"workos_user_id like 'user\\_seed{plan.random_seed}\\_%'",
    }
    return {
        table: await superuser.fetch(
            f"select {columns} from app.{table} where {where.get(table, own)} order by {columns}"
        )
        for table, columns in DECIDED.items()
    }


async def test_the_totals_are_the_plans(everything: Admin, worker_url: str) -> None:
    assert await seed(worker_url, SMALL, now=NOW) == 3
    assert (SMALL.total_events, SMALL.total_meetings) == (15, 60)
    rows = await decided(everything, SMALL)
    assert {table: len(found) for table, found in rows.items()} == {
        "organizations": 3,
        "users": 3 * 7,
        "user_org_memberships": 3 * 7,
        "events": 15,
        "meetings": 60,
    }
    per_event = await everything.fetch(
        "select count(*) from app.meetings where org_id = $1 group by event_id", SMALL.organization(2).id
    )
    assert [row["count"] for row in per_event] == [4] * 5


async def test_a_second_run_adds_nothing(everything: Admin, worker_url: str) -> None:
    await seed(worker_url, SMALL, now=NOW)
    before, watch = await decided(everything, SMALL), Watch()
    trail = await everything.fetchval("select count(*) from app.audit_logs")
    assert await seed(worker_url, SMALL, now=NOW + timedelta(days=9), progress=watch) == 0
    assert await decided(everything, SMALL) == before
    assert await everything.fetchval("select count(*) from app.audit_logs") == trail
    assert (watch.made, watch.there) == (0, 60)


async def test_the_same_random_seed_makes_the_same_rows_in_another_database(
    cluster: Cluster, everything: Admin, worker_url: str, other_url: str
) -> None:
    plan = Plan(2, 3, 10, random_seed=12)
    await seed(worker_url, plan, now=NOW)
    await seed(other_url, plan, now=NOW)
    elsewhere = await asyncpg.connect(cluster.url("postgres", "seeded_elsewhere"))
    try:
        there = await decided(elsewhere, plan)
    finally:
        await elsewhere.close()
    assert there == await decided(everything, plan)
    assert all(there.values())


async def test_another_random_seed_makes_other_rows_beside_them(everything: Admin, worker_url: str) -> None:
    one, two = Plan(1, 3, 20, random_seed=13), Plan(1, 3, 20, random_seed=14)
    await seed(worker_url, one, now=NOW)
    await seed(worker_url, two, now=NOW)
    for column in ("start_time", "guest_email", "status"):
        all_of = f"select array_agg({column} order by id) from app.meetings where org_id = $1"
        made = [await everything.fetchval(all_of, plan.organization(1).id) for plan in (one, two)]
        assert made[0] != made[1]


async def test_a_larger_plan_of_the_same_numbers_adds_only_what_is_missing(everything: Admin, worker_url: str) -> None:
    await seed(worker_url, Plan(1, 2, 3, random_seed=15), now=NOW)
    before = await decided(everything, Plan(1, 2, 3, random_seed=15))
    assert await seed(worker_url, Plan(3, 2, 3, random_seed=15), now=NOW + timedelta(days=1)) == 2
    after = await decided(everything, Plan(3, 2, 3, random_seed=15))
    assert len(after["meetings"]) == 18
    assert [row for row in after["meetings"] if row in before["meetings"]] == before["meetings"]


@pytest.mark.parametrize("interrupted_after", [0, 1, 4])
async def test_an_interrupted_seed_is_continued_to_exact_totals(
    everything: Admin, worker_url: str, interrupted_after: int
) -> None:
    plan = Plan(6, 3, 7, random_seed=20 + interrupted_after)
    with pytest.raises(ExceptionGroup) as stopped:
        await seed(worker_url, plan, now=NOW, progress=Watch(interrupted_after))
    assert stopped.group_contains(Interrupted)
    half = await meetings_of(everything, plan)
    assert half % 21 == 0  # an organization is there with all its meetings, or not at all
    assert half < plan.total_meetings
    watch = Watch()
    await seed(worker_url, plan, now=NOW, progress=watch)
    assert await meetings_of(everything, plan) == plan.total_meetings
    assert (watch.made, watch.there) == (plan.total_meetings - half, half)


async def test_a_cancelled_seed_leaves_no_half_organization(everything: Admin, worker_url: str) -> None:
    plan = Plan(4, 4, 50, random_seed=30)

    def cancel(meetings: int, *, now: bool) -> None:
        running.cancel()

    running = asyncio.create_task(seed(worker_url, plan, now=NOW, progress=cancel))
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await meetings_of(everything, plan) % 200 == 0
    await seed(worker_url, plan, now=NOW)
    assert await meetings_of(everything, plan) == 800


async def test_two_seeds_at_once_share_the_work(everything: Admin, worker_url: str) -> None:
    plan, watches = Plan(8, 2, 10, random_seed=31), (Watch(), Watch())
    made = await asyncio.gather(*(seed(worker_url, plan, now=NOW, progress=watch) for watch in watches))
    assert sum(made) == 8
    assert sum(watch.made for watch in watches) == await meetings_of(everything, plan) == 160
    assert [watch.made + watch.there for watch in watches] == [160, 160]


async def test_other_numbers_for_a_used_random_seed_are_refused_by_name(worker_url: str) -> None:
    await seed(worker_url, SMALL, now=NOW)
    with pytest.raises(
        SeedError, match=r"org_seed11_\d was made with --events 5 --meetings 4, not --events 6 --meetings 4"
    ):
        await seed(worker_url, Plan(3, 6, 4, random_seed=11), now=NOW)


@pytest.mark.parametrize(("events", "meetings"), [(0, 5), (5, 0), (1, 1)])
async def test_a_plan_with_nothing_of_a_kind_is_made_without_it(
    everything: Admin, worker_url: str, events: int, meetings: int
) -> None:
    plan = Plan(1, events, meetings, random_seed=70 + 10 * events + meetings)
    assert await seed(worker_url, plan, now=NOW) == 1
    assert await meetings_of(everything, plan) == events * meetings


def test_the_command_prints_the_totals_first_and_nothing_on_standard_output(worker_url: str) -> None:
    arguments = ["--organizations", "2", "--events", "3", "--meetings", "4", "--random-seed", "90", "--url", worker_url]
    said = CliRunner().invoke(command, arguments)
    assert said.exit_code == 0, said.output
    assert said.stdout == ""
    assert said.stderr.splitlines()[0] == "2 organizations, 6 events, 24 meetings"
    assert "made 2 organizations and 24 meetings" in said.stderr
    again = CliRunner().invoke(command, arguments)
    assert "made 0 organizations and 0 meetings" in again.stderr
    assert "2 organizations were there already" in again.stderr


def test_the_command_says_which_numbers_it_expects(worker_url: str) -> None:
    used = ["--organizations", "1", "--events", "1", "--meetings", "1", "--random-seed", "91", "--url", worker_url]
    CliRunner().invoke(command, used)
    refused = CliRunner().invoke(command, [*used, "--meetings", "2"])
    assert refused.exit_code == 1
    assert "another --random-seed" in refused.stderr.splitlines()[-1]
