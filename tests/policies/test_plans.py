"""A first page costs a page: the caller is asked once, and the order comes from an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.make import TOMORROW
from tests.personas import Connection, Database, Organization, World, as_person, as_superuser, as_worker

MEETINGS = 4_000
# The member under test hosts few of them: a page must not read past the others' to find its own.
FEW = 30
PAGE = "select id, start_time from app.meetings order by start_time desc, id desc limit 20"


@pytest.fixture
async def busy(database: Database, world: World) -> World:
    async with as_worker(database) as worker:
        for org in (world.acme, world.globex):
            await meetings(worker, org, org.colleague, MEETINGS)
            await meetings(worker, org, org.member, FEW)
    async with as_superuser(database) as superuser:
        await superuser.execute("analyze app.meetings, app.user_org_memberships, app.organizations, app.users")
    return world


async def meetings(worker: Connection, org: Organization, host: str, count: int) -> None:
    """Past ones: a host may have been booked twice in the past, so no constraint slows this down."""
    await worker.execute(
        """insert into app.meetings (org_id, event_id, workos_user_id, status, guest_email, guest_name,
            guest_timezone, start_time, end_time)
        select $1, $2, $3, 'completed', 'g@guests.test', 'G', 'UTC', past, past + interval '1 hour'
        from generate_series(1, $4::int) n
        cross join lateral (select $5::timestamptz - n * interval '1 hour') at (past)""",
        org.id,
        org.rows["events"][host],
        host,
        count,
        TOMORROW,
    )


async def plan(connection: Connection, statement: str) -> list[dict[str, Any]]:
    answer = await connection.fetchval(f"explain (analyze, costs off, timing off, format json) {statement}")
    return list(nodes(orjson.loads(answer)[0]["Plan"]))


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from nodes(child)


@pytest.mark.parametrize(
    ("who", "index"),
    [("member", "meetings_host_idx"), ("owner", "meetings_start_idx"), ("receptionist", "meetings_start_idx")],
)
async def test_a_first_page_of_meetings_reads_a_page(database: Database, busy: World, who: str, index: str) -> None:
    async with as_person(database, getattr(busy.acme, who), busy.acme) as caller:
        steps = await plan(caller, PAGE)
    kinds = [step["Node Type"] for step in steps]
    assert not {"Seq Scan", "Sort", "Incremental Sort", "Bitmap Heap Scan"} & set(kinds), kinds
    scans = [step for step in steps if step.get("Relation Name") == "meetings"]
    assert [scan["Index Name"] for scan in scans] == [index]
    assert "org_id = " in scans[0]["Index Cond"]
    assert scans[0].get("Rows Removed by Filter", 0) == 0
    assert scans[0]["Actual Rows"] <= 21
    # Who is asking is found out before, once.
    asked = [step for step in steps if step.get("Parent Relationship") == "InitPlan"]
    assert len(asked) == 2
    assert {step["Actual Loops"] for step in asked} == {1}


async def test_a_count_asks_who_is_asking_once(database: Database, busy: World) -> None:
    async with as_person(database, busy.acme.owner, busy.acme) as owner:
        steps = await plan(owner, "select count(*) from app.meetings")
    asked = [step for step in steps if step.get("Parent Relationship") == "InitPlan"]
    assert {step["Actual Loops"] for step in asked} == {1}
    counted = [step for step in steps if step.get("Relation Name") == "meetings"]
    assert counted[0]["Actual Rows"] == MEETINGS + FEW + len(busy.acme.rows["meetings"])


async def test_the_colleagues_of_a_page_are_found_by_their_key(database: Database, busy: World) -> None:
    """As a loader asks: some people by id. Nobody's colleagues are all read to find a few."""
    people = ", ".join(f"'{person}'" for person in list(busy.acme.people.values())[:3])
    async with as_person(database, busy.acme.member, busy.acme) as member:
        await member.execute("set local enable_seqscan = off")  # the tables of a test are small enough to prefer one
        steps = await plan(member, f"select first_name from app.users where workos_user_id in ({people})")
    scans = {step.get("Index Name") for step in steps if "Scan" in step["Node Type"]}
    assert {"users_workos_user_id_key", "user_org_memberships_person_key"} <= scans
