"""The folder of the embedded Postgres: its owner's lock, its passwords, and where data and socket lie.

    home/passwords.json     role -> password, 0600
    home/owner.lock         held by the process that runs the server, holds its pid
    home/postgres/          data/, socket/, postgres.log
    home/elsewhere.json     says where those lie, if they cannot lie in home

Two things send them elsewhere. Postgres refuses to run as root, so root runs it as another user, who may not
reach the home. And a socket's path must fit into 107 bytes. No existing folder's mode is ever changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.embedded.errors import EmbeddedError, HomeInUse, HomeNotWritable

ROLES = ("postgres", "orgraph_migrator", "orgraph_api", "orgraph_worker", "orgraph_backup")
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100
LASTING = Path("/var/lib/orgraph")


@dataclass(frozen=True)
class User:
    """Whom root runs Postgres as."""

    uid: int
    gid: int

    @property
    def spawn(self) -> dict[str, Any]:
        """What `subprocess` needs to start a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Place:
    """Where a home's server lives; `user` is None unless we are root."""

    folder: Path
    socket: Path
    user: User | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def spawn(self) -> dict[str, Any]:
        return self.user.spawn if self.user else {}


@contextmanager
def writing(home: Path) -> Iterator[None]:
    """Turns what the file system refuses into HomeNotWritable."""
    try:
        yield
    except OSError as why:
        raise HomeNotWritable(home, why) from why


def passwords(home: Path) -> dict[str, str]:
    """The password of each role that may log in; made at the first call, then the same for ever."""
    file = home.resolve() / "passwords.json"
    with writing(home):
        known = _read(file)
        missing = [role for role in ROLES if role not in known]
        if missing:
            _make(file.parent)
            _write(file, known | {role: secrets.token_urlsafe(24) for role in missing}, first=not known)
            known = _read(file)  # another process may have been first
    return known


