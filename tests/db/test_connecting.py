"""Connections are encrypted and know whom they speak to; a password is changed while they are in use."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from db import embedded
from db.connecting import connected, encryption_is_named
from db.embedded import Cluster
from db.engine import create_engine
from db.scope import Claims, operation
from tests.db.encrypting import Encrypted, encrypting


@pytest.fixture
async def encrypted(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Encrypted]:
    async with encrypting(str(cluster.socket / ".s.PGSQL.5432"), tmp_path) as served:
        yield served


async def asked(cluster: Cluster, encrypted: Encrypted, host: str, **parameters: str) -> str:
    """The role that the server's pool logs in as there."""
    word = quote(embedded.passwords(cluster.home)["orgraph_api"])
    given = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    engine = create_engine(f"postgresql://orgraph_api:{word}@{host}:{encrypted.port}/orgraph?{given}", size=1)
    try:
        async with engine.connect() as connection:
            role: str = (await connection.exec_driver_sql("select current_user")).scalar_one()
            return role
    finally:
        await engine.dispose()


async def test_the_pool_speaks_tls_to_whom_its_authority_names(cluster: Cluster, encrypted: Encrypted) -> None:
    root = str(encrypted.authority)
    assert await asked(cluster, encrypted, "localhost", sslmode="verify-full", sslrootcert=root) == "orgraph_api"
    assert encrypted.accepted == 1


async def test_another_authority_or_another_name_is_not_spoken_to(cluster: Cluster, encrypted: Encrypted) -> None:
    ours, theirs = str(encrypted.authority), str(encrypted.stranger)
    for host, root in (("localhost", theirs), ("127.0.0.1", ours)):
        with pytest.raises(ssl.SSLCertVerificationError):
            await asked(cluster, encrypted, host, sslmode="verify-full", sslrootcert=root)
    assert encrypted.accepted == 0
    # The name is what was wrong.
    assert await asked(cluster, encrypted, "127.0.0.1", sslmode="verify-ca", sslrootcert=ours)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("postgresql://x@db.internal/orgraph", False),
        ("postgresql://x@/orgraph?host=db.internal", False),
        ("postgresql://x@db.internal/orgraph?sslmode=disable", True),
        ("postgresql://x@db.internal/orgraph?sslmode=verify-full", True),
        ("postgresql://x@127.0.0.1/orgraph", True),
        ("postgresql://x@/orgraph?host=%2Frun%2Fpostgresql", True),
    ],
)
def test_a_database_elsewhere_is_spoken_to_under_tls_unless_that_is_declined(url: str, named: bool) -> None:
    assert encryption_is_named(url) is named


async def test_a_password_is_changed_while_everybody_works(cluster: Cluster, tmp_path: Path) -> None:
    """The procedure of docs/operating.md, step by step, while connections are opened."""
    old, new = embedded.passwords(cluster.home)["orgraph_api"], "another-password"
    file = tmp_path / "password"
    file.write_text(f"{old}\n")
    address = cluster.url("orgraph_api").replace(f":{quote(old)}@", "@")
    engine = create_engine(address, size=2, password_file=file)
    superuser = await asyncpg.connect(cluster.url("postgres"))
    async with contextlib.AsyncExitStack() as ending:
        ending.push_async_callback(superuser.close)

        async def one() -> None:
            async with operation(engine, Claims()):
                pass

        async def work() -> None:
            for _ in range(10):
                await asyncio.gather(one(), one())
                await engine.dispose()  # and so the next ones are opened anew

        try:
            await work()
            file.write_text(f"{old}\n{new}\n")
            await work()
            await superuser.execute(f"alter role orgraph_api password '{new}'")
            await work()
            file.write_text(f"{new}\n")
            await work()
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(cluster.url("orgraph_api"))
            for wrong in ("neither\n", "\n"):
                file.write_text(wrong)
                with pytest.raises(asyncpg.InvalidPasswordError):
                    await connected(address, file)
        finally:
            await superuser.execute(f"alter role orgraph_api password '{old}'")
            await engine.dispose()
