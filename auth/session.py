"""What a browser keeps for us, sealed: the session for seven days, and the sign-in under way for ten minutes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

SESSION_S = 7 * 24 * 3600
SIGN_IN_S = 600


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """The person as WorkOS names them, for showing who is signed in; no decision rests on it."""

    id: str
    email: str
    first_name: str | None
    last_name: str | None
    image_url: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person's tokens, and whose they are."""

    access_token: str
    refresh_token: str
    user: SignedInUser
    organization_id: str | None  # WorkOS organization id
    session_id: str | None = None  # WorkOS session id, known once the access token is verified


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in under way: what the callback must prove, and where the person wanted to go."""

    state: str
    code_verifier: str
    return_to: str


Sealed = TypeVar("Sealed", Session, SignIn)


def cookie_keys(password: str) -> MultiFernet:
    """WORKOS_COOKIE_PASSWORD: Fernet keys with commas between them. The first seals, all of them open.

    Raises ValueError, which names the key by its position and never shows it.
    """
    keys = [key.strip() for key in password.split(",") if key.strip()]
    if not keys:
        raise ValueError(f"WORKOS_COOKIE_PASSWORD is empty: {_MAKE_ONE}")
    fernets = []
    for position, key in enumerate(keys, start=1):
        try:
            fernets.append(Fernet(key))
        except ValueError:
            raise ValueError(
                f"WORKOS_COOKIE_PASSWORD, key {position} of {len(keys)}, is no Fernet key: {_MAKE_ONE}"
            ) from None
    return MultiFernet(fernets)


_MAKE_ONE = (
    "32 random bytes in URL-safe base64. Make one: "
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)


def seal(value: Session | SignIn, keys: MultiFernet, *, now: float) -> str:
    """`now` is in seconds since 1970 and is sealed with it, so that an old copy is worth nothing."""
    body = {"for": type(value).__name__, "iat": int(now), **dataclasses.asdict(value)}
    return keys.encrypt(orjson.dumps(body)).decode()


def unseal_session(sealed: str, keys: MultiFernet, *, now: float) -> Session | None:
    """None when it was changed, sealed by a key that is retired, or sealed more than seven days ago."""
    body = _open(sealed, "Session", SESSION_S, keys, now)
    try:
        return None if body is None else Session(**{**body, "user": SignedInUser(**body["user"])})
    except TypeError:  # sealed by another version of this program, whose session had other fields
        return None


def unseal_sign_in(sealed: str, keys: MultiFernet, *, now: float) -> SignIn | None:
    """None when it was changed, sealed by a key that is retired, or sealed more than ten minutes ago."""
    body = _open(sealed, "SignIn", SIGN_IN_S, keys, now)
    try:
        return None if body is None else SignIn(**body)
    except TypeError:
        return None


def _open(sealed: str, purpose: str, max_age_s: int, keys: MultiFernet, now: float) -> dict[str, Any] | None:
    try:
        body = orjson.loads(keys.decrypt(sealed.encode("ascii")))
    except (InvalidToken, UnicodeEncodeError, orjson.JSONDecodeError):
        return None
    # One key seals both kinds: neither may be used as the other.
    if not isinstance(body, dict) or body.pop("for", None) != purpose:
        return None
    sealed_at = body.pop("iat", 0)
    return body if now - max_age_s < sealed_at <= now + 60 else None
