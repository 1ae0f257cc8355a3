"""The explorer on a small server: a stub for who is signed in, and a real schema with the first query's fields."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from graph.explorer.page import page, routes

PLANTED = "planted-in-an-answer"


@strawberry.type
class Event:
    """A bookable service."""

    id: strawberry.ID
    name: str
    duration_in_minutes: int


@strawberry.type
class Meeting:
    """An appointment of a guest."""

    id: strawberry.ID
    start_time: str
    end_time: str
    guest_name: str
    event: Event


@strawberry.type
class Meetings:
    """A page of meetings."""

    total_count: int
    nodes: list[Meeting]


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field(description="The organization's meetings, newest first.")  # type: ignore[untyped-decorator]
    def meetings(self, first: int) -> Meetings:
        event = Event(id=strawberry.ID("e1"), name="First visit", duration_in_minutes=30)
        meeting = Meeting(
            id=strawberry.ID("m1"),
            start_time="2026-03-02T09:00:00Z",
            end_time="2026-03-02T09:30:00Z",
            guest_name=PLANTED,
            event=event,
        )
        return Meetings(total_count=first, nodes=[meeting])

    @strawberry.field(description="Always fails.")  # type: ignore[untyped-decorator]
    def broken(self) -> str | None:
        raise ValueError("It broke.")


SCHEMA = strawberry.Schema(Query)
ORGANIZATIONS = [
    {"id": "1", "workosOrganizationId": "org_north", "name": "North Clinic", "slug": "north", "role": "admin"},
    {
        "id": "2",
        "workosOrganizationId": "org_south",
        "name": "South Practice",
        "slug": "south",
        "role": "billing_admin",
    },
]
PERSON = {"id": "user_1", "email": "ada@north.example", "firstName": "Ada", "lastName": "Olsen", "imageUrl": None}


@dataclass
class Site:
    """The running server: where it is, who is signed in, and what was posted to `/auth`."""

    url: str = ""
    signed_in: bool = True
    organization: int = 0
    posted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)

    def reset(self) -> None:
        self.signed_in, self.organization = True, 0
        self.posted.clear()
        self.hold.set()

    def me(self, _: Request) -> Response:
        if not self.signed_in:
            return JSONResponse({"user": None, "organization": None, "organizations": []})
        organization = ORGANIZATIONS[self.organization]
        return JSONResponse({"user": PERSON, "organization": organization, "organizations": ORGANIZATIONS})

    async def post(self, request: Request) -> Response:
        if refusal := _refusal(request):
            return refusal
        body = await request.json()
        self.posted.append((request.url.path, body))
        if request.url.path == "/auth/sign-out":
            self.signed_in = False
        elif body["organizationId"] == "org_south":
            self.organization = 1
        else:
            return JSONResponse({"errors": [{"message": "You are not a member of it."}]}, 403)
        return JSONResponse({"ok": True})

    async def graphql(self, request: Request) -> Response:
        if request.method == "GET":
            return page(development=True)
        if refusal := _refusal(request):
            return refusal
        body = await request.json()
        if "# held" in body["query"]:
            await asyncio.to_thread(self.hold.wait, 30)
        if "# gateway" in body["query"]:
            return PlainTextResponse("Bad Gateway", 502)
        result = await SCHEMA.execute(body["query"], variable_values=body.get("variables"))
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        status = 200 if not result.errors else 294 if result.data else 422
        headers = {"x-request-id": "0198f0a2-0000-7000-8000-000000000001"}
        return JSONResponse(answer, status, headers, media_type="application/graphql-response+json")


def _refusal(request: Request) -> Response | None:
    """What the real server refuses as a forged request."""
    if request.headers.get("x-orgraph-csrf") == "1" and request.headers["content-type"] == "application/json":
        return None
    return JSONResponse({"errors": [{"message": "This request is forged."}]}, 403)


@contextmanager
def running() -> Iterator[Site]:
    """The site on a free port, in a thread, until the block ends."""
    site = Site()
    site.hold.set()
    app = Starlette(
        routes=[
            Route("/graphql", site.graphql, methods=["GET", "POST"]),
            *routes(),
            Route("/auth/me", site.me),
            Route("/auth/sign-out", site.post, methods=["POST"]),
            Route("/auth/switch-organization", site.post, methods=["POST"]),
        ]
    )
    listener = socket.create_server(("127.0.0.1", 0))
    site.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", lifespan="off"))
    # The socket listens already: a request that comes before the server is up waits in its queue.
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.hold.set()
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()
