"""What the local issuer has given out: authorization codes and refresh tokens, each good for one use."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

import orjson
from cryptography.fernet import Fernet, InvalidToken

CODE_S = 600
REFRESH_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class CodeGrant:
    """A sign-in between the click on a name and the callback."""

    user_id: str
    redirect_uri: str
    code_challenge: str
    organization_id: str | None
    expires_at: float


@dataclass(frozen=True, slots=True)
class SessionGrant:
    """What a refresh token stands for."""

    user_id: str
    session_id: str
    signed_in_at: int
    organization_id: str | None


class Grants:
    """Codes live in memory; refresh tokens carry their meaning sealed, so that a restarted issuer still knows them."""

    def __init__(self, seal: Fernet, clock: Callable[[], float]) -> None:
        self._seal = seal
        self._clock = clock
        self._codes: dict[str, CodeGrant] = {}
        self._spent: dict[bytes, float] = {}
        self._ended: set[str] = set()

    def code(self, *, user_id: str, redirect_uri: str, code_challenge: str, organization_id: str | None) -> str:
        now = self._clock()
        self._codes = {code: grant for code, grant in self._codes.items() if grant.expires_at > now}
        code = secrets.token_urlsafe(24)
        self._codes[code] = CodeGrant(user_id, redirect_uri, code_challenge, organization_id, now + CODE_S)
        return code

    def spend_code(self, code: str, code_verifier: str) -> CodeGrant | None:
        """None unless the code is new, young, and its verifier fits (RFC 7636, S256). A failed try spends it too."""
        grant = self._codes.pop(code, None)
        if grant is None or grant.expires_at <= self._clock():
            return None
        digest = hashlib.sha256(code_verifier.encode("ascii", "replace")).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return grant if hmac.compare_digest(challenge, grant.code_challenge) else None

    def refresh_token(self, session: SessionGrant) -> str:
        body = [
            session.user_id,
            session.session_id,
            session.signed_in_at,
            session.organization_id,
            secrets.token_hex(8),
        ]
        return self._seal.encrypt(orjson.dumps(body)).decode()

    def meaning(self, token: str) -> SessionGrant | None:
        """None when it was spent, has ended with its session, is too old, or is none of ours."""
        try:
            user_id, session_id, signed_in_at, current, _ = orjson.loads(
                self._seal.decrypt(token.encode("ascii", "replace"))
            )
        except InvalidToken:
            return None
        if _digest(token) in self._spent or session_id in self._ended or signed_in_at + REFRESH_S <= self._clock():
            return None
        return SessionGrant(user_id, session_id, signed_in_at, current)

    def spend_refresh_token(self, token: str, organization_id: str | None) -> SessionGrant | None:
        """Its session, in `organization_id` if given; None as in `meaning`."""
        session = self.meaning(token)
        if session is None:
            return None
        now = self._clock()
        self._spent = {digest: at for digest, at in self._spent.items() if at + REFRESH_S > now}
        self._spent[_digest(token)] = now
        return session if organization_id is None else replace(session, organization_id=organization_id)

    def end(self, session_id: str) -> None:
        self._ended.add(session_id)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
