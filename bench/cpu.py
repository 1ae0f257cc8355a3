"""How much processor time a process and its children have had: what a figure rests on when the machine is shared."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
OWN_AND_ENDED_CHILDRENS = slice(11, 15)  # utime, stime, cutime, cstime, counted behind the name of /proc/<pid>/stat


def cpu_s(pid: int) -> float:
    """Seconds of a process and of all below it, those that have ended as well."""
    return sum(map(_ticks, family(pid))) / TICKS


def family(pid: int) -> Iterator[int]:
    """A process and all below it that run now."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in children.read_text().split():
                yield from family(int(child))


def resident_mb(pid: int) -> float:
    """Memory of a process and all below it, in megabytes."""
    return sum(map(_resident_kb, family(pid))) / 1024


def _ticks(pid: int) -> int:
    with contextlib.suppress(OSError):
        values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(value) for value in values[OWN_AND_ENDED_CHILDRENS])
    return 0


def _resident_kb(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0
