"""What signing in is built from, once per process: verifier, WorkOS, cookies, our own address."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx2
from cryptography.fernet import MultiFernet

from auth.addresses import is_https, is_loopback, origin_of
from auth.cookies import Cookie
from auth.refreshes import Refreshes
from auth.session import SESSION_S, SIGN_IN_S, cookie_keys
from auth.tokens import TokenVerifier
from auth.workos import WorkOS

HTTP_TIMEOUT_S = 10.0


class IdentitySettingsError(ValueError):
    """The settings do not describe a sign-in that could work safely; `problems` has a sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def problems_with(
    *,
    base_url: str,
    client_id: str,
    api_key: str,
    issuers: Sequence[str],
    cookie_password: str,
    public_url: str,
    development: bool,
) -> list[str]:
    """Everything wrong with these settings, a sentence each, no secret shown. Empty when all is well."""
    problems = []
    for name, value in (("WORKOS_CLIENT_ID", client_id), ("WORKOS_API_KEY", api_key)):
        if not value:
            problems.append(f"{name} is empty: copy it from the WorkOS dashboard, under API keys.")
    if not issuers:
        problems.append(
            "WORKOS_ISSUER is empty: name whose tokens are accepted, https://api.workos.com or your own domain."
        )
    try:
        cookie_keys(cookie_password)
    except ValueError as error:
        problems.append(f"{error}.")
    on_this_machine = development and is_loopback(public_url)
    if not is_https(public_url) and not on_this_machine:
        problems.append(
            f"ORGRAPH_URL is {public_url!r}: expected https://…, since the session cookie travels encrypted only."
        )
    problems += local_issuer_problems(
        base_url=base_url, api_key=api_key, issuers=issuers, on_this_machine=on_this_machine
    )
    return problems


def local_issuer_problems(*, base_url: str, api_key: str, issuers: Sequence[str], on_this_machine: bool) -> list[str]:
    """The local issuer signs in whoever clicks on a name: it may serve a development server on loopback, no other."""
    named = [("WORKOS_BASE_URL", base_url), *(("WORKOS_ISSUER", issuer) for issuer in issuers)]
    local = [(name, url) for name, url in named if is_loopback(url) or not is_https(url)]
    if not on_this_machine:
        return [
            f"{name} is {url!r}: expected https:// and a host other than this machine. The local issuer works with "
            "ORGRAPH_ENVIRONMENT=development and an ORGRAPH_URL on loopback only."
            for name, url in local
        ]
    if local and api_key.startswith("sk_live"):
        return ["WORKOS_API_KEY is a production key while WORKOS_BASE_URL is the local issuer: use one or the other."]
    return [
        f"{name} is {url!r}: plain http leaves this machine. Expected https://…, or the local issuer on loopback."
        for name, url in local
        if not is_loopback(url)
    ]


@dataclass(frozen=True, slots=True)
class Identity:
    """See `open`. `clock` is the time of day in seconds since 1970."""

    verifier: TokenVerifier
    workos: WorkOS
    refreshes: Refreshes
    keys: MultiFernet
    session_cookie: Cookie
    sign_in_cookie: Cookie
    public_url: str
    development: bool
    http: httpx2.AsyncClient
    clock: Callable[[], float]

    @classmethod
    def open(
        cls,
        *,
        base_url: str,
        client_id: str,
        api_key: str,
        issuers: Sequence[str],
        cookie_password: str,
        public_url: str,
        development: bool,
        clock: Callable[[], float] = time.time,
    ) -> Identity:
        """Opens no connection yet. `cookie_password`: Fernet keys with commas between. Raises IdentitySettingsError."""
        problems = problems_with(
            base_url=base_url,
            client_id=client_id,
            api_key=api_key,
            issuers=issuers,
            cookie_password=cookie_password,
            public_url=public_url,
            development=development,
        )
        if problems:
            raise IdentitySettingsError(problems)
        # A proxy named in the environment leads out of this machine: it cannot answer for the local issuer.
        http = httpx2.AsyncClient(timeout=HTTP_TIMEOUT_S, trust_env=not is_loopback(base_url))
        workos = WorkOS(base_url, client_id, api_key, http)
        secure = is_https(public_url)
        return cls(
            verifier=TokenVerifier(base_url, client_id, issuers, http, clock=clock),
            workos=workos,
            refreshes=Refreshes(workos),
            keys=cookie_keys(cookie_password),
            session_cookie=Cookie.named("orgraph_session", max_age_s=SESSION_S, secure=secure),
            sign_in_cookie=Cookie.named("orgraph_sign_in", max_age_s=SIGN_IN_S, secure=secure),
            public_url=public_url.rstrip("/"),
            development=development,
            http=http,
            clock=clock,
        )

    @property
    def origin(self) -> str:
        """Our own address as browsers write it in the Origin header."""
        return origin_of(self.public_url)

    async def aclose(self) -> None:
        await self.verifier.aclose()
        await self.refreshes.aclose()
        await self.http.aclose()
