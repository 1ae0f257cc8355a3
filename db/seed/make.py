"""Many organizations for development and measurement, made as the worker under row security."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.categories import ensure_categories
from db.engine import create_engine
from db.scope import Transaction, worker
from db.seed.hosting import make_hosting, make_people
from db.seed.names import FIRST_NAMES, LAST_NAMES, NOTES, REASONS, word
from db.seed.plan import MEETING, Plan, SeededEvent, SeededOrganization

REASON = "seed"
CONNECTIONS = 2
STATEMENT_S = 600
AT_ONCE = 20_000  # meetings in one statement: small enough for the bar to move, large enough to be quick
FEE_BPS = 1500
MEETINGS = text((Path(__file__).parents[2] / "sql" / "seed" / "meetings.sql").read_text(encoding="utf-8"))


class Progress(Protocol):
    """Told of so many meetings, each once: made `now`, or there already."""

    def __call__(self, meetings: int, *, now: bool) -> None: ...


def unwatched(meetings: int, *, now: bool) -> None:
    """Nobody looks."""


class SeedError(Exception):
    """Nothing was made; the message says what to change."""


async def seed(worker_url: str, plan: Plan, *, now: datetime, progress: Progress = unwatched) -> int:
    """Make what is missing of `plan`; answers how many organizations were.

    One transaction per organization: after an interruption the same call makes the rest, and two calls at once share
    the work. Raises SeedError when the random seed was used with other numbers.
    """
    engine = create_engine(
        worker_url, size=CONNECTIONS, command_timeout_s=STATEMENT_S, wait_s=STATEMENT_S, application="orgraph seed"
    )
    try:
        async with worker(engine, REASON) as transaction:
            categories = await ensure_categories(transaction)
            there = await _there(transaction, plan)
        missing = []
        for organization in map(plan.organization, plan.numbers):
            if organization.workos_org_id in there:
                progress(sum(event.meetings for event in organization.events), now=False)
            else:
                missing.append(organization)
        rest = iter(missing)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_make_each(engine, rest, categories, now.astimezone(UTC), progress))
                for _ in range(CONNECTIONS)
            ]
    finally:
        await engine.dispose()
    return sum(task.result() for task in tasks)


async def _there(transaction: Transaction, plan: Plan) -> set[str]:
    statement = text("select workos_org_id, metadata -> 'seed' from app.organizations where workos_org_id = any(:ids)")
    ids = [plan.organization(number).workos_org_id for number in plan.numbers]
    rows = await transaction.execute(statement, {"ids": ids})
    for workos_org_id, numbers in rows:
        if numbers != (wanted := _numbers(plan.organization(int(workos_org_id.rpartition("_")[2])))):
            raise SeedError(
                f"{workos_org_id} was made with {_options(numbers)}, not {_options(wanted)}: "
                "give the same numbers to continue, or another --random-seed to begin anew"
            )
    return {workos_org_id for workos_org_id, _ in rows}


def _numbers(organization: SeededOrganization) -> dict[str, int]:
    plan = organization.plan
    if not organization.number:
        return {"large-organization": plan.large_organization}
    return {"events": plan.events, "meetings": plan.meetings}


def _options(numbers: dict[str, int] | None) -> str:
    return " ".join(f"--{name} {value}" for name, value in sorted((numbers or {}).items())) or "other numbers"


async def _make_each(
    engine: AsyncEngine,
    rest: Iterator[SeededOrganization],
    categories: dict[str, UUID],
    now: datetime,
    progress: Progress,
) -> int:
    made = 0
    for organization in rest:
        async with worker(engine, REASON, timeout_ms=STATEMENT_S * 1000) as transaction:
            made += await _make(transaction, organization, categories, now, progress)
    return made


async def _make(
    transaction: Transaction,
    organization: SeededOrganization,
    categories: dict[str, UUID],
    now: datetime,
    progress: Progress,
) -> bool:
    statement = text("""
        insert into app.organizations (id, workos_org_id, slug, name, type, timezone, metadata, billing_email)
        values (:id, :workos_org_id, :slug, :name, 'clinic', :timezone, cast(:metadata as jsonb), :billing_email)
        on conflict do nothing returning id
    """)
    values = {
        "id": organization.id,
        "workos_org_id": organization.workos_org_id,
        "slug": organization.slug,
        "name": organization.name,
        "timezone": organization.timezone,
        "metadata": orjson.dumps({"seed": _numbers(organization)}).decode(),
        "billing_email": f"billing@{organization.slug}.example",
    }
    is_ours = await transaction.execute(statement, values)
    if is_ours:
        await make_people(transaction, organization, now)
        await make_hosting(transaction, organization, categories, now)
        entry = {"action": "ORG_SETTINGS_UPDATED", "resource_type": "organization", "resource_id": str(organization.id)}
        entries = orjson.dumps([entry | {"new_values": _numbers(organization)}]).decode()
        record = text("select app.record_system_audit(:org, cast(:entries as jsonb))")
        await transaction.execute(record, {"org": organization.id, "entries": entries})
    for events in _at_once(organization.events):
        if is_ours:
            await transaction.execute(MEETINGS, _meetings(organization, events, now))
        progress(sum(event.meetings for event in events), now=bool(is_ours))
    return bool(is_ours)


def _at_once(events: tuple[SeededEvent, ...]) -> Iterator[list[SeededEvent]]:
    batch: list[SeededEvent] = []
    for event in events:
        if batch and sum(one.meetings for one in batch) + event.meetings > AT_ONCE:
            yield batch
            batch = []
        batch.append(event)
    if batch:
        yield batch


def _meetings(organization: SeededOrganization, events: list[SeededEvent], now: datetime) -> dict[str, Any]:
    events = [event for event in events if event.meetings]
    return {
        "org": organization.id,
        "ids": organization.id_prefix(MEETING),
        "intents": f"pi_{organization.workos_org_id.removeprefix('org_')}_",
        "zone": organization.timezone,
        "salt": organization.plan.random_seed << 28 | organization.number,
        "now": now,
        "monday": now.date() - timedelta(days=now.weekday()),
        # A guest comes about six times.
        "guests": 1 + sum(event.meetings for event in organization.events) // 6,
        "fee_bps": FEE_BPS,
        "first_names": list(FIRST_NAMES),
        "last_names": list(LAST_NAMES),
        "first_words": [word(name) for name in FIRST_NAMES],
        "last_words": [word(name) for name in LAST_NAMES],
        "notes": list(NOTES),
        "reasons": list(REASONS),
        "events": [event.id for event in events],
        "hosts": [event.host for event in events],
        "positions": [event.position for event in events],
        "siblings": [event.siblings for event in events],
        "counts": [event.meetings for event in events],
        "firsts": [event.first for event in events],
        "minutes": [event.minutes for event in events],
        "prices": [event.cents for event in events],
    }
