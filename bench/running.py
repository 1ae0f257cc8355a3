"""A whole run: what is needed is there, then every experiment in turn, each kept as soon as it is found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import pgbench, postgraphile
from bench.alternating import Pace
from bench.contenders import Contender, contenders
from bench.databases import prepare
from bench.experiments import by_hand, growth, memory, reads, start, workers, writes
from bench.load import demand_wrk
from bench.machine import machine, versions
from bench.progress import say
from bench.queries import QUERIES
from bench.results import Results
from bench.sets import DataSet
from bench.stand import Stand, stand

EXPERIMENTS = ("reads", "write", "by-hand", "workers", "memory", "growth", "start")
GROWING = ("planned", "raw")
BUSY = 0.7


@dataclass(frozen=True)
class Asked:
    """What a run is to measure. `contenders`, `queries` and `experiments` are names."""

    pace: Pace
    small: DataSet
    large: DataSet
    skew: DataSet
    memory_requests: int
    contenders: tuple[str, ...]
    queries: tuple[str, ...]
    experiments: tuple[str, ...]

    def kept(self) -> Mapping[str, Any]:
        """What results must agree in to be one run."""
        sets = {name: str(getattr(self, name)) for name in ("small", "large", "skew")}
        return {**asdict(self.pace), **sets, "memory_requests": self.memory_requests}


def opened(file: Path, asked: Asked, *, resume: bool) -> Results:
    """New results, or those of an unfinished run. Raises ValueError where that asked for something else."""
    if not resume or not file.exists():
        return Results(asked.kept(), file=file)
    results = Results.read(file)
    if dict(results.asked) != dict(asked.kept()):
        raise ValueError(f"{file} is of another run ({dict(results.asked)}): leave --resume away, or ask for the same")
    return results


def run(home: Path, asked: Asked, results: Results) -> None:
    """Raises what the experiments raise; what was found by then is kept."""
    demand_wrk()
    wanted = set(asked.experiments)
    chosen = contenders(asked.contenders)
    if any(one.dialect == "postgraphile" for one in chosen):
        postgraphile.install()
    here = machine()
    if here["load_before"] > BUSY:
        say(f"this machine is busy (load {here['load_before']}): what is measured will be noisy")
    began = datetime.now(UTC).isoformat(timespec="seconds")
    results.about = results.about or {"began": began, "machine": here, "versions": versions()}
    with stand(home) as there:
        prepare(there.cluster, asked.small)
        if "growth" in wanted:
            prepare(there.cluster, asked.large)
            prepare(there.cluster, asked.skew)
        _measure(there, asked, chosen, wanted, results)
    if "start" in wanted:
        start.run(home, results)
    results.about["ended"] = datetime.now(UTC).isoformat(timespec="seconds")
    results.save()


def _measure(there: Stand, asked: Asked, chosen: list[Contender], wanted: set[str], results: Results) -> None:
    pace, small = asked.pace, asked.small
    queries = [QUERIES[name] for name in asked.queries]
    reading = [query for query in queries if not query.writes]
    program = pgbench.program() if reads.PGBENCH in asked.contenders else None
    if "reads" in wanted:
        reads.run(there, small, chosen, reading, pace=pace, results=results, program=program)
    if "write" in wanted and any(query.writes for query in queries):
        writes.run(there, small, chosen, pace, results)
    if "by-hand" in wanted:
        by_hand.run(there, small, pace, results)
    if "workers" in wanted:
        workers.run(there, small, pace, results)
    if "memory" in wanted:
        memory.run(there, small, pace.clients, asked.memory_requests, results)
    if "growth" in wanted:
        sets = (small, asked.large, asked.skew)
        growing = contenders([name for name in GROWING if name in asked.contenders])
        growth.run(there, sets, growing, Pace(pace.rounds, pace.seconds, pace.warm_up_s, clients=1), results)
