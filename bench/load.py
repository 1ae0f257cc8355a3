"""The load: wrk, one thread, so many clients that each wait for their answer before they ask again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson

from bench.requests import Request

SCRIPT = Path(__file__).with_name("load.lua")
MISSING = "wrk is not installed: the load comes from it. On Debian: apt-get install wrk"


class LoadError(Exception):
    """The load could not be made, or not all of it was answered."""


@dataclass(frozen=True)
class Loaded:
    """What came of it; `sent` counts what nobody waited for as well. Latencies are None where nothing tells them."""

    requests: int
    seconds: float
    bytes: int
    errors: int
    p50_ms: float | None
    p90_ms: float | None
    p99_ms: float | None
    sent: int

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.requests / self.seconds


def demand_wrk() -> None:
    """Raises LoadError where there is none."""
    if shutil.which("wrk") is None:
        raise LoadError(MISSING)


def load(
    url: str, requests: Sequence[Request], *, clients: int, seconds: int, first: datetime | None = None, before: int = 0
) -> Loaded:
    """Send these requests in turn for so many seconds.

    Bookings are from `first` on; `before` of them were sent before. Raises LoadError.
    """
    with NamedTemporaryFile("w", prefix="bench-", suffix=".tsv") as file:
        file.writelines(f"{request.line()}\n" for request in requests)
        file.flush()
        at = str(int(first.timestamp()) if first else 0)
        options = ["-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", str(SCRIPT)]
        words = ["wrk", *options, url, "--", file.name, at, str(before)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - nothing of it comes from outside
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        raise LoadError(f"wrk failed: {(done.stderr or done.stdout).strip() or 'it said nothing'}")
    loaded = Loaded(**orjson.loads(lines[-1]))
    if loaded.errors or not loaded.requests:
        raise LoadError(f"{loaded.errors} of {loaded.requests + loaded.errors} requests were not answered well")
    return loaded
