"""Backup and restore: pg_dump into one file, pg_restore out of it, whole or not at all.

A dump is taken as `orgraph_backup`, since under forced row security pg_dump refuses anyone whose
policies would hide rows. It holds no roles: `orgraph db bootstrap` makes those, with new passwords.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg

from db.bootstrap import BootstrapError, connected, owners_rights
from db.bootstrap.roles import DEFINER
from db.embedded.binaries import OLDEST, ProgramMissing, client
from db.urls import Target, UrlError, libpq

Say = Callable[[str], None]

PROGRESS = re.compile(r"(?:dumping contents of|processing data for) table \"?(?P<table>[^\"]+)\"?")
# A line of the archive's table of contents: number; two ids; what; schema or -; name; owner.
MADE_BY_BOOTSTRAP = re.compile(
    r"\d+; \d+ \d+ (?P<comment>COMMENT - )?(?P<kind>SCHEMA -|EXTENSION -|EXTENSION) (?P<name>\S+)"
)
LONGEST_LINE = 2**24  # an error quotes the row it concerns, however long


class BackupError(Exception):
    """Nothing was written, or nothing was restored; the message is one line."""


def backup(url: str, file: Path, say: Say = lambda _: None) -> None:
    """Writes the database behind `url` (as orgraph_backup) to `file`, 0600. `say` hears of each table.

    The file appears when it is complete and can be read back; until then it is `file.partial`.
    Raises BackupError.
    """
    partial = file.with_name(f"{file.name}.partial")
    try:
        target = libpq(url, os.environ)
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        asyncio.run(_backup(target, partial, say))
        partial.replace(file)
        _written_down(file.parent)
    except (UrlError, ProgramMissing) as why:
        raise BackupError(str(why)) from why
    except OSError as why:
        raise BackupError(f"cannot write {file}: {why.strerror}") from why
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def restore(admin_url: str, file: Path, say: Say = lambda _: None) -> None:
    """Fills the bootstrapped, still empty database behind `admin_url` from `file`, in one transaction.

    The admin is a superuser, or whoever ran the bootstrap. Raises BackupError, and then nothing has changed.
    """
    if not file.is_file():
        raise BackupError(f"there is no file {file}")
    try:
        asyncio.run(_restore(admin_url, file, say))
    except (UrlError, ProgramMissing, BootstrapError) as why:
        raise BackupError(str(why)) from why


async def _backup(target: Target, file: Path, say: Say) -> None:
    dump = client("pg_dump", tls=target.tls, at_least=OLDEST)
    await _run(dump, ["--format=custom", "--verbose", "--no-password", f"--file={file}"], target, say)
    await _contents(file)


async def _restore(admin_url: str, file: Path, say: Say) -> None:
    contents = await _contents(file)
    target = libpq(admin_url, os.environ)
    program = client("pg_restore", tls=target.tls, at_least=OLDEST)
    plain = re.sub(r"^(postgres(ql)?)\+\w+:", r"\1:", admin_url)
    # An admin who is no superuser may not even connect until he has, for this long, the owner's rights.
    async with (
        connected(plain, "postgres") as outside,
        owners_rights(outside, dry_run=False),
        connected(plain) as admin,
    ):
        tables, owner, there = await admin.fetchrow(
            """
            select (select count(*) from pg_catalog.pg_class c
                    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                    where n.nspname in ('app', 'entrance', 'migration') and c.relkind in ('r', 'p')),
                   pg_catalog.to_regrole('orgraph_owner') is not null
                       and pg_catalog.to_regnamespace('app') is not null,
                   array(select 'SCHEMA ' || nspname from pg_catalog.pg_namespace)
                       || array(select 'EXTENSION ' || extname from pg_catalog.pg_extension)
            """
        ) or (0, False, [])
        if not owner:
            raise BackupError("the database is not prepared: run `orgraph db bootstrap` on it first, without migrating")
        if tables:
            raise BackupError(
                f"the database holds {tables} tables already: restore into one that was only bootstrapped"
            )
        with tempfile.NamedTemporaryFile("w", prefix="orgraph-restore-", suffix=".list") as wanted:
            wanted.write("".join(f"{line}\n" for line in contents if not _there(line, there)))
            wanted.flush()
            arguments = ["--single-transaction", "--verbose", "--no-password", f"--use-list={wanted.name}"]
            # The name alone makes pg_restore connect; the rest is in the environment.
            name = f"--dbname={target.environ['PGDATABASE']}"
            async with _definer_may_own(admin):
                await _run(program, [*arguments, name, str(file)], target, say)
        await admin.execute("analyze")  # a dump holds no statistics, and the first queries need them


@asynccontextmanager
async def _definer_may_own(admin: asyncpg.Connection[Any]) -> AsyncIterator[None]:
    """A function can be given only to a role that may create it there, unless by a superuser; the definer may not."""
    superuser = await admin.fetchval("select rolsuper from pg_catalog.pg_roles where rolname = current_user")
    if superuser:
        yield
        return
    await admin.execute(f"grant create on schema app, entrance to {DEFINER}")
    try:
        yield
    finally:
        await admin.execute(f"revoke create on schema app, entrance from {DEFINER}")


async def _contents(file: Path) -> list[str]:
    """The archive's table of contents; proves that it can be read. Raises BackupError."""
    nowhere = Target(dict(os.environ), tls=False)
    try:
        listed = await _run(client("pg_restore", at_least=OLDEST), ["--list", str(file)], nowhere, lambda _: None)
    except BackupError as why:
        raise BackupError(f"{file} cannot be read as a backup: {why}") from why
    return listed.splitlines()


def _there(line: str, there: list[str]) -> bool:
    """Whether the bootstrap has made this already. An extension's comment is its owner's to write, and came with it."""
    entry = MADE_BY_BOOTSTRAP.match(line)
    if entry is None:
        return False
    kind = entry["kind"].removesuffix(" -")
    return f"{kind} {entry['name']}" in there and not (entry["comment"] and kind == "SCHEMA")


async def _run(program: Path, arguments: list[str], target: Target, say: Say) -> str:
    """Runs one of pg_dump, pg_restore; answers what it printed. If we are interrupted, so is it."""
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        env={**target.environ, "LC_ALL": "C"},  # its words are read below
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 - both are pipes
    try:
        told, complaint = await asyncio.gather(_read(process.stdout), _follow(process.stderr, say))
        if await process.wait() != 0:
            raise BackupError(f"{program.name}: {complaint or 'it gave up without a word'}")
        return told
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _read(stream: asyncio.StreamReader) -> str:
    return (await stream.read()).decode(errors="replace")


async def _follow(stream: asyncio.StreamReader, say: Say) -> str:
    """Passes progress on; answers the first error. What follows an error may quote rows, so it goes nowhere."""
    complaint = ""
    async for line in stream:
        words = line.decode(errors="replace").strip()
        if progress := PROGRESS.search(words):
            say(progress["table"])
        elif "error: " in words and not complaint:
            complaint = words.partition("error: ")[2]
    return complaint


def _written_down(folder: Path) -> None:
    """So that the new name survives a power cut."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
