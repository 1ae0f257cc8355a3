"""`orgraph serve` as it runs in production: processes of its own, real signals, everything it writes kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.server.site import environment

PATIENCE_S = 40
PROGRAM = str(Path(sys.executable).with_name("orgraph"))


@dataclass(frozen=True)
class Served:
    """A running `orgraph serve`."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def written(self) -> str:
        return self.log.read_text()

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def until(self, fact: Callable[[], bool], what: str) -> None:
        """Wait for something that another process does."""
        deadline = time.monotonic() + PATIENCE_S
        while not fact():
            assert time.monotonic() < deadline, f"never: {what}\n{self.written()}"
            await asyncio.sleep(0.05)

    async def ended(self) -> int:
        await self.until(lambda: self.process.poll() is not None, "the end")
        return self.process.returncode

    def client(self, *, kept_alive: bool = True) -> httpx2.AsyncClient:
        limits = httpx2.Limits(max_keepalive_connections=None if kept_alive else 0)
        return httpx2.AsyncClient(base_url=self.url, trust_env=False, verify=False, timeout=20, limits=limits)


@contextlib.asynccontextmanager
async def serving(
    database_url: str, folder: Path, *arguments: str, listener: socket.socket | None = None, **variables: str
) -> AsyncIterator[Served]:
    """`orgraph serve` with these arguments, ready. With a `listener`, on that socket, the way systemd hands it over."""
    port = listener.getsockname()[1] if listener else free_port()
    url = f"http://127.0.0.1:{port}"
    environ = environment(database_url, url, "http://127.0.0.1:9", PATH=os.defpath, **variables)
    log = folder / "serve.log"
    command = [PROGRAM, "serve", *([] if listener else ["--port", str(port)]), *arguments]
    if listener is not None:
        # What systemd does: the socket is descriptor 3, and the variables name the process itself.
        given = 'import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ["LISTEN_PID"] = str(os.getpid()); '
        given += 'os.environ["LISTEN_FDS"] = "1"; os.execv(sys.argv[2], sys.argv[2:])'
        command = [sys.executable, "-c", given, str(listener.fileno()), *command]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - ours, and it is not waited for here
            command, env=environ, stderr=output, stdout=output, pass_fds=[listener.fileno()] if listener else []
        )
    served = Served(url, process, log)
    try:
        await ready(served)
        yield served
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                await served.ended()
            finally:
                process.kill()
        process.wait()


async def ready(served: Served) -> None:
    deadline = time.monotonic() + PATIENCE_S
    async with served.client() as client:
        while True:
            assert served.process.poll() is None, served.written()
            assert time.monotonic() < deadline, served.written()
            with contextlib.suppress(httpx2.TransportError):
                if (await client.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
