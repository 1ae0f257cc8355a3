"""What is counted is right, and no client can make it grow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest

from graph.happened import Happened
from server import admin
from server.metrics import MOST_NAMES, REGISTRY, Meter
from tests.personas import World
from tests.server.scraping import Scraped, read
from tests.server.site import Site

SECONDS = "orgraph_operation_duration_seconds_count"


def counted() -> Scraped:
    """What this process has counted."""
    return read(generate_latest(REGISTRY).decode())


def happened(name: str | None, **more: Any) -> Happened:
    return Happened(
        operation=name, **({"principal": "guest", "kind": "query", "way": "planned", "outcome": "ok"} | more)
    )


def names_in(found: Scraped) -> set[str]:
    return {dict(labels)["operation"] for name, labels in found.samples if name == SECONDS}


async def test_each_operation_is_counted_by_what_it_was_and_became(site: Site, world: World) -> None:
    token = site.token(world.acme.people["owner"], world.acme.workos_id)
    async with site.client(headers={"authorization": f"Bearer {token}"}) as client:
        await client.post("/graphql", json={"query": "query Counted { address }"})
        await client.post("/graphql", json={"query": "query Counted { broken }"})
        await client.post("/graphql", json={"query": "query Counted { nothing }"})
        before = counted().samples.get(("orgraph_refusals_total", frozenset({("code", "BAD_JSON")})), 0)
        await client.post("/graphql", content=b"{", headers={"content-type": "application/json"})
    found = counted()
    kinds = {
        tuple(dict(labels)[name] for name in ("kind", "way", "outcome")): value
        for (name, labels), value in found.samples.items()
        if name == SECONDS and ("operation", "Counted") in labels
    }
    assert kinds == {("query", "interpreted", "ok"): 1, ("query", "interpreted", "partial"): 1, ("", "", "invalid"): 1}
    assert found.get("orgraph_refusals_total", {"code": "BAD_JSON"}) == before + 1


def test_each_operation_of_a_batch_is_counted() -> None:
    batch = happened(None, outcome=None)
    for name in ("First", "Second"):
        batch.element(name).ended("ok", None, "planned; why")
    before = names_in(counted())
    Meter().observe(batch, 0.01, left=False)
    assert {"First", "Second"} <= names_in(counted()) - before


def test_names_are_learned_up_to_a_limit_and_only_from_operations_that_worked() -> None:
    meter = Meter()
    known = names_in(counted())
    for number in range(5_000):
        meter.observe(happened(f"Forged{number}", outcome="invalid"), 0.001, left=False)
    assert names_in(counted()) - known <= {"(other)"}
    for number in range(5_000):
        meter.observe(happened(f"Attack{number}"), 0.001, left=False)
    assert len(names_in(counted()) - known - {"(other)"}) == MOST_NAMES["guest"]
    assert len(meter._known) <= MOST_NAMES["guest"]
    meter.observe(happened("OfAPerson", principal="user"), 0.001, left=False)
    meter.observe(happened("Stored", document="doc-1", persisted=True), 0.001, left=False)
    assert {"OfAPerson", "Stored"} <= names_in(counted())


def gauges(meter: Meter) -> tuple[float, float]:
    meter.carry()
    found = counted()
    return found.get("orgraph_requests_in_flight"), found.get("orgraph_pool_connections", {"state": "in_use"})


def test_what_an_operation_brings_with_it_is_added_up() -> None:
    meter = Meter(pool=lambda: (3, 8))
    before = counted()
    meter.observe(happened("Adding", statements=4, denials=2, gaps=1, cost=30), 0.2, left=False)
    meter.observe(Happened(), 0.2, left=True)
    meter.in_flight = 7
    meter.carry()
    after = counted()

    def more(name: str) -> float:
        return after.get(name) - before.get(name)

    assert more("orgraph_statements_total") == 4
    assert more("orgraph_denials_total") == 2
    assert more("orgraph_audit_failures_total") == 1
    assert more("orgraph_operation_cost_sum") == 30
    assert any(gauges(meter) == (7, 3) for _ in range(20)), "servers of other tests, in this process, set them as well"
    left = {"operation": "(unnamed)", "document": "", "kind": "", "way": "", "outcome": "left"}
    assert after.get(SECONDS, left) >= 1


COUNT = """
import os, signal, sys
from graph.happened import Happened
from server.metrics import Meter
meter = Meter()
for _ in range(3):
    meter.observe(Happened(operation="Killed", principal="user", outcome="ok", statements=1), 0.01, left=False)
meter.carry()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_worker_counted_is_kept_and_its_files_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(admin.FOLDER, str(tmp_path))
    for _ in range(3):
        subprocess.run([sys.executable, "-c", COUNT], check=False, timeout=60)  # noqa: S603 - our own words
        admin.fold(tmp_path)
    found = read(admin.exposition(tmp_path).decode())
    labels = {"operation": "Killed", "document": "", "kind": "", "way": "", "outcome": "ok"}
    assert found.get(SECONDS, labels) == 9
    assert found.get("orgraph_operation_duration_seconds_bucket", labels | {"le": "0.01"}) == 9
    assert found.get("orgraph_statements_total") == 9
    assert "orgraph_workers" not in found.names(), "who is gone serves no more"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["counter_ended.db", "histogram_ended.db"]
