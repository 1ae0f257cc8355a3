"""The files that say what is true now, applied whole when they change: sql/functions and sql/policies.

A function file runs as the owner. It says `set role orgraph_definer;` before what the definer shall
own, grants of those functions included, and ends such a part with `set role orgraph_owner;` (`reset
role` would go back to whoever logged in). A policy file is named like its table.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from db.bootstrap.roles import DEFINER, OWNER

FOLDER = Path(__file__).parent.parent / "sql"
DECLARATION = re.compile(r"^create or replace function ((?:app|entrance)\.\w+)\s*\(", re.MULTILINE)
WRONG_RETURN_TYPE = "42P13"


class MigrationError(Exception):
    """Nothing was changed; the message names the file and what to do."""


@dataclass(frozen=True)
class RepeatableFile:
    """`name` is the path below sql/, such as `policies/meetings.sql`."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def noun(self) -> str:
        return self.name.split("/")[1].removesuffix(".sql")

    @property
    def functions(self) -> list[str]:
        return DECLARATION.findall(self.text)


def files(kind: str) -> list[RepeatableFile]:
    """All of `functions` or `policies`, in the order of their names."""
    return [
        RepeatableFile(f"{kind}/{path.name}", path.read_text(encoding="utf-8"))
        for path in sorted((FOLDER / kind).glob("*.sql"))
    ]


async def checksums(connection: asyncpg.Connection[asyncpg.Record]) -> dict[str, str]:
    """What was applied to this database, by file name; empty before the first migration."""
    if not await connection.fetchval("select pg_catalog.to_regclass('migration.repeatable_files') is not null"):
        return {}
    rows = await connection.fetch("select name, checksum from migration.repeatable_files")
    return {row["name"]: row["checksum"] for row in rows}


async def remember(connection: asyncpg.Connection[asyncpg.Record], applied: Iterable[RepeatableFile]) -> None:
    await connection.execute("""
        create table if not exists migration.repeatable_files (
            name text primary key, checksum text not null, applied_at timestamptz not null default now())
    """)
    for file in applied:
        await connection.execute(
            """
            insert into migration.repeatable_files (name, checksum) values ($1, $2)
            on conflict (name) do update set checksum = excluded.checksum, applied_at = excluded.applied_at
            """,
            file.name,
            file.checksum,
        )
    names = [file.name for kind in ("functions", "policies") for file in files(kind)]
    await connection.execute("delete from migration.repeatable_files where name <> all ($1)", names)


def first_line(error: BaseException) -> str:
    """What Postgres said, without its details: those may quote rows."""
    return str(error).partition("\n")[0]


async def run(connection: asyncpg.Connection[asyncpg.Record], file: RepeatableFile) -> None:
    """Run a file whole. Raises MigrationError with the file's name and line."""
    try:
        await connection.execute(file.text)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
        raise
    except asyncpg.PostgresError as error:
        position = getattr(error, "position", None)
        line = f":{file.text.count(chr(10), 0, int(position) - 1) + 1}" if position else ""
        hint = ""
        if error.sqlstate == WRONG_RETURN_TYPE:
            hint = ". A function keeps its return type and argument names: put `drop function if exists …;` before it"
        raise MigrationError(f"sql/{file.name}{line}: {first_line(error)}{hint}") from error
    if not connection.is_in_transaction():
        raise MigrationError(f"sql/{file.name}: it ends the migration's transaction; take its commit or rollback out")
    await connection.execute(f"set role {OWNER}")


async def apply_functions(
    connection: asyncpg.Connection[asyncpg.Record], changed: list[RepeatableFile], *, check_bodies: bool
) -> list[str]:
    """Run the changed files; answer the functions that they declared before and declare no more.

    Before the tables are there, bodies cannot be checked: the same files run once more afterwards.
    Grants that a file no longer makes are gone: all are taken away before it runs.
    """
    await connection.execute(f"set local check_function_bodies = {'on' if check_bodies else 'off'}")
    await connection.execute(f"grant create on schema app, entrance to {DEFINER}")
    undeclared: list[str] = []
    for file in changed:
        await revoke_function_grants(connection, file.functions)
        before = await versions(connection, file.functions)
        await run(connection, file)
        after = await versions(connection, file.functions)
        # A row of pg_proc that `create or replace` did not write anew is a signature that is declared no more.
        undeclared += [signature for signature, version in before.items() if after.get(signature) == version]
    await connection.execute(f"revoke create on schema app, entrance from {DEFINER}")
    await connection.execute("set local check_function_bodies = on")
    return undeclared


