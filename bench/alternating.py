"""Measuring side by side: rounds in which every contender has its turn, and nobody always the same place in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.cpu import cpu_s
from bench.load import Loaded
from bench.progress import say
from bench.results import Measurement, Results


@dataclass(frozen=True)
class Pace:
    """How many rounds, how many seconds a turn and its warming up take, how many clients ask at once."""

    rounds: int = 5
    seconds: int = 6
    warm_up_s: int = 3
    clients: int = 8


@dataclass(frozen=True)
class Subject:
    """What is measured: a contender that answers one query on one data set.

    `run` loads it with so many clients for so many seconds; `check` raises when it does not answer as it should. Of the
    processor's time, that of `server` and `postgres` is told: the first of their processes, None where there is none.
    """

    contender: str
    data: str
    query: str
    run: Callable[[int, int], Loaded]
    check: Callable[[], None]
    server: int | None
    postgres: int


def is_measured(
    results: Results, experiment: str, *, data: object, query: str, contenders: Sequence[str], rounds: int
) -> bool:
    """Whether an earlier run left nothing to do."""
    numbers = range(1, rounds + 1)
    return all(results.has((experiment, str(data), query, name, number)) for name in contenders for number in numbers)


def alternate(results: Results, experiment: str, subjects: Sequence[Subject], pace: Pace) -> None:
    """Warm everyone up, then measure what is missing."""
    for subject in subjects:
        subject.run(pace.clients, pace.warm_up_s)
    for number in range(1, pace.rounds + 1):
        at = number % len(subjects)
        for subject in (*subjects[at:], *subjects[:at]):
            if results.has((experiment, subject.data, subject.query, subject.contender, number)):
                continue
            before = _cpu_s(subject)
            loaded = subject.run(pace.clients, pace.seconds)
            server, postgres = (now - then for now, then in zip(_cpu_s(subject), before, strict=True))
            subject.check()
            results.add(
                Measurement(
                    experiment=experiment,
                    data=subject.data,
                    query=subject.query,
                    contender=subject.contender,
                    round=number,
                    clients=pace.clients,
                    requests=loaded.requests,
                    seconds=loaded.seconds,
                    p50_ms=loaded.p50_ms,
                    p90_ms=loaded.p90_ms,
                    p99_ms=loaded.p99_ms,
                    server_cpu_s=server if subject.server else None,
                    postgres_cpu_s=postgres,
                )
            )
            said = f"{subject.contender:<14} {subject.query:<16} {subject.data:<12} {loaded.rate:>8,.0f}/s"
            say(f"{experiment} {number}/{pace.rounds}  {said}")


def _cpu_s(subject: Subject) -> tuple[float, float]:
    return (cpu_s(subject.server) if subject.server else 0.0, cpu_s(subject.postgres))
