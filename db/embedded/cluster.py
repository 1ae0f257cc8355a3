"""A Postgres of our own for development and tests: initdb, start, stop, and what a crash leaves behind.

It listens on a socket only, in a folder that nobody else may enter; nothing here opens a TCP port.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from db.embedded.binaries import copied, major, wheel
from db.embedded.errors import EmbeddedError, HomeInUse, PostgresFailed
from db.embedded.home import Place, can, lock, passwords, place, writing
from db.embedded.process import clear, end, is_ours, is_ready, postmaster

DATABASE = "orgraph"
LARGEST_LOG_BYTES = 10_000_000
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # no PG* variable of the caller reaches the server

# Statements and their values may hold health data: neither is written to the log.
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # only names the socket
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_statement": "none",
    "log_min_messages": "log",  # what the server does, not the errors of sessions: those quote values
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# Waits until our end of its input closes, which the system does however we die, and stops the server.
# A server chdirs into its data folder, so a number that was given to another process meanwhile is spared.
WATCH = 'read -r _; [ "$(readlink "/proc/$1/cwd")" = "$2" ] && kill -INT "$1"'


@dataclass(frozen=True)
class Cluster:
    """A running server. `home` is absolute, `pid` the postmaster's."""

    home: Path
    data: Path
    socket: Path
    pid: int

    def url(self, role: str = "postgres", database: str = DATABASE) -> str:
        return _url(self.home, self.socket, role, database)


@dataclass(frozen=True)
class _Owned:
    server: subprocess.Popen[bytes]
    watch: subprocess.Popen[bytes]
    locks: list[int]


_owned: dict[Path, _Owned] = {}


def url(home: Path, role: str, database: str = DATABASE) -> str:
    """How `role` reaches the server of `home`, whether or not it runs now."""
    return _url(home, place(home).socket, role, database)


def start(home: Path, *, durable: bool = True) -> Cluster:
    """Starts the server of `home` and waits until it accepts connections; makes it at the first time.

    There is no limit to the wait: recovery takes what it takes. A server that dies meanwhile is noticed.
    `durable=False` is for tests: a crash of the machine may lose everything. Blocking. Raises EmbeddedError.
    """
    home = home.resolve()
    if (mine := _owned.get(home)) is not None:
        if mine.server.poll() is None:
            raise HomeInUse(home, os.getpid())
        _release(home)  # it was killed under us
    programs = wheel()
    locks = [lock(home, home)]
    try:
        where = place(home)
        if not where.folder.is_relative_to(home):
            locks.append(lock(home, where.folder))  # a copied home names the same folder
        if where.user and not can(where.user, "-x", programs / "postgres"):
            with writing(home):
                programs = copied(programs, where.folder)
        _initialise(home, where, programs, durable=durable)
        clear(where)
        owned = _launch(where, programs, locks, durable=durable)
    except BaseException:
        for held in locks:
            os.close(held)
        raise
    _owned[home] = owned
    return Cluster(home, where.data, where.socket, owned.server.pid)


def stop(cluster: Cluster) -> None:
    """Ends its sessions, writes everything down and waits for the end. Nothing to do for a server that is gone."""
    mine = _owned.get(cluster.home)
    if mine is not None and mine.server.pid != cluster.pid:
        mine = None  # a later server of the same home
    try:
        end(cluster.pid, cluster.data, mine.server if mine else None)
    finally:
        if mine is not None:
            _release(cluster.home)


def running(home: Path) -> Cluster | None:
    """The server that runs on `home` now, whichever process owns it."""
    home = home.resolve()
    if not (home / "passwords.json").exists():  # never started; asking makes no folder
        return None
    where = place(home)
    with writing(home):
        pid = postmaster(where.data)
    if pid is None or not is_ready(pid, where.data) or not is_ours(pid, where.data):
        return None
    return Cluster(home, where.data, where.socket, pid)


@contextmanager
def running_cluster(home: Path, *, durable: bool = True) -> Iterator[Cluster]:
    """A server for the length of a block."""
    cluster = start(home, durable=durable)
    try:
        yield cluster
    finally:
        stop(cluster)


@contextmanager
def available(home: Path) -> Iterator[Cluster]:
    """The server that runs on `home` already (beside `orgraph dev`), else one for the length of the block."""
    if (already := running(home)) is not None:
        yield already
    else:
        with running_cluster(home) as cluster:
            yield cluster


