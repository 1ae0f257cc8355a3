"""The local issuer's addresses: authorize, authenticate, JWKS, logout, answering as WorkOS's public API does."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.addresses import is_loopback
from auth.answers import answer, page, see_other
from auth.local.grants import Grants, SessionGrant
from auth.local.keys import TOKEN_S, IssuerKey, new_session_id, sign_access_token
from auth.local.people import people_page
from db.directory import PersonEntry

Directory: TypeAlias = Callable[[], Awaitable[Sequence[PersonEntry]]]

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
LONGEST_STATE = 1024


def local_issuer(
    *,
    base_url: str,
    client_id: str,
    key: IssuerKey,
    directory: Directory,
    token_s: int = TOKEN_S,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """An ASGI app, served at `base_url`. `token_s` is the life of an access token, in seconds.

    Raises ValueError unless `base_url` is on loopback: it signs in anybody who clicks on a name.
    """
    if not is_loopback(base_url):
        raise ValueError(
            f"the local issuer's address is {base_url!r}: expected one on this machine, http://127.0.0.1:…"
        )
    issuer = _Issuer(
        base_url=base_url.rstrip("/"),
        client_id=client_id,
        key=key,
        directory=directory,
        token_s=token_s,
        clock=clock,
    )
    return Starlette(
        routes=[
            Route("/user_management/authorize", issuer.authorize, methods=["GET"]),
            Route("/user_management/authenticate", issuer.authenticate, methods=["POST"]),
            Route("/user_management/sessions/logout", issuer.logout, methods=["GET"]),
            Route("/sso/jwks/{client_id}", issuer.jwks, methods=["GET"]),
        ]
    )


class _Issuer:
    def __init__(
        self,
        *,
        base_url: str,
        client_id: str,
        key: IssuerKey,
        directory: Directory,
        token_s: int,
        clock: Callable[[], float],
    ) -> None:
        self._base_url, self._client_id, self._key, self._directory = base_url, client_id, key, directory
        self._token_s, self._clock = token_s, clock
        self._grants = Grants(key.seal(), clock)

    async def jwks(self, request: Request) -> Response:
        if request.path_params["client_id"] != self._client_id:
            return _not_found()
        return answer(self._key.jwks())

    async def authorize(self, request: Request) -> Response:
        """The people page; with a person's e-mail address as `login_hint`, the way back to the app."""
        query = request.query_params
        if (fault := self._fault_of(query)) is not None:
            # Never a redirect: the address to go back to may be what is wrong.
            return page("This is no sign-in request", f"<p>{fault}</p>", status=400)
        people = await self._directory()
        person = next((one for one in people if one.email == query.get("login_hint")), None)
        if person is None:
            return people_page(people, query)
        code = self._grants.code(
            user_id=person.workos_user_id,
            redirect_uri=query["redirect_uri"],
            code_challenge=query["code_challenge"],
            organization_id=query.get("organization_id"),
        )
        return see_other(_with_query(query["redirect_uri"], code=code, state=query.get("state", "")))

    def _fault_of(self, query: QueryParams) -> str | None:
        if query.get("client_id") != self._client_id:
            return "client_id is not the one this issuer was started for."
        if query.get("response_type") != "code":
            return "response_type must be code."
        if not is_loopback(query.get("redirect_uri", "")):
            return "redirect_uri must be on this machine: http://127.0.0.1:…"
        if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(query.get("code_challenge", "")):
            return "code_challenge (43 characters) and code_challenge_method=S256 are required."
        if len(query.get("state", "")) > LONGEST_STATE:
            return "state is too long."
        return None

    async def authenticate(self, request: Request) -> Response:
        try:
            body = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            body = None
        if not isinstance(body, dict) or not all(isinstance(value, str) for value in body.values()):
            return _refused("invalid_request", "The body must be a JSON object of strings.")
        if body.get("client_id") != self._client_id:
            return _refused("invalid_client", "The client_id is not the one this issuer was started for.")
        grant_type = body.get("grant_type")
        if grant_type == "authorization_code":
            return await self._by_code(body)
        if grant_type == "refresh_token":
            return await self._by_refresh_token(body)
        return _refused("unsupported_grant_type", "Expected authorization_code or refresh_token.")

    async def _by_code(self, body: dict[str, str]) -> Response:
        grant = self._grants.spend_code(body.get("code", ""), body.get("code_verifier", ""))
        person = None if grant is None else await self._person(grant.user_id)
        if grant is None or person is None:
            return _refused("invalid_grant", "The code is unknown, expired or already used.")
        if grant.organization_id is not None and not _is_active(person, grant.organization_id):
            return _no_membership()
        session = SessionGrant(person.workos_user_id, new_session_id(), int(self._clock()), grant.organization_id)
        return self._signed_in(person, session)

    async def _by_refresh_token(self, body: dict[str, str]) -> Response:
        # The membership first: a refusal must not cost the person the session.
        organization_id = body.get("organization_id")
        token = body.get("refresh_token", "")
        people = {person.workos_user_id: person for person in await self._directory()}
        current = self._grants.meaning(token)
        if current is None or (person := people.get(current.user_id)) is None:
            return _refused("invalid_grant", "The refresh token is unknown, expired or already used.")
        if organization_id is not None and not _is_active(person, organization_id):
            return _no_membership()
        session = self._grants.spend_refresh_token(token, organization_id)
        if session is None:
            return _refused("invalid_grant", "The refresh token is unknown, expired or already used.")
        return self._signed_in(person, session)

    async def logout(self, request: Request) -> Response:
        self._grants.end(request.query_params.get("session_id", ""))
        return_to = request.query_params.get("return_to", "")
        if is_loopback(return_to):
            return see_other(return_to)
        return page("Signed out", "<p>The session has ended. You can close this page.</p>")

    async def _person(self, user_id: str) -> PersonEntry | None:
        return next((one for one in await self._directory() if one.workos_user_id == user_id), None)

    def _signed_in(self, person: PersonEntry, session: SessionGrant) -> Response:
        access_token = sign_access_token(
            self._key,
            issuer=self._base_url,
            person=person,
            workos_org_id=session.organization_id,
            expires_in=self._token_s,
            session_id=session.session_id,
            signed_in_at=session.signed_in_at,
            now=self._clock(),
        )
        body: dict[str, Any] = {
            "user": _user(person, session.signed_in_at),
            "access_token": access_token,
            "refresh_token": self._grants.refresh_token(session),
            "authentication_method": "Password",
        }
        if session.organization_id is not None:
            body["organization_id"] = session.organization_id
        return answer(body)


def _user(person: PersonEntry, signed_in_at: int) -> dict[str, Any]:
    at = datetime.fromtimestamp(signed_in_at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "object": "user",
        "id": person.workos_user_id,
        "email": person.email,
        "email_verified": True,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "profile_picture_url": None,
        "external_id": None,
        "last_sign_in_at": at,
        "created_at": at,
        "updated_at": at,
        "metadata": {},
    }


def _is_active(person: PersonEntry, organization_id: str) -> bool:
    return any(entry.workos_org_id == organization_id and entry.status == "active" for entry in person.memberships)


def _refused(error: str, description: str) -> Response:
    return answer({"error": error, "error_description": description}, status=400)


def _no_membership() -> Response:
    return answer(
        {"code": "organization_membership_required", "message": "No active membership in that organization."},
        status=403,
    )


def _not_found() -> Response:
    return answer({"message": "Not Found"}, status=404)


def _with_query(url: str, **more: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *more.items()])))
