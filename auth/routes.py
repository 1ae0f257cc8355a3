"""The addresses of signing in: sign-in, sign-up, callback, sign-out, switch-organization, me."""

from __future__ import annotations

import hmac
import html
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.addresses import origin_of, path_of_ours
from auth.answers import answer, page, refusal, request_id, see_other, with_cookies
from auth.authenticate import authenticate, csrf_ok, renew, session_cookie, verified
from auth.errors import (
    AuthError,
    BadRequest,
    CsrfBlocked,
    InvalidToken,
    LoginFailed,
    NotAMember,
    NotSignedIn,
    SessionExpired,
    SignInAgain,
)
from auth.identity import Identity
from auth.principal import ActiveMembership, MembershipsOf, Principal
from auth.session import Session, SignIn, seal, unseal_session, unseal_sign_in
from auth.tokens import is_organization_id

log = logging.getLogger("orgraph.auth")

LONGEST_BODY = 4096
LONGEST_HINT = 320
LONGEST_CODE = 1024

# What WorkOS says in `error=`, in a person's words; its own text is never shown.
SENTENCES = {
    "access_denied": "The sign-in was cancelled, or your account is not allowed in here.",
    "invitation_expired": "The invitation has expired. Ask for a new one.",
    "temporarily_unavailable": "The sign-in service is busy. Try again in a minute.",
    "server_error": "The sign-in service had a fault. Try again in a minute.",
}
FAILED = "The sign-in service did not let this sign-in through."
STALE = "This sign-in was started in another browser, or too long ago, or has already been used. Start it again."


def routes(identity: Identity, memberships_of: MembershipsOf) -> list[Route]:
    """`memberships_of` answers a person's active memberships, by whatever organization the principal names."""

    async def sign_in(request: Request) -> Response:
        return await _begin(request, identity, "sign-in")

    async def sign_up(request: Request) -> Response:
        return await _begin(request, identity, "sign-up")

    async def callback(request: Request) -> Response:
        return await _finish(request, identity, memberships_of)

    async def sign_out(request: Request) -> Response:
        return await _sign_out(request, identity)

    async def switch_organization(request: Request) -> Response:
        return await _switch(request, identity, memberships_of)

    async def me(request: Request) -> Response:
        return await _me(request, identity, memberships_of)

    return [
        Route("/auth/sign-in", _refusing(sign_in), methods=["GET"]),
        Route("/auth/sign-up", _refusing(sign_up), methods=["GET"]),
        Route("/auth/callback", callback, methods=["GET"]),
        Route("/auth/sign-out", _refusing(sign_out), methods=["POST"]),
        Route("/auth/switch-organization", _refusing(switch_organization), methods=["POST"]),
        Route("/auth/me", _refusing(me), methods=["GET"]),
    ]


