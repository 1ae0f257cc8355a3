"""From a request to who is asking: a bearer token, the session cookie, or nobody."""

from __future__ import annotations

import dataclasses
import logging
import re
from dataclasses import dataclass
from typing import Literal

from starlette.requests import HTTPConnection

from auth.errors import (
    AmbiguousCredentials,
    AuthUnavailable,
    CsrfBlocked,
    InvalidToken,
    SessionExpired,
    SignInAgain,
)
from auth.identity import Identity
from auth.principal import GUEST, Principal
from auth.session import Session, seal, unseal_session

log = logging.getLogger("orgraph.auth")

CSRF_HEADER = "x-orgraph-csrf"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
RENEWABLE = frozenset({"expired", "unknown_kid"})  # an old token; the refresh token may still be good
_BEARER = re.compile(r"bearer +([^\s,]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Authenticated:
    """Who is asking, by what they showed it, and the Set-Cookie values that the answer must carry."""

    principal: Principal
    carried_by: Literal["nothing", "bearer", "cookie"]
    session: Session | None = None
    set_cookie: tuple[str, ...] = ()


async def authenticate(request: HTTPConnection, identity: Identity) -> Authenticated:
    """Who sends this request. A request without credentials is a guest's.

    Raises an AuthError: bad credentials are never treated as none. A request that carries the cookie is checked
    by `csrf_ok` here, so that no endpoint can forget it.
    """
    bearer = _bearer(request)
    sealed = identity.session_cookie.read(request.cookies)
    if bearer is not None:
        principal = await identity.verifier.verify(bearer)
        session = None if sealed is None else unseal_session(sealed, identity.keys, now=identity.clock())
        # A cookie that does not open names nobody: it cannot disagree.
        if session is not None and _named(session) != (principal.user_id, principal.organization_id):
            raise AmbiguousCredentials
        return Authenticated(principal, "bearer")
    if sealed is None:
        return Authenticated(GUEST, "nothing")
    if not csrf_ok(request, identity):
        raise CsrfBlocked
    return await _by_cookie(request, sealed, identity)


async def _by_cookie(request: HTTPConnection, sealed: str, identity: Identity) -> Authenticated:
    ended = SessionExpired(set_cookie=identity.session_cookie.clear(request.cookies))
    session = unseal_session(sealed, identity.keys, now=identity.clock())
    if session is None:
        raise ended
    try:
        return Authenticated(await identity.verifier.verify(session.access_token), "cookie", session)
    except InvalidToken as refused:
        if refused.reason not in RENEWABLE:
            log.warning("session: its access token is refused (%s)", refused.reason)
            raise ended from None
    try:
        session, principal = await renew(session, identity)
    except (SessionExpired, SignInAgain):
        raise ended from None
    return Authenticated(principal, "cookie", session, session_cookie(session, request, identity))


async def renew(session: Session, identity: Identity, organization_id: str | None = None) -> tuple[Session, Principal]:
    """The session that follows this one, and who it names; in `organization_id` if given.

    Raises SessionExpired, SignInAgain, AuthUnavailable.
    """
    renewed, principal = await verified(await identity.refreshes.refresh(session, organization_id), identity)
    if organization_id is not None and principal.organization_id != organization_id:
        # Another request had refreshed the old session just before, into the old organization.
        renewed, principal = await verified(await identity.refreshes.refresh(renewed, organization_id), identity)
        if principal.organization_id != organization_id:
            raise SignInAgain
    return renewed, principal


async def verified(session: Session, identity: Identity) -> tuple[Session, Principal]:
    """A session fresh from WorkOS, with the organization its token names. Raises AuthUnavailable if that is refused."""
    try:
        principal = await identity.verifier.verify(session.access_token)
    except InvalidToken as refused:
        log.error(  # noqa: TRY400 - where it was raised says nothing; the word does
            "workos: its new access token is refused (%s): check WORKOS_ISSUER and WORKOS_CLIENT_ID", refused.reason
        )
        raise AuthUnavailable from None
    if principal.user_id != session.user.id:
        log.error("workos: its new access token is for another person than its answer")
        raise AuthUnavailable
    named = dataclasses.replace(session, organization_id=principal.organization_id, session_id=principal.session_id)
    return named, principal


def session_cookie(session: Session, request: HTTPConnection, identity: Identity) -> tuple[str, ...]:
    """Set-Cookie values that keep `session` in this browser."""
    return identity.session_cookie.set(seal(session, identity.keys, now=identity.clock()), request.cookies)


def csrf_ok(request: HTTPConnection, identity: Identity) -> bool:
    """Whether a request that carries the cookie was made by our own pages (or by a program that says so).

    Another site can send a form with the cookie, but neither our header nor our Origin. Safe methods may come
    without any sign, from the address bar, but not from another site. A WebSocket counts as unsafe.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if origin is not None and not _is_ours(origin, request, identity):
        return False
    if CSRF_HEADER in request.headers:
        return True
    if site is not None:
        return site in {"same-origin", "none"}
    safe = request.scope["type"] == "http" and request.scope["method"] in SAFE_METHODS
    return safe or origin is not None


def _is_ours(origin: str, request: HTTPConnection, identity: Identity) -> bool:
    if origin.lower() == identity.origin:
        return True
    # In development the same server is reached as localhost and as 127.0.0.1.
    return identity.development and origin.lower() == f"{request.url.scheme}://{request.url.netloc}".lower()


def _bearer(request: HTTPConnection) -> str | None:
    values = request.headers.getlist("authorization")
    if not values:
        return None
    match = _BEARER.fullmatch(values[0]) if len(values) == 1 else None
    if match is None:
        raise InvalidToken("authorization_header")
    return match[1]


def _named(session: Session) -> tuple[str | None, str | None]:
    return session.user.id, session.organization_id
