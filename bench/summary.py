"""What the measurements say together: medians, spread, and ratios from round to round."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from bench.results import Measurement, Results


@dataclass(frozen=True)
class Summary:
    """One contender at one query: answers per second (median, least, most), latencies, processor time per answer."""

    contender: str
    rate: float
    least: float
    most: float
    p50_ms: float | None
    p99_ms: float | None
    server_ms: float | None
    postgres_ms: float | None
    rounds: int


def summary(measurements: Iterable[Measurement]) -> Summary | None:
    """Of the rounds of one contender; None where there are none."""
    rounds = list(measurements)
    if not rounds:
        return None
    rates = [one.rate for one in rounds]
    return Summary(
        contender=rounds[0].contender,
        rate=median(rates),
        least=min(rates),
        most=max(rates),
        p50_ms=_median(one.p50_ms for one in rounds),
        p99_ms=_median(one.p99_ms for one in rounds),
        server_ms=_median(_per_answer_ms(one.server_cpu_s, one) for one in rounds),
        postgres_ms=_median(_per_answer_ms(one.postgres_cpu_s, one) for one in rounds),
        rounds=len(rounds),
    )


def ratio(one: Iterable[Measurement], other: Iterable[Measurement]) -> float | None:
    """How many times as many answers `one` gives: the median over rounds, each compared with itself.

    What slows a whole round down, on a shared machine, is no part of it.
    """
    others = {measurement.round: measurement.rate for measurement in other}
    ratios = [measurement.rate / others[measurement.round] for measurement in one if measurement.round in others]
    return median(ratios) if ratios else None


def slower(one: Iterable[Measurement], other: Iterable[Measurement]) -> float | None:
    """How many times as long half of `one`'s answers take, the median over rounds."""
    others = {measurement.round: measurement.p50_ms for measurement in other}
    ratios = [
        measurement.p50_ms / compared
        for measurement in one
        if measurement.p50_ms and (compared := others.get(measurement.round))
    ]
    return median(ratios) if ratios else None


def contenders(results: Results, experiment: str, query: str) -> list[str]:
    """Who was measured at this query, in the order of the first round."""
    return list(dict.fromkeys(one.contender for one in results.of(experiment, query=query)))


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _per_answer_ms(cpu_s: float | None, measurement: Measurement) -> float | None:
    return None if cpu_s is None else cpu_s * 1000 / measurement.requests
