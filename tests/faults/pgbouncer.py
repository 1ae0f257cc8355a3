"""A PgBouncer in transaction mode, of this machine, in front of a Postgres that listens on TCP."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")

SETTINGS = """
[databases]
orgraph = host=127.0.0.1 port={postgres} dbname=orgraph
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
query_wait_timeout = 2
server_tls_sslmode = disable
server_login_retry = 0
"""


@contextlib.contextmanager
def pooled(url: str, *, size: int = 2) -> Iterator[str]:
    """The connection string by way of the pooler, which keeps `size` connections to the Postgres of `url`."""
    assert PROGRAM is not None
    parts = urlsplit(url)
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    try:
        settings = SETTINGS.format(postgres=parts.port, port=port, folder=folder, size=size)
        (folder / "pgbouncer.ini").write_text(settings)
        (folder / "users.txt").write_text(f'"{parts.username}" "{unquote(parts.password or "")}"\n')
        as_root = os.geteuid() == 0  # where it refuses to run
        if as_root:
            nobody = pwd.getpwnam("nobody")
            for path in (folder, *folder.iterdir()):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        running = subprocess.Popen(  # noqa: S603 - the system's own program
            [PROGRAM, "--quiet", folder / "pgbouncer.ini"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user="nobody" if as_root else None,
        )
        try:
            _wait(port, running)
            netloc = f"{parts.username}:{parts.password}@127.0.0.1:{port}"
            yield urlunsplit(parts._replace(netloc=netloc, path="/orgraph", query=""))
        finally:
            running.terminate()
            running.wait(10)
    finally:
        shutil.rmtree(folder)


def _wait(port: int, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and running.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"pgbouncer does not listen on {port}: exit code {running.poll()}")
