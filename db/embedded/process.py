"""The postmaster of a data folder as the system sees it: which process, whose, ready or not, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from db.embedded.errors import PostgresFailed
from db.embedded.home import SOCKET, Place

MEMORY, STATUS = 6, 7  # lines of postmaster.pid, from 0


def clear(where: Place) -> None:
    """Deals with what a killed owner or a killed server left: a server still running, its last processes, its files."""
    pid, memory = postmaster(where.data), _lines(where.data)[MEMORY : MEMORY + 1]
    if pid is not None and is_ours(pid, where.data):
        end(pid, where.data, None)
    # A session of a killed server may still be writing: two servers at once would ruin the data.
    if memory and not _within(60, lambda: not _attached(memory[0].split())):
        raise PostgresFailed("postgres", f"processes of the killed server {pid} still use {where.data}: end them")
    # Postgres trusts the bare number in these files, which may be another process's by now, or a child nobody reaped.
    if sys.platform == "linux":
        (where.data / "postmaster.pid").unlink(missing_ok=True)
        for left in (SOCKET, f"{SOCKET}.lock"):
            (where.socket / left).unlink(missing_ok=True)


def end(pid: int, data: Path, server: subprocess.Popen[bytes] | None) -> None:
    """Fast shutdown; after a minute the immediate one, from which the next start recovers."""

    def gone() -> bool:
        return server.poll() is not None if server else not is_ours(pid, data)

    for how, seconds in ((signal.SIGINT, 60), (signal.SIGQUIT, 30)):
        if gone():
            return
        try:
            with suppress(ProcessLookupError):
                os.kill(pid, how)
        except PermissionError as why:
            raise PostgresFailed("postgres", f"server {pid} runs on {data} as another user: stop it") from why
        if _within(seconds, gone):
            return
    raise PostgresFailed("postgres", f"server {pid} on {data} does not stop")


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def postmaster(data: Path) -> int | None:
    """Who says in postmaster.pid that it runs here; whether it is true, `is_ours` says."""
    first = _lines(data)[:1]
    return int(first[0]) if first and first[0].isdecimal() else None


def is_ready(pid: int, data: Path) -> bool:
    """Whether `pid` has written that it accepts connections."""
    return postmaster(data) == pid and [line.strip() for line in _lines(data)[STATUS:]] == ["ready"]


def is_ours(pid: int, data: Path) -> bool:
    """Whether `pid` is a living postgres on this data folder, and no other process that was given its number.

    Read from the command line, which everybody may see; the working folder takes rights that root lacks in a container.
    """
    if sys.platform == "linux":
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")  # empty for a zombie
        except OSError:
            return False
        return os.path.basename(words[0]) == b"postgres" and os.fsencode(data) in words  # noqa: PTH119 - bytes
    ps = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    told = subprocess.run(ps, capture_output=True, text=True, check=False).stdout  # noqa: S603 - a constant program
    return "postgres" in told and f"-D {data} " in told


def _lines(data: Path) -> list[str]:
    """What postmaster.pid holds: pid, folder, start, port, socket, address, shared memory, status."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _attached(memory: list[str]) -> bool:
    """Whether a process still holds that shared memory (key, number).

    The key is the data folder's inode, so another server's never matches.
    """
    with suppress(OSError):
        for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]:
            key, number, _, _, _, _, holders, *_ = line.split()
            if [key, number] == memory:
                return int(holders) > 0
    return False
