"""What is measured of a reading contender: its requests, and the answer it must give before, between and after."""

from __future__ import annotations

from collections.abc import Sequence

from bench.alternating import Subject
from bench.answers import answer, demand_equal
from bench.load import Loaded, load
from bench.processes import Process
from bench.queries import Query
from bench.requests import Request, reading
from bench.sets import DataSet
from bench.stand import Stand
from db.seed.plan import SeededOrganization

ASKED_FIRST = 5  # of the requests of a measurement, when answers are compared


def reading_subjects(
    stand: Stand,
    running: Sequence[Process],
    data: DataSet,
    query: Query,
    organizations: Sequence[SeededOrganization],
    *,
    called: str | None = None,
) -> list[Subject]:
    """Everyone who runs and knows the query, once their answers are equal. Raises AnswersDiffer.

    `called` is what the measurements call the query, if not by its name.
    """
    name = called or query.name
    asked = {
        process: reading(query, process.contender.dialect, stand.tokens, organizations)
        for process in running
        if process.contender.knows(query)
    }
    for at in range(0, len(organizations), max(1, len(organizations) // ASKED_FIRST)):
        given = [(process.name, answer(process, requests[at])) for process, requests in asked.items()]
        demand_equal(given, f"{name} in {organizations[at].workos_org_id}")
    return [_subject(process, requests, str(data), name, stand.cluster.pid) for process, requests in asked.items()]


def _subject(process: Process, requests: Sequence[Request], data: str, query: str, postgres: int) -> Subject:
    expected = answer(process, requests[0])

    def run(clients: int, seconds: int) -> Loaded:
        process.demand_alive()
        return load(process.url, requests, clients=clients, seconds=seconds)

    def check() -> None:
        demand_equal([("before", expected), ("after", answer(process, requests[0]))], f"{process.name}, {query}")

    return Subject(process.name, data, query, run, check, process.pid, postgres)
