"""Growth: the same page while the data grows twentyfold, and beside one organization of half a million meetings. P7.

One client at a time, so that what is told is how long an answer takes and not how long it waits. Each set is asked in a
hundred organizations in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from bench.alternating import Pace, alternate, is_measured
from bench.contenders import Contender
from bench.queries import QUERIES
from bench.results import Results
from bench.sets import DataSet
from bench.stand import Stand
from bench.subjects import reading_subjects
from db.seed.plan import LARGE, SeededOrganization

NAME = "growth"
ORGANIZATIONS = 100
OF_THE_LARGE, FEW_OF_THE_LARGE, BESIDE_THE_LARGE = "the large one", "few of the large one", "beside the large one"


def run(stand: Stand, sets: Sequence[DataSet], contenders: Sequence[Contender], pace: Pace, results: Results) -> None:
    """A page on each of these sets; where one has a large organization, three kinds of it. Raises as `reads`."""
    names = [one.name for one in contenders]
    asked = [(data, *one) for data in sets for one in asked_of(data)]
    if all(
        is_measured(results, NAME, data=data, query=called, contenders=names, rounds=pace.rounds)
        for data, called, _, _ in asked
    ):
        return
    with ExitStack() as stack:
        running = {data: stack.enter_context(stand.running(contenders, data.database)) for data in sets}
        subjects = [
            subject
            for data, called, query, organizations in asked
            for subject in reading_subjects(stand, running[data], data, QUERIES[query], organizations, called=called)
        ]
        alternate(results, NAME, subjects, pace)


def asked_of(data: DataSet) -> list[tuple[str, str, list[SeededOrganization]]]:
    """What the measurement is called, the query, and where it is asked."""
    ordinary = [number for number in data.plan.numbers if number != LARGE]
    step = max(1, len(ordinary) // ORGANIZATIONS)
    spread = [data.plan.organization(number) for number in ordinary[::step][:ORGANIZATIONS]]
    if not data.large:
        return [("n20", "n20", spread)]
    large = data.plan.organization(LARGE)
    return [
        (OF_THE_LARGE, "n20", [large]),
        (FEW_OF_THE_LARGE, "n20_member", [large]),
        (BESIDE_THE_LARGE, "n20", spread),
    ]
