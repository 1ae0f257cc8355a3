"""Who sends slowly, or reads slowly, is not waited for, and nobody else waits because of them."""

from __future__ import annotations

import contextlib
import resource
import socket
import time
from collections.abc import Iterator

import orjson
import pytest

from server.patience import Patience
from server.protocol import JsonHttpProtocol
from tests.personas import Database
from tests.server.site import Site, served

HEAD = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
BEGUN = HEAD + b"content-length: 100\r\n\r\n{"
HALF_OPEN = 500
HONEST = 100


class Impatient(JsonHttpProtocol):
    """The protocol as it is, with less time than anybody should be given."""

    patience = Patience(head_s=0.3, request_s=0.3, unread_s=0.3, look_s=0.05)


@pytest.fixture(scope="module")
def impatient(database: Database) -> Iterator[Site]:
    with served(database.api, protocol=Impatient) as site:
        yield site


def connected(site: Site, *, receives: int | None = None) -> socket.socket:
    connection = socket.socket()
    if receives is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    connection.settimeout(10)
    host, _, port = site.url.removeprefix("http://").partition(":")
    connection.connect((host, int(port)))
    return connection


@pytest.mark.parametrize("sent", [HEAD[:30], BEGUN], ids=["half a head", "half a body"])
def test_half_a_request_is_refused_in_json_and_closed(impatient: Site, sent: bytes) -> None:
    head, _, body = impatient.raw(sent).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in head
    assert orjson.loads(body)["errors"][0]["extensions"]["code"] == "REQUEST_TIMEOUT"


def test_who_comes_and_says_nothing_is_closed_in_silence(impatient: Site) -> None:
    assert impatient.raw(b"") == b""


def test_a_head_that_drips_is_given_no_more_time_than_one_that_stops(impatient: Site) -> None:
    with connected(impatient) as connection, contextlib.suppress(ConnectionError):
        began = time.monotonic()
        connection.sendall(b"GET /livez HTTP/1.1\r\n")
        while time.monotonic() - began < 10:
            connection.sendall(b"x: y\r\n")
            time.sleep(0.05)  # how the attack goes
        pytest.fail("it could have gone on for ever")


def test_an_answer_of_which_nothing_is_read_is_cut_off(impatient: Site) -> None:
    query = "query Much($name: String!) {" + " ".join(f"a{n}: greeting(name: $name)" for n in range(20)) + "}"
    body = orjson.dumps({"query": query, "variables": {"name": "x" * 900_000}})
    with connected(impatient, receives=4096) as connection:
        connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)
        time.sleep(1.5)  # not reading is the attack
        received = 0
        with contextlib.suppress(ConnectionResetError):
            while more := connection.recv(1_048_576):
                received += len(more)
        assert 0 < received < 18_000_000


def test_a_connection_that_rests_between_two_requests_is_kept(impatient: Site) -> None:
    with connected(impatient) as connection:
        for _ in range(2):
            connection.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
            time.sleep(0.5)  # longer than a head may take


async def test_five_hundred_half_open_connections_keep_no_honest_request_waiting(database: Database) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))  # both ends are in this process
    with served(database.api) as site, contextlib.ExitStack() as open_:
        for number in range(HALF_OPEN):
            connection = open_.enter_context(connected(site))
            connection.sendall((b"", HEAD, BEGUN)[number % 3])
        took: list[float] = []
        async with site.client() as client:
            for _ in range(HONEST):
                began = time.perf_counter()
                answer = await client.post("/graphql", json={"query": "{ greeting }"})
                took.append(time.perf_counter() - began)
                assert answer.status_code == 200
    assert sorted(took)[HONEST * 99 // 100 - 1] < 0.5
