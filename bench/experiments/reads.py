"""Reads: every query, every contender, on the small set. P1, P2, P4 and P5 of the figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench import pgbench
from bench.alternating import Pace, Subject, alternate, is_measured
from bench.callers import caller
from bench.contenders import Contender
from bench.load import Loaded
from bench.progress import say
from bench.queries import Query
from bench.results import Results
from bench.sets import DataSet
from bench.stand import Stand
from bench.subjects import reading_subjects

NAME = "reads"
PGBENCH = "pgbench"


def run(
    stand: Stand,
    data: DataSet,
    contenders: Sequence[Contender],
    queries: Sequence[Query],
    *,
    pace: Pace,
    results: Results,
    program: Path | None,
) -> None:
    """In one organization in the middle; `program` is pgbench. Raises AnswersDiffer, ContenderError, LoadError."""
    missing = []
    for query in queries:
        names = [one.name for one in contenders if one.knows(query)] + ([PGBENCH] if program else [])
        if not is_measured(results, NAME, data=data, query=query.name, contenders=names, rounds=pace.rounds):
            missing.append(query)
    if not missing:
        return
    with stand.running(contenders, data.database) as running:
        for query in missing:
            subjects = reading_subjects(stand, running, data, query, [data.middle])
            say(f"{query.name}: {len(subjects)} answers are equal")
            if program is not None:
                subjects.append(_pgbench(program, stand, data, query))
            alternate(results, NAME, subjects, pace)


def _pgbench(program: Path, stand: Stand, data: DataSet, query: Query) -> Subject:
    text = pgbench.script(caller(data.middle, query.sight), query.folder)
    url = stand.cluster.url("orgraph_api", data.database)

    def run(clients: int, seconds: int) -> Loaded:
        return pgbench.load(program, url, text, clients=clients, seconds=seconds)

    return Subject(PGBENCH, str(data), query.name, run, lambda: None, None, stand.cluster.pid)
