"""Who asks while things break: a person of an organization, over HTTP, with a clock."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.make import unique
from tests.personas import Database, Organization, really
from tests.server.site import Site

READ = "{ meetings(first: 3) { nodes { id } } }"
WRITE = """mutation($input: CreateEventInput!) { createEvent(input: $input) {
    __typename ... on Event { slug } ... on Failure { code } } }"""
# What a client is told for a fault that is not its own. Anything else is a bug of ours.
HONEST = {"DB_UNAVAILABLE", "OVERLOADED", "TIMEOUT", "COMMIT_UNKNOWN"}


@dataclass(frozen=True)
class Told:
    """An answer, and how long it took."""

    status: int
    body: Any
    headers: httpx2.Headers
    seconds: float

    @property
    def code(self) -> str | None:
        """The code of its one error; None for an answer without."""
        errors = self.body.get("errors")
        return errors[0]["extensions"]["code"] if errors else None

    @property
    def is_honest(self) -> bool:
        """The whole answer, or a 503 that says when to come back and nothing else."""
        if self.status == httpx2.codes.OK:
            return "errors" not in self.body and None not in self.body["data"].values()
        return (
            self.status == httpx2.codes.SERVICE_UNAVAILABLE
            and self.code in HONEST
            and "retry-after" in self.headers
            and "data" not in self.body
        )


@dataclass(frozen=True)
class Person:
    """Somebody with a token, who asks again and again."""

    site: Site
    client: httpx2.AsyncClient
    organization: Organization
    database: Database

    async def ask(self, query: str, **variables: Any) -> Told:
        """One operation. The token is new each time: that costs no database."""
        token = self.site.token(self.organization.owner, self.organization.workos_id)
        began = time.monotonic()
        answer = await self.client.post(
            "/graphql", json={"query": query, "variables": variables}, headers={"authorization": f"Bearer {token}"}
        )
        return Told(answer.status_code, answer.json(), answer.headers, time.monotonic() - began)

    async def read(self) -> Told:
        """A query."""
        return await self.ask(READ)

    async def write(self, slug: str | None = None, **more: Any) -> Told:
        """A mutation."""
        values = {"name": "Consultation", "slug": slug or unique(), "durationInMinutes": 30, **more}
        return await self.ask(WRITE, input=values)

    async def stored(self, slug: str) -> int:
        """How many events of this slug there really are."""
        found: int = await really(self.database, "select count(*) from app.events where slug = $1", slug)
        return found

    async def recovered(self, within_s: float = 3.0) -> None:
        """Until a query and a mutation are answered; fails when that takes longer."""
        async with asyncio.timeout(within_s):
            while (await self.read()).status != httpx2.codes.OK:  # noqa: ASYNC110 - the other side is a server
                await asyncio.sleep(0.05)
            while (await self.write()).status != httpx2.codes.OK:  # noqa: ASYNC110 - the other side is a server
                await asyncio.sleep(0.05)
