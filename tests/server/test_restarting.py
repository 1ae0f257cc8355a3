"""A restart fails nobody: not who comes new, not who keeps a connection, not who is being answered."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from pathlib import Path

import httpx2
import pytest

from tests.personas import Database
from tests.server.scraping import nowhere, scraped
from tests.server.serving import Served, free_port, serving

QUERY = {"query": "query Restarting { viewer { __typename } }"}
REQUESTS = 2_000
CLIENTS = 8


async def asked(served: Served, *, kept_alive: bool, enough: asyncio.Event, statuses: list[int | str]) -> None:
    async with served.client(kept_alive=kept_alive) as client:
        while not enough.is_set():
            try:
                statuses.append((await client.post("/graphql", json=QUERY)).status_code)
            except httpx2.TransportError as error:
                statuses.append(repr(error))
            await asyncio.sleep(0.01)


def workers(served: Served, verb: str) -> list[str]:
    return re.findall(rf"{verb} server process \[(\d+)\]", served.written())


async def test_a_rolling_restart_under_load_fails_no_request(database: Database, tmp_path: Path) -> None:
    statuses: list[int | str] = []
    enough = asyncio.Event()
    admin = ("--admin-port", str(free_port()))
    async with serving(database.api, tmp_path, "--workers", "2", "--drain-seconds", "1", *admin) as served:
        await served.until(lambda: len(workers(served, "Started")) == 2, "two workers")
        async with asyncio.TaskGroup() as clients:
            for number in range(CLIENTS):
                clients.create_task(asked(served, kept_alive=number % 2 == 0, enough=enough, statuses=statuses))
            await served.until(lambda: len(statuses) > 100, "load")
            served.tell(signal.SIGHUP)
            await served.until(lambda: len(workers(served, "Finished")) == 2, "the old workers' end")
            await served.until(lambda: len(statuses) >= REQUESTS, "requests enough")
            enough.set()
        assert len(workers(served, "Started")) == 4
        assert served.written().count("draining for 1 s") == 2
        counted = await scraped(f"http://127.0.0.1:{admin[1]}")
        assert await nowhere(f"http://127.0.0.1:{admin[1]}") == 404
    failed = [status for status in statuses if status != 200]
    assert (len(failed), failed[:5]) == (0, [])
    # What the workers that are gone have counted is not lost, and nothing is counted twice.
    told = {"operation": "Restarting", "document": "", "kind": "query", "way": "interpreted", "outcome": "ok"}
    assert counted.get("orgraph_operation_duration_seconds_count", told) == len(statuses)
    assert counted.get("orgraph_workers", {"state": "serving"}) == 2
    assert counted.get("orgraph_pool_connections", {"state": "most"}) == 2 * 8


async def test_a_worker_that_ends_says_so_first_and_finishes_what_it_began(database: Database, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with serving(database.api, tmp_path, "--drain-seconds", "1", listener=listener) as served:
            await ends_in_order(served)
        # The socket is systemd's and outlives the server: who asks now waits, and the next server answers.
        async with served.client() as client:
            waiting = asyncio.create_task(client.post("/graphql", json=QUERY))
            async with serving(database.api, tmp_path, listener=listener):
                assert (await waiting).status_code == 200


async def ends_in_order(served: Served) -> None:
    host, _, port = served.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    async with served.client() as client:
        await client.get("/livez")
        served.tell(signal.SIGTERM)
        await served.until(lambda: "draining for 1 s" in served.written(), "the draining")
        not_ready, still = await client.get("/readyz"), await client.post("/graphql", json=QUERY)
    assert (not_ready.status_code, not_ready.json()["errors"][0]["extensions"]["code"]) == (503, "DRAINING")
    assert (still.status_code, still.headers["connection"]) == (200, "close")
    # Who was let in before, and speaks at the last moment, is answered.
    await served.until(lambda: "Shutting down" in served.written(), "the end of the draining")
    writer.write(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in answer
    assert await served.ended() == 0


async def test_a_worker_that_cannot_start_is_not_started_for_ever(database: Database, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="connected_above_row_security"):
        async with serving(database.superuser, tmp_path, "--workers", "2"):
            pass