def _url(home: Path, socket: Path, role: str, database: str) -> str:
    password = quote(passwords(home)[role], safe="")
    return f"postgresql://{role}:{password}@/{quote(database, safe='')}?host={quote(str(socket))}&port=5432"


def _initialise(home: Path, where: Place, programs: Path, *, durable: bool) -> None:
    """Makes the data folder under another name first, so that a half-made one is never taken for a whole."""
    if where.data.exists():
        with writing(home):
            made = (where.data / "PG_VERSION").read_text().strip()
            known = (home / "passwords.json").exists()
        if made != str(have := major(programs / "postgres")):
            raise EmbeddedError(
                f"{where.data} was made by PostgreSQL {made}, this is {have}: back it up with the old version "
                "(orgraph db backup), then remove it"
            )
        if not known:
            raise EmbeddedError(
                f"{home}/passwords.json is gone, nothing opens {where.data}: restore it, or remove both to begin anew"
            )
        return
    password = where.folder / "password.new"
    with writing(home):
        for left in where.folder.glob("data.new-*"):
            shutil.rmtree(left, ignore_errors=True)
        # A name of its own: an initdb whose starter was killed may still be at work in the last one.
        unfinished = Path(tempfile.mkdtemp(prefix="data.new-", dir=where.folder))
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(passwords(home)["postgres"] + "\n")
        if where.user:
            os.chown(unfinished, where.user.uid, where.user.gid)
            os.chown(password, where.user.uid, where.user.gid)
    try:
        said = subprocess.run(  # noqa: S603 - a program of the wheel
            [
                programs / "initdb",
                *("--pgdata", unfinished, "--username=postgres", f"--pwfile={password}", "--auth=scram-sha-256"),
                *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *("--data-checksums", "--no-instructions", *([] if durable else ["--no-sync"])),
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd=unfinished,
            env=ENVIRONMENT,
            start_new_session=True,
            **where.spawn,
        )
        if said.returncode != 0:
            raise PostgresFailed("initdb", _complaint(said.stderr))
        with writing(home):
            unfinished.rename(where.data)
    finally:
        password.unlink()
        shutil.rmtree(unfinished, ignore_errors=True)


def _launch(where: Place, programs: Path, locks: list[int], *, durable: bool) -> _Owned:
    settings = {**SETTINGS, "unix_socket_directories": str(where.socket), **({} if durable else FORGETFUL)}
    with writing(where.folder):
        if where.log.exists() and where.log.stat().st_size > LARGEST_LOG_BYTES:
            where.log.replace(where.log.with_suffix(".log.old"))
        log = os.open(where.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    before = os.fstat(log).st_size
    try:
        server = subprocess.Popen(  # noqa: S603 - a program of the wheel
            [programs / "postgres", "-D", where.data, *(f"--{name}={value}" for name, value in settings.items())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=where.data,
            env=ENVIRONMENT,
            start_new_session=True,  # Ctrl-C in our terminal is ours: the server ends last
            **where.spawn,
        )
    finally:
        os.close(log)
    try:
        while not is_ready(server.pid, where.data):
            if server.poll() is not None:
                raise PostgresFailed("postgres", _complaint(_since(before, where.log)), where.log)
            time.sleep(0.02)
        return _Owned(server, _watch(where, server.pid), locks)
    except BaseException:
        end(server.pid, where.data, server)
        raise


def _watch(where: Place, pid: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - a constant script
        ["/bin/sh", "-c", WATCH, "orgraph-watch", str(pid), os.path.realpath(where.data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": os.defpath},
        start_new_session=True,
        **where.spawn,
    )


def _release(home: Path) -> None:
    mine = _owned.pop(home)
    mine.watch.kill()
    mine.watch.wait()
    if mine.watch.stdin:
        mine.watch.stdin.close()
    for held in mine.locks:
        os.close(held)


def _since(offset: int, log: Path) -> str:
    with log.open(errors="replace") as told:
        told.seek(offset)
        return told.read()


def _complaint(text: str) -> str:
    """The last line that says why."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next(
        (line for line in reversed(lines) if "FATAL" in line or "PANIC" in line or "error:" in line),
        lines[-1] if lines else "",
    )
