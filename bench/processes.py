"""Contenders as processes: started on a port of their own, watched, and ended with all their children."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.contenders import Contender

PATIENCE_S = 60
GRACE_S = 15
LAST_LINES = 12


class ContenderError(Exception):
    """A contender did not start, or has ended."""


@dataclass(frozen=True, eq=False)
class Process:
    """A contender that runs: where it answers, its own process, and what it says."""

    contender: Contender
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def name(self) -> str:
        return self.contender.name

    @property
    def pid(self) -> int:
        return self.process.pid

    def demand_alive(self) -> None:
        """Raises ContenderError with its last words."""
        if self.process.poll() is None:
            return
        said = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        raise ContenderError("\n".join([f"{self.name} has ended ({self.process.returncode}). Its last words:", *said]))


@contextmanager
def started(contender: Contender, environ: Mapping[str, str], logs: Path) -> Iterator[Process]:
    """Its process, with its PORT in the environment, from when it takes connections until the block ends."""
    port = _free_port()
    log = logs / f"{contender.name.replace(' ', '-')}.log"
    with log.open("wb") as told:
        process = subprocess.Popen(  # noqa: S603 - our own programs
            [word.replace("{port}", str(port)) for word in contender.words],
            env={**environ, **contender.environ, "PORT": str(port), "ORGRAPH_URL": f"http://127.0.0.1:{port}"},
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            start_new_session=True,  # a Ctrl-C is for us: we end them, in order
        )
    running = Process(contender, f"http://127.0.0.1:{port}/graphql", process, log)
    try:
        _listening(running, port)
        yield running
    finally:
        end(process)


def end(process: subprocess.Popen[Any]) -> None:
    """Ask it to stop, then make it and its children."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_S)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _listening(running: Process, port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        running.demand_alive()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if time.monotonic() > until:
            raise ContenderError(f"{running.name} takes no connections after {PATIENCE_S} s: see {running.log}")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
