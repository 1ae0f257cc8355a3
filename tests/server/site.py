"""The app as it runs, served by uvicorn with our own options: a schema of a few plain fields, everything else real."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unittest import mock

import httpx2
import strawberry
import uvicorn
from cryptography.fernet import Fernet
from graphql import GraphQLSchema
from sqlalchemy import text
from starlette.types import ASGIApp

from auth.local import IssuerKey, local_issuer, sign_access_token
from db.directory import PersonEntry
from graph.context import Context
from graph.errors import BadUserInput
from server import settings
from server.app import composed, opened_identity
from server.protocol import JsonHttpProtocol
from server.serving import OPTIONS
from server.tracing import Tracing

CLIENT_ID = "client_orgraph"
CANARY = "canary-7f3a9c"


@strawberry.type
class Query:
    """What answers, what fails, and what takes its time: the transport is tested, not the nouns."""

    @strawberry.field
    def greeting(self, name: str = "you") -> str:
        return f"hello {name}"

    @strawberry.field
    def refused(self) -> str | None:
        raise BadUserInput("This field is never answered.")

    @strawberry.field
    def broken(self) -> str | None:
        raise ValueError(f"a value of somebody: {CANARY}")

    @strawberry.field
    def broken_whole(self) -> str:
        raise ValueError(f"a value of somebody: {CANARY}")

    @strawberry.field
    async def address(self, info: strawberry.Info[Context, None]) -> str | None:
        found: str | None = await info.context.transaction.scalar(text("select current_setting('app.ip')"))
        return found

    @strawberry.field
    def words(self, count: int) -> str:
        return "word " * count

    @strawberry.field
    async def began(self, info: strawberry.Info[Context, None]) -> str:
        """When its transaction began: two that differ are two."""
        return str(await info.context.transaction.scalar(text("select transaction_timestamp()")))

    @strawberry.field
    async def raises(self, info: strawberry.Info[Context, None], sqlstate: str) -> bool:
        assert sqlstate.isalnum()
        words = f"do $$ begin raise exception 'planted' using errcode = '{sqlstate}'; end $$"
        await info.context.transaction.execute(text(words))
        return True

    @strawberry.field
    async def sleep(self, info: strawberry.Info[Context, None], seconds: float) -> bool:
        # The number stands in the statement, so that a test finds its own in pg_stat_activity.
        await info.context.transaction.execute(text(f"select pg_sleep({seconds:f})"))
        return True


@strawberry.type
class Mutation:
    """Never succeeds: nothing here has an audit row to leave."""

    @strawberry.mutation
    def fail(self) -> str | None:
        raise BadUserInput("This mutation is never done.")


SCHEMA = strawberry.Schema(Query, Mutation)._schema


@dataclass(frozen=True)
class Site:
    """Where it is, and the issuer whose tokens it takes."""

    url: str
    issuer: str
    key: IssuerKey

    def token(self, user_id: str, organization_id: str | None = None, *, expires_in: int = 300) -> str:
        person = PersonEntry(user_id, f"{user_id}@example.com", None, None)
        return sign_access_token(
            self.key, issuer=self.issuer, person=person, workos_org_id=organization_id, expires_in=expires_in
        )

    def client(self, **options: Any) -> httpx2.AsyncClient:
        # Plain http: without this, each client reads all certificates of the system first.
        return httpx2.AsyncClient(base_url=self.url, trust_env=False, verify=False, timeout=20, **options)

    def raw(self, request: bytes) -> bytes:
        """What the server answers to these very bytes, until it closes."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(request)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while received := connection.recv(65_536):
                    answer += received
            return answer


def environment(database_url: str, url: str, issuer: str, **more: str) -> dict[str, str]:
    """The variables of a development server."""
    return {
        "ORGRAPH_ENVIRONMENT": "development",
        "ORGRAPH_URL": url,
        "DATABASE_URL": database_url,
        "WORKOS_BASE_URL": issuer,
        "WORKOS_ISSUER": issuer,
        "WORKOS_CLIENT_ID": CLIENT_ID,
        "WORKOS_API_KEY": "sk_test_local",
        "WORKOS_COOKIE_PASSWORD": Fernet.generate_key().decode(),
        **more,
    }


def loaded(environ: Mapping[str, str]) -> settings.Settings:
    with mock.patch.dict(os.environ, environ, clear=True):
        return settings.load()


@contextlib.contextmanager
def served(
    database_url: str,
    schema: GraphQLSchema = SCHEMA,
    *,
    production: bool = False,
    protocol: type[JsonHttpProtocol] = JsonHttpProtocol,
    tracing: Tracing | None = None,
    **variables: str,
) -> Iterator[Site]:
    """The server and its issuer until the block ends; two connections, and a second and a half for an operation.

    In `production` everything is as there, but for the addresses, which are this machine's.
    """
    with socket.create_server(("127.0.0.1", 0)) as ours, socket.create_server(("127.0.0.1", 0)) as issuers:
        site = Site(address(ours), address(issuers), IssuerKey.new())
        environ = environment(database_url, site.url, site.issuer, ORGRAPH_POOL_SIZE="2", ORGRAPH_POOL_WAIT_S="0.3")
        given = loaded({**environ, "ORGRAPH_DEADLINE_S": "1.5", "ORGRAPH_TRUSTED_PROXIES": "127.0.0.1", **variables})

        async def nobody() -> list[PersonEntry]:
            return []

        issuer = local_issuer(base_url=site.issuer, client_id=CLIENT_ID, key=site.key, directory=nobody)
        with contextlib.ExitStack() as patches:
            if production:
                # The issuer of this machine is one that production refuses: it is opened as in development.
                identity = opened_identity(given)
                patches.enter_context(mock.patch("server.app.opened_identity", return_value=identity))
                given = given.model_copy(update={"environment": "production"})
            app = composed(given, schema, tracing)
        with (
            serving(issuer, issuers, lifespan="off"),
            serving(app, ours, **{**OPTIONS, "factory": False, "http": protocol}),
        ):
            yield site


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def serving(app: ASGIApp, listener: socket.socket, **options: Any) -> Iterator[None]:
    """`app` in a thread, on a socket that listens already."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", **{"ws": "none", **options}))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="uvicorn")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
