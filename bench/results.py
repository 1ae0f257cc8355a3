"""What was measured, in one JSON file that is whole after every measurement: a run can go on where another ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

FORMAT = 1


@dataclass(frozen=True)
class Measurement:
    """One contender under load for some seconds.

    Latencies are in milliseconds, processor time in seconds; None where nothing tells it.
    """

    experiment: str
    data: str
    query: str
    contender: str
    round: int
    clients: int
    requests: int
    seconds: float
    p50_ms: float | None = None
    p90_ms: float | None = None
    p99_ms: float | None = None
    server_cpu_s: float | None = None
    postgres_cpu_s: float | None = None

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.requests / self.seconds

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        return (self.experiment, self.data, self.query, self.contender, self.round)


@dataclass
class Results:
    """Of one run. `asked` is what decides whether another run goes on with it; `found` holds what is no load."""

    asked: Mapping[str, Any]
    about: dict[str, Any] = field(default_factory=dict)
    measurements: list[Measurement] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)
    file: Path | None = None

    @classmethod
    def read(cls, file: Path) -> Results:
        """Raises OSError, ValueError."""
        content = orjson.loads(file.read_bytes())
        if content.get("format") != FORMAT:
            raise ValueError(f"{file} was written by another version of the benchmark")
        measurements = [Measurement(**one) for one in content["measurements"]]
        return cls(content["asked"], content["about"], measurements, content["found"], file)

    def has(self, key: tuple[str, str, str, str, int]) -> bool:
        return any(one.key == key for one in self.measurements)

    def add(self, measurement: Measurement) -> None:
        self.measurements.append(measurement)
        self.save()

    def find(self, name: str, value: Any) -> None:
        self.found[name] = value
        self.save()

    def of(self, experiment: str, **more: Any) -> Iterable[Measurement]:
        """The measurements of an experiment that have these values."""
        for one in self.measurements:
            if one.experiment == experiment and all(getattr(one, name) == value for name, value in more.items()):
                yield one

    def save(self) -> None:
        """Whole or not at all."""
        if self.file is None:
            return
        content = {
            "format": FORMAT,
            "asked": dict(self.asked),
            "about": self.about,
            "found": self.found,
            "measurements": [_rounded(asdict(one)) for one in self.measurements],
        }
        self.file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.file.with_suffix(".new")
        unfinished.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        unfinished.replace(self.file)


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}
