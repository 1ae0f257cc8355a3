"""By hand: what row security costs, against the same statement and frame with the policies' filters written out. P8."""

from __future__ import annotations

from bench.alternating import Pace, alternate, is_measured
from bench.contenders import RAW, Contender
from bench.databases import bypass
from bench.progress import say
from bench.queries import QUERIES, Sight
from bench.results import Results
from bench.sets import DataSet
from bench.stand import Stand
from bench.subjects import reading_subjects

NAME = "by hand"
QUERY_OF: dict[Sight, str] = {"manager": "n20", "member": "n20_member"}


def contender(sight: Sight) -> Contender:
    """`raw` as a role above row security, with the filters that the policies hold for such a caller."""
    environ = {"BENCH_BY_HAND": sight}
    return Contender("raw by hand", "no row security", RAW.words, frozenset({QUERY_OF[sight]}), environ=environ)


def run(stand: Stand, data: DataSet, pace: Pace, results: Results) -> None:
    """Raises AnswersDiffer, ContenderError, LoadError."""
    for sight, name in QUERY_OF.items():
        query = QUERIES[name]
        hand = contender(sight)
        names = [RAW.name, hand.name]
        if is_measured(results, NAME, data=data, query=name, contenders=names, rounds=pace.rounds):
            continue
        with bypass(stand.cluster, data.database), stand.running([RAW, hand], data.database) as running:
            subjects = reading_subjects(stand, running, data, query, [data.middle])
            say(f"{name}: by policy and by hand are equal")
            alternate(results, NAME, subjects, pace)