def lock(home: Path, folder: Path) -> int:
    """Owns `folder` until the descriptor is closed or the process ends, however it ends. Raises HomeInUse."""
    with writing(home):
        _make(folder)
        held = os.open(folder / "owner.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(held, 20).decode(errors="replace").strip()
        os.close(held)
        raise HomeInUse(home, int(owner) if owner.isdecimal() else None) from None
    with writing(home):
        os.truncate(held, 0)
        os.write(held, f"{os.getpid()}\n".encode())
    return held


def place(home: Path) -> Place:
    """Where the server of `home` lives; decided and made at the first call, then remembered."""
    home = home.resolve()
    with writing(home):
        _make(home)
        elsewhere = _read(home / "elsewhere.json")
        inside, remembered = home / "postgres", Path(elsewhere.get("folder", "/nonexistent"))
        folder = remembered if remembered.is_dir() else inside
        user = _user(folder / "data")
        if folder == inside and not (inside / "data").exists() and user and not can(user, "-x", home):
            folder = _outside(home, LASTING, user)
        _make(folder)
        socket = folder / "socket"
        if not _fits(socket):
            socket = Path(elsewhere.get("socket", "/nonexistent"))
            if not _private(socket, user):
                socket = _temporary(home)
                _give(socket, user)
        elif not socket.exists():
            socket.mkdir(mode=0o700)
            _give(socket, user)
        lies = {"folder": folder} if folder != inside else {}
        lies |= {"socket": socket} if socket.parent != folder else {}
        wanted = {word: str(path) for word, path in lies.items()}
        if wanted != elsewhere:
            _write(home / "elsewhere.json", wanted)
    return Place(folder, socket, user)


def remove(home: Path) -> None:
    """Deletes the cluster of `home`, wherever it lies; the home itself and other files in it stay.

    Raises HomeInUse while it runs.
    """
    home = home.resolve()
    held = lock(home, home)
    try:
        with writing(home):
            elsewhere = _read(home / "elsewhere.json")
            for folder in (home / "postgres", *map(Path, elsewhere.values())):
                if folder.is_dir():
                    shutil.rmtree(folder)
            for name in ("passwords.json", "elsewhere.json", "owner.lock"):
                (home / name).unlink(missing_ok=True)
    finally:
        os.close(held)


def can(user: User, how: str, path: Path) -> bool:
    """Asks the system itself (`test -x`), as that user: modes, lists and mounts all have a say."""
    try:
        asked = subprocess.run(  # noqa: S603 - a fixed program; the path is an argument
            ["/bin/sh", "-c", 'test "$1" "$2"', "test", how, path], check=False, cwd="/", **user.spawn
        )
    except (OSError, subprocess.SubprocessError) as why:
        raise EmbeddedError(f"Postgres refuses to run as root, and as user {user.uid} nothing runs: {why}") from why
    return asked.returncode == 0


def _user(data: Path) -> User | None:
    """Whoever owns the data if it exists; else `postgres`, else `nobody`. None unless we are root."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return User(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return User(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("Postgres refuses to run as root, and there is no user `postgres` or `nobody` to run it as")


def _outside(home: Path, lasting: Path, user: User) -> Path:
    """A new folder that `user` reaches: as lasting as the home is, so a home in the temporary folder gets one there."""
    if not home.is_relative_to(tempfile.gettempdir()):
        with suppress(OSError):
            _make(lasting)
            folder = Path(tempfile.mkdtemp(prefix=f"{_digest(home)}-", dir=lasting))
            folder.chmod(0o711)  # made a line above, so nothing existing is widened
            if can(user, "-x", folder):
                return folder
            folder.rmdir()
    _sweep(Path(tempfile.gettempdir()))
    folder = _temporary(home)
    folder.chmod(0o711)
    (folder / "home").write_text(str(home))
    return folder


def _sweep(temporary: Path) -> None:
    """Deletes what temporary homes left in the temporary folder when they themselves were deleted: tests, mostly."""
    for folder in temporary.glob("orgraph-*-*"):
        with suppress(OSError, EmbeddedError):
            home = Path((folder / "home").read_text())
            if folder.lstat().st_uid == os.geteuid() and home.is_relative_to(temporary) and not home.exists():
                os.close(lock(home, folder))  # a server may still be at work there
                shutil.rmtree(folder)


def _temporary(home: Path) -> Path:
    """A new 0700 folder with a short path. `mkdtemp` never takes a folder that somebody else has put there."""
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - see above
        if _fits(Path(base) / f"orgraph-{_digest(home)}-12345678" / "socket"):
            return Path(tempfile.mkdtemp(prefix=f"orgraph-{_digest(home)}-", dir=base))
    raise EmbeddedError(f"{tempfile.gettempdir()} is too long a path for a socket: name a shorter one in TMPDIR")


def _fits(socket: Path) -> bool:
    """A comma splits hosts, a quote or blank splits folders: such paths are left to the temporary folder."""
    path = os.fsencode(socket / SOCKET)
    return len(path) <= LONGEST_SOCKET_PATH and re.fullmatch(rb"[A-Za-z0-9_./+-]+", path) is not None


def _private(folder: Path, user: User | None) -> bool:
    """Still ours and still closed: the temporary folder is swept, and open to others."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    owner = user.uid if user else os.geteuid()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not stat.S_IMODE(found.st_mode) & 0o077


def _make(folder: Path) -> None:
    """Makes `folder` if it is missing. Ours alone; for root others may pass through, since Postgres must."""
    with suppress(FileExistsError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700)
        return
    if not folder.is_dir():
        raise NotADirectoryError(20, "is not a folder", str(folder))


def _give(folder: Path, user: User | None) -> None:
    if user:
        os.chown(folder, user.uid, user.gid)


def _digest(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home)).hexdigest()[:12]


def _read(file: Path) -> dict[str, str]:
    try:
        read: dict[str, str] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as why:
        raise EmbeddedError(f"{file} is damaged: restore it, or remove {file.parent} to begin anew") from why
    return read


def _write(file: Path, value: dict[str, str], *, first: bool = False) -> None:
    """Whole or not at all, 0600; `first` leaves a file alone that another process wrote meanwhile."""
    number, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    with os.fdopen(number, "w") as new:
        new.write(json.dumps(value, indent=2) + "\n")
        new.flush()
        os.fsync(number)
    if first:
        with suppress(FileExistsError):
            os.link(name, file)
        Path(name).unlink()
    else:
        Path(name).replace(file)
