"""All that `orgraph dev` runs: Postgres and the local issuer in this process's care, the server as its child."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from db.bootstrap import bootstrap
from db.demo import seed_demo
from db.directory import PersonEntry, people
from db.embedded import passwords, running_cluster
from db.migrate import MigrationError, migrate
from db.urls import is_embedded, url_for
from server.issuing import HOST, issuing
from server.reload import Child, changes

# A server whose parent was killed needs a moment to notice; what holds the port longer is somebody else.
PORT_PATIENCE_S = 2.5
DEMO = "user_demo_"


class DevelopmentError(Exception):
    """`orgraph dev` cannot run; the message is one line."""


@dataclass(frozen=True)
class Told:
    """Where it is said how things go: `progress` to the side, `ready` what somebody waits for."""

    progress: Callable[[str], None]
    ready: Callable[[str], None]


@dataclass(frozen=True)
class Database:
    """Connection strings; `admin` is the embedded Postgres's superuser, and None for one of the user's own."""

    api: str
    migrator: str
    worker: str
    admin: str | None


def run(*, home: Path, port: int, reload: bool, told: Told) -> None:
    """Run until a signal says stop. Raises DevelopmentError, EmbeddedError, UrlError, BootstrapError, MigrationError.

    Blocking. Port and folder are taken first, so that a second one is refused before it has done anything.
    """
    if os.environ.get("ORGRAPH_ENVIRONMENT", "development") != "development":
        raise DevelopmentError(
            "ORGRAPH_ENVIRONMENT says production: `orgraph dev` signs in anybody, use `orgraph serve`"
        )
    # So that what is started before the event loop is ended in order as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), _listening(port) as listener, _database(home, told) as database:
        asyncio.run(_until_told(_up(home, listener, database, reload=reload, told=told)))


async def _until_told(up: Coroutine[Any, Any, None]) -> None:
    """Run `up`; the first signal cancels it, and the others find it ending already."""
    task = asyncio.create_task(up, name="dev")
    loop = asyncio.get_running_loop()
    asked: list[bool] = []

    def stop() -> None:
        if not asked:
            asked.append(True)
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not asked:
            raise


async def _up(home: Path, listener: socket.socket, database: Database, *, reload: bool, told: Told) -> None:
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    await _prepare(home, database, told)
    async with _sign_in(home, database) as identity:
        environ = {
            **os.environ,
            **identity,
            "ORGRAPH_ENVIRONMENT": "development",
            "ORGRAPH_URL": url,
            "DATABASE_URL": database.api,
        }
        child = Child(listener, environ, told.progress)
        try:
            await child.start()
            await _ready(url, child)
            told.ready(f"ready {url}")
            told.ready(f"GraphiQL   {url}/graphql")
            for line in people_lines(await people(database.worker)):
                told.ready(line)
            await (_reloading(child, database, told) if reload else _serving(child))
        finally:
            await child.stop()


async def _prepare(home: Path, database: Database, told: Told) -> None:
    if database.admin is not None:
        logins = {role: password for role, password in passwords(home).items() if role != "postgres"}
        await bootstrap(database.admin, logins)
    if await migrate(database.migrator, told.progress):
        told.progress("migrated")
    await seed_demo(database.worker, now=datetime.now(UTC))


@asynccontextmanager
async def _sign_in(home: Path, database: Database) -> AsyncIterator[Mapping[str, str]]:
    if os.environ.get("WORKOS_BASE_URL"):
        yield {}  # a WorkOS of the user's own, with all its variables
        return
    async with issuing(home, database.worker) as variables:
        yield variables


async def _ready(url: str, child: Child) -> None:
    """Wait until the server answers that it is ready. Raises DevelopmentError when it ends instead."""
    ended = asyncio.ensure_future(child.ended())
    asking = asyncio.ensure_future(_asked_until_ready(url))
    try:
        await asyncio.wait({ended, asking}, return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            raise DevelopmentError("the server did not start: its reasons are above")
        asking.result()
    finally:
        for waiting in (ended, asking):
            waiting.cancel()
        await asyncio.gather(ended, asking, return_exceptions=True)


async def _asked_until_ready(url: str) -> None:
    # The socket listens before anybody serves: the first question waits in its queue for as long as the start takes.
    async with httpx2.AsyncClient(trust_env=False, timeout=None) as client:
        while (await client.get(f"{url}/readyz")).status_code != httpx2.codes.OK:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.2)


async def _serving(child: Child) -> None:
    await child.ended()
    raise DevelopmentError("the server has ended: its reasons are above")


async def _reloading(child: Child, database: Database, told: Told) -> None:
    async for changed in changes():
        told.progress(f"{', '.join(sorted(path.name for path in changed))} changed: starting again")
        await child.stop()
        if any(path.suffix == ".sql" or "migrations" in path.parts for path in changed):
            try:
                await migrate(database.migrator, told.progress)
            except MigrationError as error:
                told.progress(f"not migrated: {error}")
        await child.start()


@contextmanager
def _database(home: Path, told: Told) -> Iterator[Database]:
    def named(admin: str | None) -> Database:
        urls = {word: url_for(word, home, os.environ) for word in ("api", "migrator", "worker")}
        return Database(**urls, admin=admin)

    if not is_embedded(os.environ):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)  # for the keys
        yield named(None)
        return
    told.progress(f"starting Postgres in {home}")
    with running_cluster(home) as cluster:
        yield named(cluster.url("postgres", "postgres"))


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    give_up = time.monotonic() + PORT_PATIENCE_S
    while True:
        try:
            listener = socket.create_server((HOST, port), backlog=1024)
            break
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise DevelopmentError(f"port {port} cannot be opened: {error.strerror}") from None
            if time.monotonic() > give_up:
                sentence = f"port {port} is in use: choose another, `orgraph dev --port N` or `make dev PORT=N`"
                raise DevelopmentError(sentence) from None
            time.sleep(0.1)
    with listener:
        yield listener


def people_lines(everyone: Sequence[PersonEntry]) -> list[str]:
    """A line per demo person: the address to sign in with, and what they are in which organization."""
    demo = [person for person in everyone if person.workos_user_id.startswith(DEMO)]
    width = max((len(person.email) for person in demo), default=0)
    return [f"{person.email:<{width}}  {_roles(person)}" for person in demo]


def _roles(person: PersonEntry) -> str:
    return ", ".join(
        f"{entry.slug} ({entry.role}{'' if entry.status == 'active' else f', {entry.status}'})"
        for entry in person.memberships
    )
