"""Memory: what a worker holds while it answers a hundred thousand requests. P9 of the figures."""

from __future__ import annotations

from bench.contenders import PLANNED
from bench.cpu import resident_mb
from bench.load import load
from bench.processes import Process
from bench.progress import say
from bench.queries import READS
from bench.requests import reading
from bench.results import Results
from bench.sets import DataSet
from bench.stand import Stand

NAME = "memory"
BURST_S = 3


def run(stand: Stand, data: DataSet, clients: int, requests: int, results: Results) -> None:
    """All reading queries in turn, in many organizations; the series is of [requests answered, megabytes].

    Raises ContenderError, LoadError.
    """
    if len(series := results.found.get(NAME, [])) > 1 and series[-1][0] >= requests:
        return
    organizations = [data.plan.organization(number) for number in data.plan.numbers[:100]]
    asked = [request for query in READS for request in reading(query, PLANNED.dialect, stand.tokens, organizations)]
    with stand.running([PLANNED], data.database) as [process]:
        answered, series = 0, [[0, _megabytes(process)]]
        while answered < requests:
            process.demand_alive()
            answered += load(process.url, asked, clients=clients, seconds=BURST_S).requests
            series.append([answered, _megabytes(process)])
            say(f"memory: {answered:,} of {requests:,} requests, {series[-1][1]} MB")
    results.find(NAME, series)


def _megabytes(process: Process) -> float:
    return round(resident_mb(process.pid), 1)
