"""An issuer of a test's own: it signs what it is told to, can rotate its keys, and can be down."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

import httpx2
import jwt
from cryptography.hazmat.primitives import serialization

from auth.errors import InvalidToken
from auth.jwks import KeySet
from auth.local import IssuerKey
from auth.tokens import TokenVerifier

BASE_URL = "https://api.workos.example"
CLIENT_ID = "client_orgraph"
NOW = 1_800_000_000.0


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Issuer:
    """The verifier under test and the world around it: `now` is its clock, `asked` what its JWKS address was asked."""

    def __init__(self, key: IssuerKey) -> None:
        self.key = key
        self.published = [key]
        self.down = False
        self.hangs = False
        self.asked: list[str] = []
        self.was_asked = asyncio.Event()
        self.now = NOW
        self.http = httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer))
        keys = KeySet(f"{BASE_URL}/sso/jwks/{CLIENT_ID}", self.http, clock=lambda: self.now)
        self.verifier = TokenVerifier(BASE_URL, CLIENT_ID, [BASE_URL], self.http, clock=lambda: self.now, keys=keys)

    @property
    def fetches(self) -> int:
        return len(self.asked)

    async def aclose(self) -> None:
        await self.verifier.aclose()
        await self.http.aclose()

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(str(request.url))
        self.was_asked.set()
        if self.hangs:
            await asyncio.Event().wait()
        if self.down:
            return httpx2.Response(500, text="out of order")
        return httpx2.Response(200, json={"keys": [entry for key in self.published for entry in key.jwks()["keys"]]})

    def claims(self, **changes: Any) -> dict[str, Any]:
        """A person's claims as WorkOS writes them; a change to None takes the claim away."""
        claims = {
            "iss": BASE_URL,
            "sub": "user_ada",
            "sid": "session_1",
            "jti": "1",
            "org_id": "org_acme",
            "role": "owner",
            "iat": int(self.now),
            "exp": int(self.now) + 300,
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def sign(self, *, by: IssuerKey | None = None, header: dict[str, Any] | None = None, **changes: Any) -> str:
        by = by or self.key
        return jwt.encode(
            self.claims(**changes), by.private, algorithm="RS256", headers={"kid": by.kid} if header is None else header
        )

    def forge(self, header: dict[str, Any], *, secret: bytes | None = None) -> str:
        """A token put together by hand: unsigned, or signed by HS256 with `secret`."""
        text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(self.claims()).encode())}"
        signature = b"nothing" if secret is None else hmac.new(secret, text.encode(), hashlib.sha256).digest()
        return f"{text}.{b64(signature)}"

    def public_pem(self) -> bytes:
        return self.key.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    async def refusal_of(self, token: str) -> str:
        """The word for the log, or `accepted`."""
        try:
            await self.verifier.verify(token)
        except InvalidToken as refused:
            return refused.reason
        return "accepted"
