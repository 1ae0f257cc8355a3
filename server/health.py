"""Whether the process lives, and whether it can serve: /livez asks nobody, /readyz asks the database."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.scope import as_login
from graph.refusals import TRY_AGAIN_S, Refused, refusal

REMEMBERED_S = 2.0
PATIENCE_S = 2.0

# The migration leaves its mark where the login, which may read no table, can read it: in a comment.
MARK = "select pg_catalog.obj_description(oid, 'pg_namespace') from pg_catalog.pg_namespace where nspname = 'migration'"


@dataclass
class Readiness:
    """The last finding, for two seconds: whoever asks often does not become the load.

    `expected` is the mark of the migration that this code was written for. A database that has carried it once and
    then moves ahead is fine: that is how a new version is rolled out.
    """

    engine: AsyncEngine
    expected: str = ""
    matched: bool = False
    _found: Refused | None = None
    _found_at: float = float("-inf")
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def fault(self) -> Refused | None:
        """Why nothing should be sent here now; None when all is well."""
        async with self._asking:
            if time.monotonic() - self._found_at >= REMEMBERED_S:
                self._found = await self._ask()
                self._found_at = time.monotonic()
            return self._found

    async def _ask(self) -> Refused | None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                mark = await migration_mark(self.engine)
        except (OSError, TimeoutError, SQLAlchemyError):
            return _not_ready("DB_UNAVAILABLE", "The database does not answer.")
        self.matched = self.matched or mark == self.expected
        if not self.matched:
            return _not_ready("MIGRATION_PENDING", "The database is not migrated to this version: orgraph db migrate.")
        return None


async def migration_mark(engine: AsyncEngine) -> str | None:
    """What the database says of its migration; None when it never had one."""
    async with as_login(engine) as transaction:
        mark: str | None = await transaction.scalar(text(MARK))
        return mark


def routes(readiness: Readiness) -> list[Route]:
    async def livez(_request: Request) -> Response:
        return Response(b'{"status":"live"}', media_type="application/json")

    async def readyz(request: Request) -> Response:
        if (fault := await readiness.fault()) is not None:
            return refusal(fault, request.state.request_id)
        return Response(b'{"status":"ready"}', media_type="application/json")

    return [Route("/livez", livez, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]


def _not_ready(code: str, sentence: str) -> Refused:
    return Refused(503, code, sentence, headers={"retry-after": str(TRY_AGAIN_S)})
