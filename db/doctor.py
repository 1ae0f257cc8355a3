"""What the database makes of a caller: who they are in it, what their scope is, and what they see of each table."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.check import Finding, check
from db.engine import create_engine
from db.migrate import expected
from db.repeatable import first_line
from db.scope import Claims, NotAMember, Transaction, operation, worker

# Beyond this, counting says nothing more and takes long.
COUNTED = 10_000
LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_timeout")


class DoctorError(Exception):
    """The examination cannot be made; the message says what is missing."""


@dataclass(frozen=True)
class Server:
    """`applied` is what the database says was migrated, `expected` what this code wants; `limits` are the login's."""

    version: str
    database: str
    extension: str | None
    applied: str | None
    expected: str
    max_connections: int
    connection_limit: int
    connections: int
    limits: dict[str, str]


@dataclass(frozen=True)
class Login:
    """The role of the connection, before an operation enters another. `becomes` are those it may enter."""

    name: str
    superuser: bool
    bypasses_row_security: bool
    owns: int
    becomes: tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """What entering made of the claims: nulls for who is nobody."""

    role: str
    user: str | None
    organization: str | None
    membership_role: str | None
    permissions: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """`visible` is None where the role may not select at all; it stops at COUNTED + 1."""

    name: str
    row_security: bool
    forced: bool
    policies: int
    visible: int | None


@dataclass(frozen=True)
class Examination:
    server: Server
    login: Login
    scope: Scope
    tables: tuple[Table, ...]
    findings: tuple[Finding, ...]


async def claims_of(worker_url: str, email: str, slug: str | None) -> Claims:
    """The claims of the person with this address, in the organization with this slug. Raises DoctorError."""
    engine = create_engine(worker_url, size=1)
    try:
        async with worker(engine, "orgraph doctor") as transaction:
            user = await transaction.scalar(
                text("""
                    select workos_user_id from app.users where email_lower = lower(:email) and deleted_at is null
                """).bindparams(email=email)
            )
            organization = await transaction.scalar(
                text("select workos_org_id from app.organizations where slug = :slug").bindparams(slug=slug)
            )
    finally:
        await engine.dispose()
    if user is None:
        raise DoctorError("--as: nobody has this address; `orgraph doctor` without it looks as a guest")
    if slug is not None and organization is None:
        raise DoctorError(f"--organization {slug}: there is no organization of this name")
    return Claims(user_id=user, workos_org_id=organization)


async def examine(url: str, claims: Claims) -> Examination:
    """Look at the database over the server's own login, in the scope that `claims` open. Raises DoctorError."""
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise DoctorError(f"cannot connect as the server does: {error}") from error
    try:
        server = await server_of(connection)
        login = await login_of(connection)
        findings = await check(connection, login.name)
    finally:
        await connection.close()
    engine = create_engine(url, size=1)
    try:
        scope, tables = await scoped(engine, claims)
    except NotAMember as error:
        raise DoctorError("the person is no active member of the organization: no scope opens") from error
    except (asyncpg.PostgresError, DBAPIError) as error:
        raise DoctorError(f"no scope opens: {first_line(error)}; see `orgraph db check`") from error
    finally:
        await engine.dispose()
    return Examination(server, login, scope, tables, tuple(findings))


async def server_of(connection: asyncpg.Connection[asyncpg.Record]) -> Server:
    row = await connection.fetchrow("""
        select current_setting('server_version') as version, current_database()::text as database,
               (select e.extversion from pg_catalog.pg_extension e where e.extname = 'btree_gist') as extension,
               (select pg_catalog.split_part(obj_description(n.oid, 'pg_namespace'), ' < ', 1)
                from pg_catalog.pg_namespace n where n.nspname = 'migration') as applied,
               current_setting('max_connections')::integer as max_connections, r.rolconnlimit as connection_limit,
               (select count(*) from pg_catalog.pg_stat_activity a where a.usename = session_user) as connections
        from pg_catalog.pg_roles r where r.rolname = session_user
    """)
    assert row is not None  # noqa: S101 - whoever is connected has a role
    limits = {name: await connection.fetchval("select current_setting($1)", name) for name in LIMITS}
    return Server(**row, expected=expected(), limits=limits)


async def login_of(connection: asyncpg.Connection[asyncpg.Record]) -> Login:
    row = await connection.fetchrow("""
        select r.rolname::text as name, r.rolsuper as superuser, r.rolbypassrls as bypasses_row_security,
               (select count(*) from pg_catalog.pg_shdepend d
                where d.refclassid = 'pg_catalog.pg_authid'::regclass
                  and d.refobjid = r.oid and d.deptype = 'o') as owns,
               array(select b.rolname::text from pg_catalog.pg_roles b
                     where b.oid <> r.oid and pg_has_role(r.oid, b.oid, 'SET') order by b.rolname) as becomes
        from pg_catalog.pg_roles r where r.rolname = session_user
    """)
    assert row is not None  # noqa: S101 - whoever is connected has a role
    return Login(**{**row, "becomes": tuple(row["becomes"])})


async def scoped(engine: AsyncEngine, claims: Claims) -> tuple[Scope, tuple[Table, ...]]:
    async with operation(engine, claims) as transaction:
        [row] = await transaction.execute(
            text("""
                select current_user::text as role, app.current_user_id() as user,
                       app.current_org_id()::text as organization, app.current_membership_role() as membership_role,
                       app.current_permissions() as permissions
            """)
        )
        scope = Scope(**{**row._mapping, "permissions": tuple(row.permissions)})  # noqa: SLF001 - its public name
        return scope, await tables_of(transaction)


async def tables_of(transaction: Transaction) -> tuple[Table, ...]:
    rows = await transaction.execute(
        text("""
            select c.relname::text as name, c.relrowsecurity as row_security, c.relforcerowsecurity as forced,
                   (select count(*) from pg_catalog.pg_policy p where p.polrelid = c.oid) as policies,
                   has_any_column_privilege(c.oid, 'select') as readable
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'app' and c.relkind in ('r', 'p') and not c.relispartition
            order by c.relname
        """)
    )
    return tuple(
        [
            Table(
                row.name,
                row.row_security,
                row.forced,
                row.policies,
                await visible(transaction, row.name) if row.readable else None,
            )
            for row in rows
        ]
    )


async def visible(transaction: Transaction, table: str) -> int:
    count: int = await transaction.scalar(
        text(f"select count(*) from (select from app.{table} limit {COUNTED + 1}) seen")
    )
    return count
