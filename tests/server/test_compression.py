"""A large answer goes out packed, to whoever unpacks; a small one, and whatever holds a secret, as it is."""

from __future__ import annotations

import gzip
import io
import secrets
import sys

import httpx2
import pytest
from starlette.responses import Response

from graph.compression import SMALLEST, chosen, compress
from tests.server.site import Site

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

JSON = {"content-type": "application/json"}
UNPACKED = {"gzip": gzip.decompress, "zstd": zstd.decompress}


async def answered(site: Site, accept_encoding: str | None, words: int) -> tuple[httpx2.Headers, bytes]:
    """The headers, and the bytes as they come over the wire."""
    async with site.client(headers=JSON) as client:
        del client.headers["accept-encoding"]
        headers = {} if accept_encoding is None else {"accept-encoding": accept_encoding}
        body = {"query": "query ($n: Int!) { words(count: $n) }", "variables": {"n": words}}
        async with client.stream("POST", "/graphql", json=body, headers=headers) as answer:
            return answer.headers, b"".join([chunk async for chunk in answer.aiter_raw()])


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("words", [1_000, 100_000], ids=["at once", "in a thread"])
async def test_a_large_answer_is_packed(site: Site, coding: str, words: int) -> None:
    headers, packed = await answered(site, coding, words)
    assert (headers["content-encoding"], headers["content-length"]) == (coding, str(len(packed)))
    assert len(packed) < words
    assert UNPACKED[coding](packed) == b'{"data":{"words":"' + b"word " * words + b'"}}'
    assert "Accept-Encoding" in headers["vary"]


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("br, deflate", None),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("gzip;q=0.5, zstd;q=0.7", "zstd"),
        ("gzip;q=0, zstd;q=0", None),
        ("gzip;q=0.5, identity", None),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("*", "zstd"),
        ("*;q=0", None),
        ("zstd;q=0, *", "gzip"),
        ("gzip; Q=0.9 ; x=y", "gzip"),
        ("gzip;q=much", "gzip"),
        ("notgzip, gzipped", None),
    ],
)
def test_the_request_chooses_the_coding(accept_encoding: str | None, coding: str | None) -> None:
    assert chosen(accept_encoding) == coding


async def test_a_small_answer_goes_out_as_it_is(site: Site) -> None:
    headers, body = await answered(site, "gzip, zstd", 10)
    assert "content-encoding" not in headers
    assert body == b'{"data":{"words":"' + b"word " * 10 + b'"}}'
    assert "Accept-Encoding" in headers["vary"]


async def test_an_answer_that_would_not_shrink_goes_out_as_it_is() -> None:
    body = secrets.token_bytes(2 * SMALLEST)
    response = Response(body)
    await compress(response, "gzip")
    assert (response.body, "content-encoding" in response.headers) == (body, False)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_the_same_answer_has_many_lengths(coding: str) -> None:
    """Or its length would tell, byte by byte, how much of a guess stands in it."""
    lengths = set()
    for _ in range(50):
        response = Response(b"word " * 1_000)
        await compress(response, coding)
        assert UNPACKED[coding](bytes(response.body)) == b"word " * 1_000
        lengths.add(len(response.body))
    assert len(lengths) > 20


async def test_a_reader_that_stops_after_the_first_frame_has_it_all() -> None:
    response = Response(b"word " * 1_000)
    await compress(response, "zstd")
    reader = zstd.ZstdDecompressor()
    assert reader.decompress(bytes(response.body)) == b"word " * 1_000
    response = Response(b"word " * 1_000)
    await compress(response, "gzip")
    with gzip.GzipFile(fileobj=io.BytesIO(bytes(response.body))) as file:
        assert file.read() == b"word " * 1_000


@pytest.mark.parametrize("path", ["/auth/me", "/auth/sign-in", "/livez", "/nothing"])
async def test_what_carries_a_session_is_never_packed(site: Site, path: str) -> None:
    async with site.client(headers={"accept-encoding": "gzip, zstd"}) as client:
        answer = await client.get(path, follow_redirects=False)
    assert "content-encoding" not in answer.headers
