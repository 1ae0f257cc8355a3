"""What must be true before anything is served: a Postgres new enough, migrated, locked as promised."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.check import CheckError, check
from db.scope import as_login
from server.health import Readiness, migration_mark

log = logging.getLogger("orgraph.startup")

MINIMUM_VERSION = 18


class NotServing(Exception):
    """The server does not start; `reasons` are lines for whoever started it."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))


async def demand_a_safe_database(engine: AsyncEngine, url: str, readiness: Readiness) -> None:
    """Raises NotServing: what the catalog lint finds is a promise broken, and then nothing is served at all."""
    try:
        async with asyncio.timeout(10):
            version = await _version(engine)
            mark = await migration_mark(engine) if version >= MINIMUM_VERSION else None
    except (OSError, TimeoutError, SQLAlchemyError) as error:
        # The kind alone: the driver's text may hold the address and the role.
        cause = getattr(error, "orig", None) or error.__cause__ or error
        raise NotServing([f"the database cannot be reached ({type(cause).__name__}): see DATABASE_URL"]) from None
    if version < MINIMUM_VERSION:
        raise NotServing([f"the database is PostgreSQL {version}: orgraph needs {MINIMUM_VERSION} or newer"])
    if mark is None:
        raise NotServing(["the database has never been migrated: run `orgraph db migrate`"])
    try:
        findings = await check(url)
    except CheckError:
        raise NotServing(["the catalog cannot be read: run `orgraph db check`"]) from None
    if findings:
        lines = [f"{found.rule}: {found.object}. {found.why}" for found in findings]
        raise NotServing([*lines, "not serving: `orgraph db check` says the same, `orgraph db migrate` may mend it"])
    readiness.expected = await asyncio.to_thread(_expected)
    if mark != readiness.expected:
        log.warning("the database is not at the migration of this version: run `orgraph db migrate`")


async def _version(engine: AsyncEngine) -> int:
    async with as_login(engine) as transaction:
        number = await transaction.scalar(text("show server_version_num"))
    return int(number or 0) // 10_000


def _expected() -> str:
    # Late: it brings Alembic, which a process that has started never needs again.
    from db.migrate import expected  # noqa: PLC0415

    return expected()
