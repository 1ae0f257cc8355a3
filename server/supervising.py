"""The process over the workers: uvicorn's own supervisor, on one socket that they all inherit.

SIGHUP replaces the workers one by one, each new one before its old one ends. SIGTERM ends all of them in order.
Docs: docs/operating.md.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import MutableMapping, Sequence

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from server import serving
from server.admin import answering

START_S = 30  # what a worker may take until it serves
ALIVE_S = 5  # what it may take to say that it lives
_FIRST_DESCRIPTOR = 3  # where sd_listen_fds(3) begins


class Supervisor(Multiprocess):
    """uvicorn's, except that being told to stop is heard in the middle of a restart as well."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: self.should_exit.set())

    def restart_all(self) -> None:
        """Each new worker has the time that a start takes, which is more than a sign of life may."""
        self.config.timeout_worker_healthcheck = START_S
        try:
            super().restart_all()
        finally:
            self.config.timeout_worker_healthcheck = ALIVE_S

    @property
    def failed(self) -> bool:
        """A worker could not start, and why is in the log."""
        return any(process.exitcode == STARTUP_FAILURE for process in self.processes)


def run(*, host: str, port: int, workers: int, admin: tuple[str, int] | None = None) -> int:
    """Serve until told to stop; the exit code. What is listened on is systemd's where it gave sockets.

    `admin` is where /metrics is answered. Raises AdminError when that address is not to be had.
    """
    config = uvicorn.Config(
        serving.APP, host=host, port=port, workers=workers, timeout_worker_healthcheck=ALIVE_S, **serving.OPTIONS
    )
    sockets = inherited(os.environ) or [config.bind_socket()]
    supervisor = Supervisor(config, list(sockets))
    with answering(*admin) if admin else contextlib.nullcontext():
        supervisor.run()
    return 1 if supervisor.failed else 0


def inherited(environ: MutableMapping[str, str]) -> Sequence[socket.socket]:
    """The sockets that were opened for this very process (LISTEN_FDS); no worker sees the variables."""
    mine = environ.pop("LISTEN_PID", "") == str(os.getpid())
    count = environ.pop("LISTEN_FDS", "0")
    environ.pop("LISTEN_FDNAMES", None)
    if not mine or not count.isdecimal():
        return []
    return [socket.socket(fileno=_FIRST_DESCRIPTOR + number) for number in range(int(count))]
