"""The sign-in as it runs: our routes and the local issuer, each served by uvicorn on a port of its own."""

from __future__ import annotations

import contextlib
import html
import re
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import httpx2
import uvicorn
from cryptography.fernet import Fernet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.answers import answer, refusal
from auth.authenticate import authenticate
from auth.errors import AuthError
from auth.identity import Identity
from auth.local import IssuerKey, local_issuer
from auth.principal import ActiveMembership, Principal
from auth.routes import routes
from db.directory import MembershipEntry, PersonEntry
from tests.auth.issuer import CLIENT_ID

ACME = MembershipEntry("org_acme", "Acme Clinic", "acme", "owner", "active")
ZEN = MembershipEntry("org_zen", "Zen Studio", "zen", "member", "active")
LEFT = MembershipEntry("org_left", "A Former Employer", "left", "member", "suspended")
ADA = PersonEntry("user_ada", "ada@example.com", "Ada", "Lovelace", (ZEN, LEFT, ACME))
BOB = PersonEntry("user_bob", "bob@example.com", None, None, ())
PEOPLE = (ADA, BOB)


async def memberships_of(principal: Principal) -> Sequence[ActiveMembership]:
    return [
        ActiveMembership(f"uuid-{entry.slug}", entry.workos_org_id, entry.organization_name, entry.slug, entry.role)
        for person in PEOPLE
        if person.workos_user_id == principal.user_id
        for entry in person.memberships
        if entry.status == "active"
    ]


@dataclass
class Site:
    """`now` is the clock of both; `grants` are the bodies' grant types that the issuer was asked for."""

    key: IssuerKey
    now: float = field(default_factory=time.time)
    cookie_password: str = field(default_factory=lambda: Fernet.generate_key().decode())
    grants: list[str] = field(default_factory=list)
    issuer_is_down: bool = False
    url: str = ""
    issuer_url: str = ""
    identity: Identity = field(init=False)

    @contextlib.contextmanager
    def served(self) -> Iterator[Site]:
        with _socket() as ours, _socket() as issuers:
            self.url, self.issuer_url = _address(ours), _address(issuers)
            self.identity = Identity.open(
                base_url=self.issuer_url,
                client_id=CLIENT_ID,
                api_key="sk_test_local",
                issuers=[self.issuer_url],
                cookie_password=self.cookie_password,
                public_url=self.url,
                development=True,
                clock=lambda: self.now,
            )
            with _serving(self._issuer(), issuers), _serving(self._app(), ours):
                yield self

    def _app(self) -> Starlette:
        async def whoami(request: Request) -> Response:
            """What an endpoint of the product does with a request."""
            try:
                authenticated = await authenticate(request, self.identity)
            except AuthError as error:
                return refusal(error, request)
            principal = authenticated.principal
            return answer([principal.user_id, principal.organization_id], set_cookie=authenticated.set_cookie)

        @contextlib.asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            yield
            await self.identity.aclose()

        own = [Route("/whoami", whoami, methods=["GET", "POST"])]
        return Starlette(routes=[*routes(self.identity, memberships_of), *own], lifespan=lifespan)

    def _issuer(self) -> Any:
        async def directory() -> Sequence[PersonEntry]:
            return PEOPLE

        app = local_issuer(
            base_url=self.issuer_url, client_id=CLIENT_ID, key=self.key, directory=directory, clock=lambda: self.now
        )

        async def counted(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and self.issuer_is_down:
                await Response(status_code=500)(scope, receive, send)
                return
            if scope["type"] == "http" and scope["path"].endswith("/authenticate"):
                self.grants.append(scope["path"])
            await app(scope, receive, send)

        return counted

    def browser(self) -> httpx2.AsyncClient:
        """A client with a cookie jar, that follows no redirect by itself."""
        return client_of(self.url)

    async def callback_for(self, browser: httpx2.AsyncClient, person: PersonEntry = ADA, **query: str) -> str:
        """Begin to sign in and click on a person: the callback's address, not opened yet."""
        begun = await browser.get("/auth/sign-in", params=query)
        page = await browser.get(begun.headers["location"])
        links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', page.text)]
        link = next(link for link in links if person.email.replace("@", "%40") in link)
        clicked = await browser.get(urljoin(begun.headers["location"], link))
        return str(clicked.headers["location"])

    @contextlib.asynccontextmanager
    async def signed_in(self, person: PersonEntry = ADA) -> AsyncIterator[httpx2.AsyncClient]:
        async with self.browser() as browser:
            arrived = await browser.get(await self.callback_for(browser, person))
            assert (arrived.status_code, arrived.headers["location"]) == (303, "/")
            yield browser

    def at(self, path: str) -> str:
        return urljoin(self.url, path)


def client_of(base_url: str = "") -> httpx2.AsyncClient:
    """A client for plain http on this machine: reading the world's certificates takes longer than a test."""
    return httpx2.AsyncClient(base_url=base_url, trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def _socket() -> socket.socket:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    return listening


def _address(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextlib.contextmanager
def _serving(app: Any, listening: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    started = threading.Event()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="uvicorn")
    startup = server.startup

    async def announced(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        started.set()

    server.startup = announced  # type: ignore[method-assign]
    thread.start()
    assert started.wait(5)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(5)
