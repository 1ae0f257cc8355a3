"""What a worker counts: operations by name, their ways and outcomes, what was refused, and how the process itself is.

Each worker counts in files of its own (prometheus-client's), which `server.admin` adds up; where nobody asks for
metrics it counts in memory. What a request adds costs 3 µs; what can wait is carried over by the tick.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from graph.happened import Happened

TICK_S = 0.5
# How many names a process learns, by who used them first: a client can write any name, and each is a dozen series.
MOST_NAMES = {"user": 200, "api_key": 100, "guest": 50}
OTHER = "(other)"
UNNAMED = "(unnamed)"

REGISTRY = CollectorRegistry()
OPERATIONS = Histogram(
    "orgraph_operation_duration_seconds",
    "Operations, from the first byte of the app to the last, by name, persisted document, kind, way and outcome.",
    ["operation", "document", "kind", "way", "outcome"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
COST = Histogram(
    "orgraph_operation_cost",
    "The price of operations, where it is known.",
    buckets=(1, 10, 50, 100, 500, 1_000, 2_500, 5_000),
    registry=REGISTRY,
)
CODES = Counter("orgraph_refusals", "Requests refused or failed as a whole, by code.", ["code"], registry=REGISTRY)
STATEMENTS = Counter("orgraph_statements", "Statements sent to Postgres, frames not counted.", registry=REGISTRY)
DENIALS = Counter(
    "orgraph_denials", "Writes that a policy refused (42501), and strangers at the entrance.", registry=REGISTRY
)
GAPS = Counter("orgraph_audit_failures", "Records of denials that could not be written.", registry=REGISTRY)
LAG = Histogram(
    "orgraph_event_loop_lag_seconds",
    "By how much the event loop was late, asked twice a second.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1),
    registry=REGISTRY,
)
CPU = Counter("orgraph_worker_cpu_seconds", "Processor time of the workers.", registry=REGISTRY)


def _gauge(name: str, sentence: str, labels: tuple[str, ...] = ()) -> Gauge:
    return Gauge(name, sentence, labels, multiprocess_mode="livesum", registry=REGISTRY)


IN_FLIGHT = _gauge("orgraph_requests_in_flight", "Requests that are being answered.")
POOL = _gauge("orgraph_pool_connections", "Connections to the database: in_use, and the most there may be.", ("state",))
WAITING = _gauge("orgraph_operations_waiting", "Operations that wait for a connection.")
UNSETTLED = _gauge("orgraph_budget_unsettled", "How often in a row the callers' budgets could not be settled.")
WORKERS = _gauge("orgraph_workers", "Workers that serve, and that drain.", ("state",))
MEMORY = _gauge("orgraph_worker_resident_bytes", "Memory of the workers.")


@dataclass
class Meter:
    """One worker's counting. `pool` says how many connections are in use, and how many there may be."""

    pool: Callable[[], tuple[int, int]] = lambda: (0, 0)
    waiting: Callable[[], int] = lambda: 0
    unsettled: Callable[[], int] = lambda: 0
    draining: Callable[[], bool] = lambda: False
    in_flight: int = 0
    _statements: int = 0
    _cpu_s: float = 0.0
    _known: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    _names: dict[str, set[str]] = field(default_factory=lambda: {who: set() for who in MOST_NAMES})

    def observe(self, happened: Happened, took_s: float, *, left: bool) -> None:
        """Count one request to /graphql, whatever became of it; of a batch each operation, with the time of all."""
        for one in happened.elements or (happened,):
            self._count(one, took_s, left=left)

    def _count(self, happened: Happened, took_s: float, *, left: bool) -> None:
        outcome = happened.outcome or ("left" if left else "refused")
        document = happened.document if happened.persisted else None
        key = (happened.operation, document, happened.kind, happened.way, outcome)
        known = self._known.get(key)
        if known is None:
            known = self._series(key, happened)
        known.observe(took_s)
        self._statements += happened.statements
        if happened.code is not None:
            CODES.labels(happened.code).inc()
        if happened.cost is not None:
            COST.observe(happened.cost)
        if happened.denials:
            DENIALS.inc(happened.denials)
        if happened.gaps:
            GAPS.inc(happened.gaps)

    def _series(self, key: tuple[Any, ...], happened: Happened) -> Any:
        name, document, kind, way, outcome = key
        learned = self._learned(happened, outcome)
        shown = UNNAMED if name is None else name if learned else OTHER
        series = OPERATIONS.labels(shown, document or "", kind or "", way or "", outcome)
        if learned:
            self._known[key] = series
        return series

    def _learned(self, happened: Happened, outcome: str) -> bool:
        """Whether this name gets series of its own: one of a stored document, or one of the first that worked."""
        name = happened.operation
        if name is None or happened.persisted or any(name in names for names in self._names.values()):
            return True
        names = self._names.get(happened.principal or "guest", set())
        if outcome == "ok" and len(names) < MOST_NAMES.get(happened.principal or "guest", 0):
            names.add(name)
            return True
        return False

    async def tick(self) -> None:
        """Carry over what waits, for ever; and say by how much this was late."""
        loop = asyncio.get_running_loop()
        while True:
            self.carry()
            due = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            LAG.observe(max(0.0, loop.time() - due))

    def carry(self) -> None:
        """Write down what is not written with each request."""
        in_use, most = self.pool()
        IN_FLIGHT.set(self.in_flight)
        POOL.labels("in_use").set(in_use)
        POOL.labels("most").set(most)
        WAITING.set(self.waiting())
        UNSETTLED.set(self.unsettled())
        draining = self.draining()
        WORKERS.labels("serving").set(not draining)
        WORKERS.labels("draining").set(draining)
        statements, self._statements = self._statements, 0
        STATEMENTS.inc(statements)
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu_s = used.ru_utime + used.ru_stime
        CPU.inc(cpu_s - self._cpu_s)
        self._cpu_s = cpu_s
        MEMORY.set(_resident_bytes())


def _resident_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:
        return 0
