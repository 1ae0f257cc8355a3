"""Access tokens: a bearer's JWT in, a Principal out, or one refusal for every reason.

RFC 8725: the algorithm is fixed, the key comes from the issuer we chose, never from an address inside the token.
"""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx2
import jwt
import orjson

from auth.errors import InvalidToken
from auth.jwks import KeySet
from auth.principal import Principal

LONGEST_TOKEN = 8 * 1024
LEEWAY_S = 5.0
REMEMBERED = 10_000

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_USER = re.compile(r"user_[A-Za-z0-9_]{1,60}")
_ORGANIZATION = re.compile(r"org_[A-Za-z0-9_]{1,60}")
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,128}")
_KID = re.compile(r"[\x21-\x7e]{1,256}")
_ACTOR = re.compile(r"[^\x00-\x20\x7f]{1,320}")  # WorkOS names an impersonator by e-mail address
_FORBIDDEN_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "zip", "b64"})
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})

_jws = jwt.PyJWS(algorithms=["RS256"])


def is_organization_id(value: object) -> bool:
    """Whether this has the form of a WorkOS organization id."""
    return isinstance(value, str) and _ORGANIZATION.fullmatch(value) is not None


class TokenVerifier:
    """Verifies the access tokens of one WorkOS client.

    `issuers` are accepted with and without a slash at the end, since WorkOS documents both. `clock` is the time of day.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        issuers: Iterable[str],
        http: httpx2.AsyncClient,
        *,
        clock: Callable[[], float] = time.time,
        keys: KeySet | None = None,
    ) -> None:
        self._client_id = client_id
        self._issuers = frozenset(issuer.rstrip("/") for issuer in issuers)
        if not all(self._issuers) or not self._issuers:
            raise ValueError(
                "WORKOS_ISSUER is empty: name the issuer whose tokens are accepted, https://api.workos.com"
            )
        self._clock = clock
        self._keys = keys or KeySet(f"{base_url.rstrip('/')}/sso/jwks/{client_id}", http)
        self._verified: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    def warm(self) -> None:
        """Fetch the keys in the background, before the first request."""
        self._keys.warm()

    async def aclose(self) -> None:
        await self._keys.aclose()

    async def verify(self, token: str) -> Principal:
        """Raises InvalidToken, or JwksUnavailable while no key is known and the issuer is down."""
        if len(token) > LONGEST_TOKEN:
            raise InvalidToken("too_long")
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        if (known := self._verified.get(digest)) is not None:
            if known[0] > self._clock():
                return known[1]
            del self._verified[digest]
        if _TOKEN.fullmatch(token) is None:
            raise InvalidToken("malformed")
        claims = await self._signed_claims(token)
        principal = self._principal(claims)
        expires_at = self._within_its_time(claims)
        self._verified[digest] = (expires_at, principal)
        if len(self._verified) > REMEMBERED:
            self._verified.popitem(last=False)
        return principal

    async def _signed_claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise InvalidToken("malformed") from None
        if header.get("alg") != "RS256":
            raise InvalidToken("algorithm")
        if not _FORBIDDEN_HEADERS.isdisjoint(header) or str(header.get("typ", "JWT")).lower() not in _TYPES:
            raise InvalidToken("header")
        kid = header.get("kid")
        if not isinstance(kid, str) or _KID.fullmatch(kid) is None:
            raise InvalidToken("missing_kid")
        key = await self._keys.key(kid)
        try:
            claims = orjson.loads(_jws.decode(token, key, algorithms=["RS256"]))
        except jwt.InvalidSignatureError:
            raise InvalidToken("signature") from None
        except (jwt.PyJWTError, orjson.JSONDecodeError):
            raise InvalidToken("malformed") from None
        if not isinstance(claims, dict):
            raise InvalidToken("malformed")
        return claims

    def _principal(self, claims: Mapping[str, Any]) -> Principal:
        issuer, subject, session, organization = (claims.get(name) for name in ("iss", "sub", "sid", "org_id"))
        if not isinstance(issuer, str) or issuer.removesuffix("/") not in self._issuers:
            raise InvalidToken("issuer")
        # WorkOS sends no audience by default; one that is there must be us.
        if "aud" in claims:
            audience = claims["aud"]
            if self._client_id not in (audience if isinstance(audience, list) else [audience]):
                raise InvalidToken("audience")
        # Widgets and agents have tokens signed by the same key: they are not a person's.
        if claims.get("sub_type") is not None or claims.get("sub_profile") not in (None, "user"):
            raise InvalidToken("token_type")
        if not isinstance(subject, str) or _USER.fullmatch(subject) is None:
            raise InvalidToken("subject")
        if not isinstance(session, str) or _SESSION.fullmatch(session) is None:
            raise InvalidToken("session")
        if organization is not None and not is_organization_id(organization):
            raise InvalidToken("organization")
        return Principal("user", subject, organization, session, _impersonator(claims))

    def _within_its_time(self, claims: Mapping[str, Any]) -> float:
        """When it expires, in seconds since 1970. Last of all checks: `expired` means that all else was in order."""
        now = self._clock()
        expires_at, issued_at = _seconds(claims.get("exp")), _seconds(claims.get("iat"))
        not_before = _seconds(claims.get("nbf", issued_at))
        if max(issued_at, not_before) > now + LEEWAY_S:
            raise InvalidToken("not_yet_valid")
        if expires_at <= now - LEEWAY_S:
            raise InvalidToken("expired")
        return expires_at


def _impersonator(claims: Mapping[str, Any]) -> str | None:
    if "act" not in claims:
        return None
    act = claims["act"]
    actor = act.get("sub") if isinstance(act, dict) else None
    if not isinstance(actor, str) or _ACTOR.fullmatch(actor) is None:
        raise InvalidToken("actor")
    return actor


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidToken("times")
    return float(value)
