"""The issuer's keys: how often it is asked, and what happens while it is down or changes them."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from auth.errors import JwksUnavailable
from auth.local import IssuerKey
from tests.auth.issuer import Issuer


async def test_a_hundred_first_requests_ask_for_the_keys_once(issuer: Issuer) -> None:
    tokens = [issuer.sign(jti=str(number)) for number in range(100)]
    assert await asyncio.gather(*map(issuer.refusal_of, tokens)) == ["accepted"] * 100
    assert issuer.fetches == 1


async def test_a_thousand_random_kids_cost_one_fetch_in_five_seconds(issuer: Issuer) -> None:
    await issuer.verifier.verify(issuer.sign())
    tokens = [issuer.forge({"alg": "RS256", "kid": secrets.token_hex(8)}) for _ in range(1000)]
    assert set(await asyncio.gather(*map(issuer.refusal_of, tokens))) == {"unknown_kid"}
    assert [await issuer.refusal_of(token) for token in tokens[:50]] == ["unknown_kid"] * 50
    assert issuer.fetches == 2
    issuer.now += 5
    assert await issuer.refusal_of(tokens[0]) == "unknown_kid"
    assert issuer.fetches == 3


async def test_a_new_key_is_found_at_the_first_token_it_signed(issuer: Issuer, another_key: IssuerKey) -> None:
    await issuer.verifier.verify(issuer.sign())
    issuer.published = [another_key, issuer.key]
    tokens = [issuer.sign(by=another_key, jti=str(number)) for number in range(20)]
    assert await asyncio.gather(*map(issuer.refusal_of, tokens)) == ["accepted"] * 20
    assert issuer.fetches == 2


async def test_a_key_that_was_withdrawn_opens_nothing_new(issuer: Issuer, another_key: IssuerKey) -> None:
    await issuer.verifier.verify(issuer.sign())
    issuer.published = [another_key]
    issuer.now += 601
    assert await issuer.refusal_of(issuer.sign()) == "unknown_kid"


async def test_without_any_key_an_issuer_that_is_down_is_unavailable_and_not_a_refusal(issuer: Issuer) -> None:
    issuer.down = True
    with pytest.raises(JwksUnavailable) as unavailable:
        await issuer.verifier.verify(issuer.sign())
    assert (unavailable.value.status, unavailable.value.code) == (503, "AUTH_UNAVAILABLE")
    assert unavailable.value.headers == {"retry-after": "5"}


async def test_while_no_key_is_known_the_issuer_is_asked_once_a_second(issuer: Issuer) -> None:
    issuer.down = True
    for _ in range(50):
        with pytest.raises(JwksUnavailable):
            await issuer.verifier.verify(issuer.sign())
    assert issuer.fetches == 1
    issuer.down = False
    issuer.now += 1
    assert await issuer.refusal_of(issuer.sign()) == "accepted"


async def test_known_keys_serve_a_day_while_the_issuer_is_down(issuer: Issuer) -> None:
    await issuer.verifier.verify(issuer.sign())
    issuer.down = True
    for _ in range(23):
        issuer.now += 3600
        assert await issuer.refusal_of(issuer.sign()) == "accepted"
    issuer.now += 3600
    with pytest.raises(JwksUnavailable):
        await issuer.verifier.verify(issuer.sign())


async def test_nobody_waits_for_an_issuer_that_was_down_and_now_hangs(issuer: Issuer) -> None:
    await issuer.verifier.verify(issuer.sign())
    issuer.down = True
    issuer.now += 700
    assert await issuer.refusal_of(issuer.sign()) == "accepted"
    issuer.hangs = True
    issuer.was_asked.clear()
    issuer.now += 700
    assert await asyncio.wait_for(issuer.refusal_of(issuer.sign()), 2) == "accepted"
    await asyncio.wait_for(issuer.was_asked.wait(), 2)  # it is asked all the same, in the background


async def test_a_new_key_while_the_issuer_is_down_is_unavailable_and_not_a_refusal(
    issuer: Issuer, another_key: IssuerKey
) -> None:
    await issuer.verifier.verify(issuer.sign())
    issuer.down = True
    with pytest.raises(JwksUnavailable):
        await issuer.verifier.verify(issuer.sign(by=another_key))


async def test_keys_are_fetched_again_before_they_are_old_and_nobody_waits(issuer: Issuer) -> None:
    await issuer.verifier.verify(issuer.sign())
    issuer.was_asked.clear()
    issuer.now += 481
    assert await issuer.refusal_of(issuer.sign()) == "accepted"
    assert issuer.fetches == 1
    await asyncio.wait_for(issuer.was_asked.wait(), 2)
    issuer.now += 479
    assert await issuer.refusal_of(issuer.sign()) == "accepted"
    assert issuer.fetches == 2


async def test_the_first_fetch_can_be_made_before_the_first_request(issuer: Issuer) -> None:
    issuer.verifier.warm()
    await asyncio.wait_for(issuer.was_asked.wait(), 2)
    assert await issuer.refusal_of(issuer.sign()) == "accepted"
    assert issuer.fetches == 1
