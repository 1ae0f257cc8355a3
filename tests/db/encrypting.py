"""A Postgres that speaks TLS: the embedded one is built without, so somebody stands in front of it who can."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import trustme

SSL_REQUEST = (80_877_103).to_bytes(4, "big")
AT_ONCE = 65_536


@dataclass
class Encrypted:
    """Listens on loopback with a certificate for `localhost`; `accepted` counts connections that came under TLS."""

    port: int
    authority: Path
    stranger: Path
    accepted: int = field(default=0)


@contextlib.asynccontextmanager
async def encrypting(postgres: str, folder: Path) -> AsyncIterator[Encrypted]:
    """In front of the Postgres behind this socket, until the block ends."""
    authority, stranger = trustme.CA(), trustme.CA()
    served = Encrypted(0, folder / "authority.pem", folder / "stranger.pem")
    authority.cert_pem.write_to_path(str(served.authority))
    stranger.cert_pem.write_to_path(str(served.stranger))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)

    async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):
            length = int.from_bytes(await reader.readexactly(4), "big")
            if await reader.readexactly(length - 4) != SSL_REQUEST:
                return  # who speaks in the clear is not answered
            writer.write(b"S")
            await writer.start_tls(context)
            served.accepted += 1
            behind, ahead = await asyncio.open_unix_connection(postgres)
            with contextlib.closing(ahead):
                await asyncio.wait(
                    [asyncio.create_task(passing(reader, ahead)), asyncio.create_task(passing(behind, writer))],
                    return_when=asyncio.FIRST_COMPLETED,
                )

    server = await asyncio.start_server(come, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()


async def passing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while said := await reader.read(AT_ONCE):
            writer.write(said)
            await writer.drain()
