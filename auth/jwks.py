"""The issuer's public keys: fetched without blocking, remembered, refreshed early, kept while the issuer is down."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

import httpx2
import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from auth.errors import InvalidToken, JwksUnavailable

log = logging.getLogger("orgraph.auth")

FRESH_S = 600.0  # after this a fetch is awaited
EARLY_S = 0.8 * FRESH_S  # after this one is started in the background
STALE_S = 24 * 3600.0  # while the issuer is down, keys serve this long
UNKNOWN_KID_EVERY_S = 5.0  # anybody can invent a kid, so that they cost the issuer at most this
RETRY_EVERY_S = 1.0
FETCH_TIMEOUT_S = 5.0
LARGEST_BODY = 256 * 1024
SMALLEST_KEY_BITS = 2048


def usable_keys(body: bytes) -> dict[str, RSAPublicKey]:
    """RS256 signing keys by kid; anything else in the set is passed over. Raises ValueError when it is no key set."""
    document = orjson.loads(body)
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("the answer has no list named keys")  # noqa: TRY004 - the value came from outside
    found: dict[str, RSAPublicKey] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(kid := entry.get("kid"), str):
            continue
        if entry.get("kty") != "RSA" or entry.get("use", "sig") != "sig" or entry.get("alg", "RS256") != "RS256":
            continue
        try:
            key = jwt.PyJWK(entry, algorithm="RS256").key
        except jwt.PyJWTError:
            continue
        if isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST_KEY_BITS:
            found[kid] = key
    if not found:
        raise ValueError("the answer has no RS256 key")
    return found


class KeySet:
    """The keys of one JWKS address. `clock` counts seconds and only ever forward."""

    def __init__(self, url: str, http: httpx2.AsyncClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self._http = http
        self._clock = clock
        self._keys: dict[str, RSAPublicKey] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._asked_for_unknown_at = float("-inf")
        self._failing = False
        self._flight: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> RSAPublicKey:
        """Raises InvalidToken for a kid the issuer does not have, JwksUnavailable when that cannot be known."""
        await self._be_fresh()
        if (key := self._keys.get(kid)) is not None:
            return key
        if self._flight is not None or self._clock() - self._asked_for_unknown_at >= UNKNOWN_KID_EVERY_S:
            if self._flight is None:
                self._asked_for_unknown_at = self._clock()
            await self._fetch()
            if (key := self._keys.get(kid)) is not None:
                return key
        if self._failing:  # it may be a new key that we could not learn of
            raise JwksUnavailable
        raise InvalidToken("unknown_kid")

    def warm(self) -> None:
        """Start the first fetch, so that the first request need not wait for it."""
        self._start()

    async def aclose(self) -> None:
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.gather(self._flight, return_exceptions=True)

    async def _be_fresh(self) -> None:
        age = self._clock() - self._fetched_at
        may_try = self._clock() - self._tried_at >= (UNKNOWN_KID_EVERY_S if self._keys else RETRY_EVERY_S)
        if age < EARLY_S:
            return
        if age < FRESH_S or (age < STALE_S and self._failing):
            if may_try:  # nobody waits for an issuer that is slow or down while there are keys to go on with
                self._start()
            return
        if may_try or self._flight is not None:
            await self._fetch()
        if self._clock() - self._fetched_at >= STALE_S:
            raise JwksUnavailable

    def _start(self) -> asyncio.Task[None]:
        if self._flight is None:
            self._tried_at = self._clock()
            self._flight = asyncio.create_task(self._download(), name="jwks")
            self._flight.add_done_callback(self._landed)
        return self._flight

    def _landed(self, _task: asyncio.Task[None]) -> None:
        self._flight = None

    async def _fetch(self) -> None:
        # Shielded: a client that goes away must not take the others' answer with it.
        await asyncio.shield(self._start())

    async def _download(self) -> None:
        try:
            response = await self._http.get(self.url, timeout=FETCH_TIMEOUT_S, headers={"accept": "application/json"})
            response.raise_for_status()
            if len(response.content) > LARGEST_BODY:
                raise ValueError("the answer is larger than 256 KiB")
            self._keys = usable_keys(response.content)
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            self._failing = True
            log.warning("jwks: %s did not answer a key set (%s)", self.url, type(error).__name__)
        else:
            self._failing = False
            self._fetched_at = self._clock()
