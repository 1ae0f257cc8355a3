"""The figures: what was promised, what was measured, and whether it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.experiments import by_hand, growth, memory, reads, start, workers, writes
from bench.results import Results
from bench.sets import DataSet
from bench.summary import ratio, slower


@dataclass(frozen=True)
class Figure:
    """`bound` is the least value that will do, or the most where `at_most`; None stands for what was not measured."""

    name: str
    sentence: str
    bound: float
    at_most: bool
    unit: str
    value: float | None

    @property
    def holds(self) -> bool | None:
        if self.value is None:
            return None
        return self.value <= self.bound if self.at_most else self.value >= self.bound


def figures(results: Results) -> list[Figure]:
    """All of them, in order; P3 is counted by tests."""
    small, large, skew = (DataSet.read(results.asked[name]) for name in ("small", "large", "skew"))
    read, write, hand, gained = (_ratio_at(results, module.NAME) for module in (reads, writes, by_hand, workers))
    begun: dict[str, float] = results.found.get(start.NAME, {})

    def grown(data: DataSet, query: str) -> float | None:
        planned = results.of(growth.NAME, contender="planned", data=str(data), query=query)
        return slower(planned, results.of(growth.NAME, contender="planned", data=str(small), query="n20"))

    made = [
        ("P1", "page, bare plan, against raw", 0.85, False, "", read("bare", "raw", "n20")),
        ("P1", "page, bare plan, against PostGraphile", 1.5, False, "", read("bare", "postgraphile", "n20")),
        ("P2", "page as text, against raw", 0.75, False, "", read("planned", "raw", "n20")),
        ("P2", "page as text, against PostGraphile", 1.3, False, "", read("planned", "postgraphile", "n20")),
        ("P4", "page interpreted, against the tutorial", 3.0, False, "", read("interpreted", "tutorial", "n20")),
        ("P5", "deep, against PostGraphile", 1.5, False, "", read("planned", "postgraphile", "deep")),
        ("P5", "siblings, against PostGraphile", 1.5, False, "", read("planned", "postgraphile", "siblings")),
        ("P6", "booking, against PostGraphile", 1.0, False, "", write("planned", "postgraphile", "write")),
        ("P7", f"page, {large} against {small}, p50", 1.2, True, "", grown(large, "n20")),
        ("P7", f"page of the large one of {skew}, p50", 1.2, True, "", grown(skew, growth.OF_THE_LARGE)),
        ("P7", "the same as a member of few, p50", 1.2, True, "", grown(skew, growth.FEW_OF_THE_LARGE)),
        ("P7", "page beside the large one, p50", 1.2, True, "", grown(skew, growth.BESIDE_THE_LARGE)),
        ("P8", "row security against filters by hand, a manager", 1.1, True, "", hand("raw by hand", "raw", "n20")),
        ("P8", "the same, a member", 1.1, True, "", hand("raw by hand", "raw", "n20_member")),
        ("P9", "a worker's memory at the end", 150, True, " MB", _memory(results, lambda _, last: last)),
        ("P9", "its growth after the first tenth", 5, True, " MB", _memory(results, lambda tenth, last: last - tenth)),
        ("P10", "`orgraph dev` to the first answer", 10, True, " s", begun.get("dev_s")),
        ("P10", "import of the app", 1.5, True, " s", begun.get("import_s")),
        ("P11", "two workers against one, the schema", 1.5, False, "", gained("two workers", "one worker", "schema")),
        ("P11", "two workers against one, a page", 1.5, False, "", gained("two workers", "one worker", "n20")),
    ]
    return [Figure(*one) for one in made]


def _ratio_at(results: Results, experiment: str) -> Callable[[str, str, str], float | None]:
    def at(one: str, other: str, query: str) -> float | None:
        return ratio(
            results.of(experiment, contender=one, query=query), results.of(experiment, contender=other, query=query)
        )

    return at


def _memory(results: Results, of: Callable[[float, float], float]) -> float | None:
    series = results.found.get(memory.NAME)
    if not series:
        return None
    last = series[-1]
    tenth = next(megabytes for answered, megabytes in series if answered * 10 >= last[0])
    return round(of(tenth, last[1]), 1)
