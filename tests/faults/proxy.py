"""A network that can be broken: TCP to Postgres's socket, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

Writer = asyncio.StreamWriter


@dataclass
class Proxy:
    """Between the server and Postgres. The switches are read for every piece of data; any thread may set them."""

    socket: Path
    silent: bool = False
    """Nothing arrives any more, and nothing is said about it."""
    refusing: bool = False
    """New connections are reset at once."""
    cut_after: int | None = None
    """So many bytes of Postgres's answers still pass; then the connection that got the last of them is reset."""
    then_silent: bool = False
    """It is not reset then: nothing arrives any more."""
    port: int = 0
    turns: int = 0
    """How often somebody spoke to Postgres after it had spoken: round trips."""
    answered: int = 0
    """Bytes that Postgres has answered."""
    _open: list[tuple[Writer, Writer]] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def url(self, of: str) -> str:
        """The connection string, by way of here."""
        parts = urlsplit(of)
        netloc = f"{parts.username}:{parts.password}@127.0.0.1:{self.port}"
        return urlunsplit(parts._replace(netloc=netloc, query=""))

    def reset(self) -> None:
        """Every connection that is open now ends, as if the machine between had forgotten it."""

        def abort() -> None:
            for client, server in self._open:
                client.transport.abort()
                server.transport.abort()

        self._call(abort)

    def heal(self) -> None:
        """All is as it should be, for new connections; the old ones are forgotten."""
        self.silent = self.refusing = self.then_silent = False
        self.cut_after = None
        self.reset()

    def _call(self, function: Any) -> None:
        done: Future[None] = Future()
        self._loop.call_soon_threadsafe(lambda: done.set_result(function()))
        done.result(5)

    async def _serve(self, started: threading.Event) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        async with server:
            await asyncio.Future()

    async def _accept(self, from_client: asyncio.StreamReader, client: Writer) -> None:
        if self.refusing:
            client.transport.abort()
            return
        try:
            from_server, server = await asyncio.open_unix_connection(str(self.socket))
        except OSError:
            client.transport.abort()
            return
        pair = (client, server)
        self._open.append(pair)
        spoke: list[Writer] = []
        try:
            await asyncio.gather(
                self._pump(from_client, server, pair, spoke), self._pump(from_server, client, pair, spoke)
            )
        finally:
            self._open.remove(pair)

    async def _pump(
        self, source: asyncio.StreamReader, target: Writer, pair: tuple[Writer, Writer], spoke: list[Writer]
    ) -> None:
        client, server = pair
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                while self.silent:  # noqa: ASYNC110 - a network has no event
                    await asyncio.sleep(0.01)
                if target is server and spoke[-1:] != [server]:
                    self.turns += 1
                spoke.append(target)
                if target is client:
                    self.answered += len(data)
                if target is client and self.cut_after is not None:
                    passing, self.cut_after = data[: self.cut_after], max(0, self.cut_after - len(data))
                    if len(passing) < len(data):
                        target.write(passing)
                        await target.drain()
                        if self.then_silent:
                            self.silent = True
                            continue
                        client.transport.abort()
                        server.transport.abort()
                        return
                target.write(data)
                await target.drain()
        for end in pair:
            end.close()


@contextlib.contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    """A proxy to the Postgres of this connection string, which names its socket."""
    query = parse_qs(urlsplit(url).query)
    proxy = Proxy(Path(query["host"][0]) / f".s.PGSQL.{query['port'][0]}")
    started = threading.Event()

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError), asyncio.Runner(loop_factory=lambda: proxy._loop) as runner:
            runner.run(proxy._serve(started))

    thread = threading.Thread(target=run, name="proxy")
    thread.start()
    started.wait(5)
    try:
        yield proxy
    finally:

        def end() -> None:
            for task in asyncio.all_tasks(proxy._loop):
                task.cancel()

        proxy._loop.call_soon_threadsafe(end)
        thread.join(10)