def _refusing(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def refused(request: Request) -> Response:
        try:
            return await endpoint(request)
        except AuthError as error:
            if isinstance(error, InvalidToken):
                log.info("token refused: %s", error.reason)
            return refusal(error, request)

    return refused


async def _begin(request: Request, identity: Identity, screen: Literal["sign-in", "sign-up"]) -> Response:
    if identity.development and origin_of(str(request.url)) != identity.origin:
        # Opened as localhost, called back as 127.0.0.1: the cookie would be left behind at the first of them.
        return see_other(f"{identity.public_url}{request.url.path}?{request.url.query}")
    organization = request.query_params.get("organization_id")
    hint = request.query_params.get("login_hint")
    begun = await identity.workos.authorization_url(
        redirect_uri=f"{identity.public_url}/auth/callback",
        screen_hint=screen,
        organization_id=organization if is_organization_id(organization) else None,
        login_hint=hint if hint and len(hint) <= LONGEST_HINT else None,
    )
    under_way = SignIn(begun.state, begun.code_verifier, path_of_ours(request.query_params.get("return_to")))
    sealed = seal(under_way, identity.keys, now=identity.clock())
    return see_other(begun.url, set_cookie=identity.sign_in_cookie.set(sealed, request.cookies))


async def _finish(request: Request, identity: Identity, memberships_of: MembershipsOf) -> Response:
    sealed = identity.sign_in_cookie.read(request.cookies)
    under_way = None if sealed is None else unseal_sign_in(sealed, identity.keys, now=identity.clock())
    state = request.query_params.get("state", "")
    if under_way is None or not hmac.compare_digest(state.encode(), under_way.state.encode()):
        return _failed(request, STALE)
    used = identity.sign_in_cookie.clear(request.cookies)
    try:
        session = await _signed_in(request, _code(request), under_way, identity, memberships_of)
    except AuthError as fault:
        return with_cookies(_failed(request, str(fault), status=fault.status), used)
    kept = session_cookie(session, request, identity)
    return see_other(under_way.return_to, set_cookie=(*used, *kept))


def _code(request: Request) -> str:
    if (error := request.query_params.get("error")) is not None:
        raise LoginFailed(SENTENCES.get(error, FAILED))
    code = request.query_params.get("code", "")
    if not 0 < len(code) <= LONGEST_CODE:
        raise LoginFailed(FAILED)
    return code


async def _signed_in(
    request: Request, code: str, under_way: SignIn, identity: Identity, memberships_of: MembershipsOf
) -> Session:
    try:
        given = await identity.workos.authenticate_with_code(
            code,
            under_way.code_verifier,
            ip_address=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent"),
        )
    except SessionExpired:
        raise LoginFailed(STALE) from None
    except SignInAgain:
        raise LoginFailed("Your account needs another step before it can sign in here.") from None
    session, principal = await verified(given, identity)
    if principal.organization_id is not None:
        return session
    memberships = sorted(await memberships_of(principal), key=lambda membership: membership.name.casefold())
    if not memberships:
        return session
    try:
        session, _ = await renew(session, identity, memberships[0].workos_organization_id)
    except AuthError as error:
        # Signed in without an organization is signed in: the person can choose one, and is told what it asks for.
        log.warning("sign-in: the first organization could not be entered (%s)", error.code)
    return session


async def _sign_out(request: Request, identity: Identity) -> Response:
    sealed = identity.session_cookie.read(request.cookies)
    if sealed is None:
        return answer({"ok": True, "logoutUrl": None})
    if not csrf_ok(request, identity):
        raise CsrfBlocked
    gone = identity.session_cookie.clear(request.cookies)
    session = unseal_session(sealed, identity.keys, now=identity.clock())
    logout_url = None
    if session is not None and session.session_id is not None:
        logout_url = identity.workos.logout_url(session.session_id, f"{identity.public_url}/")
    return answer({"ok": True, "logoutUrl": logout_url}, set_cookie=gone)


async def _switch(request: Request, identity: Identity, memberships_of: MembershipsOf) -> Response:
    wanted = await _organization_in(request)
    authenticated = await authenticate(request, identity)
    if authenticated.session is None:
        raise NotSignedIn
    memberships = await memberships_of(authenticated.principal)
    # WorkOS would refuse as well; the emulator and a mirror that is behind would not.
    if wanted not in {membership.workos_organization_id for membership in memberships}:
        raise NotAMember(set_cookie=authenticated.set_cookie)
    try:
        session, _ = await renew(authenticated.session, identity, wanted)
    except SessionExpired:
        raise SessionExpired(set_cookie=identity.session_cookie.clear(request.cookies)) from None
    except AuthError as error:
        error.set_cookie = authenticated.set_cookie  # the session goes on where it was
        raise
    return answer({"ok": True}, set_cookie=session_cookie(session, request, identity))


async def _me(request: Request, identity: Identity, memberships_of: MembershipsOf) -> Response:
    authenticated = await authenticate(request, identity)
    principal = authenticated.principal
    if principal.user_id is None:
        return answer({"user": None, "organization": None, "organizations": []})
    memberships = await memberships_of(principal)
    current = next((one for one in memberships if one.workos_organization_id == principal.organization_id), None)
    body = {
        "user": _user(principal, authenticated.session),
        "organization": None if current is None else _organization(current),
        "organizations": [
            {**_organization(one), "workosOrganizationId": one.workos_organization_id} for one in memberships
        ],
    }
    return answer(body, set_cookie=authenticated.set_cookie)


def _user(principal: Principal, session: Session | None) -> dict[str, Any]:
    # A bearer token names the person by id alone.
    user = session.user if session is not None else None
    return {
        "id": principal.user_id,
        "email": user.email if user else None,
        "firstName": user.first_name if user else None,
        "lastName": user.last_name if user else None,
        "imageUrl": user.image_url if user else None,
    }


def _organization(membership: ActiveMembership) -> dict[str, str]:
    return {
        "id": membership.organization_id,
        "name": membership.name,
        "slug": membership.slug,
        "role": membership.role,
    }


async def _organization_in(request: Request) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise BadRequest
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise BadRequest
    try:
        wanted = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest from None
    organization = wanted.get("organizationId") if isinstance(wanted, dict) else None
    if not isinstance(organization, str) or not is_organization_id(organization):
        raise BadRequest
    return organization


def _failed(request: Request, sentence: str, *, status: int = 400) -> Response:
    body = (
        f"<p>{html.escape(sentence)}</p>"
        '<p><a href="/auth/sign-in">Sign in again</a> · <a href="/">Back to the start</a></p>'
        f"<p><small>LOGIN_FAILED, request {html.escape(request_id(request))}</small></p>"
    )
    return page("The sign-in did not work", body, status=status)
