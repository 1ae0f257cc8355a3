"""WorkOS, as far as signing in needs it. The only module that imports the SDK, and only when it is first used."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

import httpx2

from auth.errors import AuthUnavailable, SessionExpired, SignInAgain
from auth.session import Session, SignedInUser

if TYPE_CHECKING:
    from workos import AsyncWorkOSClient
    from workos.user_management.models import AuthenticateResponse

log = logging.getLogger("orgraph.auth")

TIMEOUT_S = 10
REFUSED = frozenset({400, 404, 409, 410, 422})  # the code or the refresh token; all else is ours or theirs to repair
OUR_FAULT = frozenset({"invalid_client", "unauthorized_client"})


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """Where to send the browser, and what its way back must prove."""

    url: str
    state: str
    code_verifier: str


class WorkOS:
    """One WorkOS client, at `base_url`: https://api.workos.com, a custom domain, or the local issuer."""

    def __init__(self, base_url: str, client_id: str, api_key: str, http: httpx2.AsyncClient) -> None:
        self._base_url = base_url.rstrip("/")
        self._client_id = client_id
        self._api_key = api_key
        self._http = http
        self._made: AsyncWorkOSClient | None = None

    async def authorization_url(
        self,
        *,
        redirect_uri: str,
        screen_hint: Literal["sign-in", "sign-up"],
        organization_id: str | None = None,
        login_hint: str | None = None,
    ) -> AuthorizationRequest:
        client = await self._client()
        made = await client.user_management.get_authorization_url_with_pkce(
            redirect_uri=redirect_uri,
            provider="authkit",
            screen_hint=screen_hint,
            organization_id=organization_id,
            login_hint=login_hint,
        )
        return AuthorizationRequest(made["url"], made["state"], made["code_verifier"])

    async def authenticate_with_code(
        self, code: str, code_verifier: str, *, ip_address: str | None, user_agent: str | None
    ) -> Session:
        """Raises SessionExpired when the code is refused, SignInAgain when another step is needed, AuthUnavailable."""
        client = await self._client()
        return await self._session(
            client.user_management.authenticate_with_code_pkce(
                code=code,
                code_verifier=code_verifier,
                ip_address=ip_address,
                user_agent=user_agent,
                request_options={"max_retries": 0},  # a code is good for one try
            )
        )

    async def refresh(self, refresh_token: str, organization_id: str | None = None) -> Session:
        """Spend the refresh token on a new session, in `organization_id` if given. Raises as authenticate_with_code."""
        client = await self._client()
        return await self._session(
            client.user_management.authenticate_with_refresh_token(
                refresh_token=refresh_token,
                organization_id=organization_id,
                request_options={"max_retries": 0},  # and so is a refresh token
            )
        )

    def logout_url(self, session_id: str, return_to: str) -> str:
        """Where the browser ends its session at WorkOS. `return_to` must be on WorkOS's list of sign-out redirects."""
        query = urlencode({"session_id": session_id, "return_to": return_to})
        return f"{self._base_url}/user_management/sessions/logout?{query}"

    async def _client(self) -> AsyncWorkOSClient:
        if self._made is None:
            # 1.5 s of import, away from the event loop.
            sdk = await asyncio.to_thread(importlib.import_module, "workos")
            self._made = sdk.AsyncWorkOSClient(
                base_url=self._base_url,
                client_id=self._client_id,
                api_key=self._api_key,
                request_timeout=TIMEOUT_S,
                http_client=self._http,
            )
        return self._made

    async def _session(self, call: Awaitable[AuthenticateResponse]) -> Session:
        from workos import AuthorizationError, WorkOSError  # noqa: PLC0415 - loaded by now, see _client

        try:
            answer = await call
        except AuthorizationError:  # a second factor, single sign-on, an address to verify
            raise SignInAgain from None
        except WorkOSError as error:
            log.warning("workos: sign-in was not answered (%s)", type(error).__name__)
            if getattr(error, "status_code", None) in REFUSED and getattr(error, "error", None) not in OUR_FAULT:
                raise SessionExpired from None
            raise AuthUnavailable from None
        user = answer.user
        return Session(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            user=SignedInUser(user.id, user.email, user.first_name, user.last_name, user.profile_picture_url),
            organization_id=answer.organization_id,
        )