async def revoke_function_grants(connection: asyncpg.Connection[asyncpg.Record], names: list[str]) -> None:
    rows = await connection.fetch(
        """
        select distinct p.oid::pg_catalog.regprocedure::text as signature,
               pg_catalog.pg_get_userbyid(p.proowner) as owner,
               case a.grantee when 0 then 'public' else a.grantee::pg_catalog.regrole::text end as holder
        from pg_catalog.pg_proc p
        join pg_catalog.pg_namespace n on n.oid = p.pronamespace
        cross join pg_catalog.aclexplode(p.proacl) a
        where n.nspname || '.' || p.proname = any ($1) and a.grantee <> p.proowner
        """,
        names,
    )
    for row in rows:
        await connection.execute(
            f"set role {row['owner']}; revoke all on function {row['signature']} from {row['holder']}; set role {OWNER}"
        )


async def versions(connection: asyncpg.Connection[asyncpg.Record], names: list[str]) -> dict[str, str]:
    rows = await connection.fetch(
        """
        select p.oid::pg_catalog.regprocedure::text as signature, p.ctid::text as version
        from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
        where n.nspname || '.' || p.proname = any ($1)
        """,
        names,
    )
    return {row["signature"]: row["version"] for row in rows}


async def functions_present(connection: asyncpg.Connection[asyncpg.Record]) -> dict[str, str]:
    """Every function of our schemas: signature → name."""
    rows = await connection.fetch("""
        select p.oid::pg_catalog.regprocedure::text as signature, n.nspname || '.' || p.proname as name
        from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('app', 'entrance')
    """)
    return {row["signature"]: row["name"] for row in rows}


async def drop_functions(
    connection: asyncpg.Connection[asyncpg.Record], signatures: Iterable[str], report: Callable[[str], None]
) -> None:
    for signature in signatures:
        try:
            await connection.execute(f"drop function {signature}")
        except asyncpg.DependentObjectsStillExistError as error:
            raise MigrationError(f"no file declares {signature} any more, but it is used: {error.detail}") from error
        report(f"dropped {signature}: no file declares it any more")


async def tables(connection: asyncpg.Connection[asyncpg.Record]) -> dict[str, bool]:
    """Every table of app but partitions, and whether its row security is enabled and forced."""
    rows = await connection.fetch("""
        select c.relname, c.relrowsecurity and c.relforcerowsecurity as walled
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'app' and c.relkind in ('r', 'p') and not c.relispartition
    """)
    return {row["relname"]: row["walled"] for row in rows}


async def apply_policies(connection: asyncpg.Connection[asyncpg.Record], file: RepeatableFile) -> None:
    """Take every policy and every grant of the table away, then run its file: nothing stale survives."""
    statements = await connection.fetch(
        """
        select pg_catalog.format('drop policy %I on app.%I', p.polname, c.relname)
        from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
        where c.oid = pg_catalog.format('app.%I', $1::text)::pg_catalog.regclass
        union
        -- Revoking a table's rights takes those of its columns with them.
        select pg_catalog.format('revoke all on app.%I from %s', c.relname,
            case a.grantee when 0 then 'public' else a.grantee::pg_catalog.regrole::text end)
        from pg_catalog.pg_class c
        left join pg_catalog.pg_attribute t on t.attrelid = c.oid and t.attacl is not null
        cross join pg_catalog.aclexplode(c.relacl || t.attacl) a
        where c.oid = pg_catalog.format('app.%I', $1::text)::pg_catalog.regclass and a.grantee <> c.relowner
        """,
        file.noun,
    )
    for row in statements:
        await connection.execute(row[0])
    await run(connection, file)
