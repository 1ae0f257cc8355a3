"""The position that a client brings along: ours, sealed, or else the end of time."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet, MultiFernet
from starlette.requests import Request

from auth.cookies import Cookie
from db.embedded import Cluster
from db.replica import END
from graph.freshness import COOKIE_S, HEADER, Freshness
from graph.schema import build
from tests import make
from tests.faults.asking import READ, WRITE
from tests.faults.standby import following
from tests.make import unique
from tests.personas import Database
from tests.server.site import served

COOKIE = Cookie.named("orgraph_position", max_age_s=COOKIE_S, secure=False)


@pytest.fixture
def freshness() -> Freshness:
    return Freshness(MultiFernet([Fernet(Fernet.generate_key())]), COOKIE)


def request(*headers: tuple[str, str]) -> Request:
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return Request({"type": "http", "method": "POST", "path": "/graphql", "headers": encoded})


@pytest.mark.parametrize("position", [0, 1, 0x3000060, 2**40 + 7, END])
def test_what_was_sealed_is_opened_again(position: int, freshness: Freshness) -> None:
    token = freshness.sealed(position)

    assert freshness.opened(token) == position
    assert freshness.brought_by(request((HEADER, token))) == position
    assert freshness.brought_by(request(("cookie", f"orgraph_position={token}"))) == position


def test_who_brings_nothing_has_seen_nothing(freshness: Freshness) -> None:
    assert freshness.brought_by(request()) is None


def forged(freshness: Freshness) -> dict[str, str]:
    token = freshness.sealed(5)
    keys = freshness.keys
    return {
        "words": "0/3000060",
        "far away": "FFFFFFFF/FFFFFFFF",
        "cut": token[:-4],
        "changed": token[:-8] + ("A" if token[-8] != "A" else "B") + token[-7:],
        "of another key": Fernet(Fernet.generate_key()).encrypt(b"position:5").decode(),
        "something else of ours": keys.encrypt(b'{"for":"Session"}').decode(),
        "too large a number": keys.encrypt(b"position:" + b"f" * 17).decode(),
        "no number": keys.encrypt(b"position:1 or 1=1").decode(),
        "negative": keys.encrypt(b"position:-1").decode(),
        "a line more": keys.encrypt(b"position:5\n").decode(),
        "long": "A" * 100_000,
        "not ascii": "é" * 20,
        "empty pieces": "....",
    }


@pytest.mark.parametrize("kind", list(forged(Freshness(MultiFernet([Fernet(Fernet.generate_key())]), COOKIE))))
def test_what_is_not_ours_is_the_end_of_time(kind: str, freshness: Freshness) -> None:
    assert freshness.opened(forged(freshness)[kind]) == END


def test_a_browser_that_has_cookies_is_given_one_more_and_a_program_a_header(freshness: Freshness) -> None:
    assert [name for name, _ in freshness.headers(5, request())] == [HEADER]
    told = dict(freshness.headers(5, request(("cookie", "orgraph_session=x"))))
    assert set(told) == {HEADER, "set-cookie"}
    assert told["set-cookie"] == f"orgraph_position={told[HEADER]}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"


async def test_over_http_a_mutation_says_where_it_stands_and_a_query_brings_it(
    cluster: Cluster, database: Database
) -> None:
    world = await make.world(database)
    with (
        following(cluster) as standby,
        served(database.api, schema=build(), DATABASE_REPLICA_URL=standby.url("orgraph_api")) as site,
    ):
        token = site.token(world.acme.owner, world.acme.workos_id)
        async with site.client(headers={"authorization": f"Bearer {token}"}) as client:
            slug = unique()
            values = {"name": "Fresh", "slug": slug, "durationInMinutes": 30}
            written = await client.post("/graphql", json={"query": WRITE, "variables": {"input": values}})
            query = {"query": "query($n: Int) { events(first: $n) { nodes { slug } } }", "variables": {"n": 100}}
            assert HEADER in written.headers
            for position in (written.headers[HEADER], "0/0", "FFFFFFFF/FFFFFFFF", "x" * 300):
                read = await client.post("/graphql", json=query, headers={HEADER: position})
                assert slug in {node["slug"] for node in read.json()["data"]["events"]["nodes"]}
                assert HEADER not in read.headers
            failed = await client.post(
                "/graphql", json={"query": WRITE, "variables": {"input": {**values, "name": ""}}}
            )
            plain = await client.post("/graphql", json={"query": READ})

    assert failed.status_code == plain.status_code == 200
    assert HEADER not in plain.headers
