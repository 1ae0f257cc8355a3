"""The local issuer at work: WorkOS's place is taken, on this machine, by an ASGI app at an address of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from cryptography.fernet import Fernet

from auth.local import issuer_key, known_address, local_issuer, remember_address
from db.directory import PersonEntry, people

CLIENT_ID = "client_local"
API_KEY = "sk_test_local"
HOST = "127.0.0.1"


class _Quiet(uvicorn.Server):
    """A server inside a process that handles the signals itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def issuing(home: Path, worker_url: str) -> AsyncIterator[Mapping[str, str]]:
    """The issuer of `home`, and the variables that send a server to it. Raises OSError for a home not writable."""

    async def directory() -> Sequence[PersonEntry]:
        return await people(worker_url)

    with contextlib.closing(_listener(known_address(home))) as listener:
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        app = local_issuer(base_url=address, client_id=CLIENT_ID, key=issuer_key(home), directory=directory)
        remember_address(home, address)
        config = uvicorn.Config(app, log_config=None, log_level="warning", access_log=False, ws="none", lifespan="off")
        server = _Quiet(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="issuer")
        try:
            yield {
                "WORKOS_BASE_URL": address,
                "WORKOS_ISSUER": address,
                "WORKOS_CLIENT_ID": CLIENT_ID,
                "WORKOS_API_KEY": API_KEY,
                "WORKOS_COOKIE_PASSWORD": cookie_key(home),
            }
        finally:
            server.should_exit = True
            await serving


def cookie_key(home: Path) -> str:
    """The key in `<home>/cookie.key` (0600), made on first use: who is signed in stays so over a restart."""
    path = home / "cookie.key"
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key())
    return path.read_text(encoding="ascii").strip()


def _listener(last: str | None) -> socket.socket:
    """A socket at the last address, which the tokens signed there still name; at any free one if it is taken."""
    with contextlib.suppress(OSError):
        return socket.create_server((HOST, urlsplit(last or "").port or 0))
    return socket.create_server((HOST, 0))
