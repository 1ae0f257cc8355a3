"""Workers: two processes of orgraph against one, with twice as many clients for both. P11.

Two queries: a page, for which Postgres works as well, on the same two cores; and the schema, for which it hardly does.
"""

from __future__ import annotations

from dataclasses import replace

from bench.alternating import Pace, alternate, is_measured
from bench.contenders import PLANNED
from bench.queries import QUERIES, SCHEMA
from bench.results import Results
from bench.sets import DataSet
from bench.stand import Stand
from bench.subjects import reading_subjects

NAME = "workers"
ASKED = (QUERIES["n20"], SCHEMA)
ONE = replace(PLANNED, name="one worker", answers=PLANNED.answers | {SCHEMA.name}, way=None)
TWO = replace(ONE, name="two workers", words=(*ONE.words, "--workers", "2"))


def run(stand: Stand, data: DataSet, pace: Pace, results: Results) -> None:
    """Raises AnswersDiffer, ContenderError, LoadError."""
    names = [ONE.name, TWO.name]
    missing = [
        query
        for query in ASKED
        if not is_measured(results, NAME, data=data, query=query.name, contenders=names, rounds=pace.rounds)
    ]
    if not missing:
        return
    with stand.running([ONE, TWO], data.database) as running:
        for query in missing:
            subjects = reading_subjects(stand, running, data, query, [data.middle])
            # The system deals connections to the workers as they come: with few, one worker may get most of them.
            alternate(results, NAME, subjects, replace(pace, clients=2 * pace.clients))
