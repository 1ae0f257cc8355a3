"""`tutorial`: Strawberry, the ORM's session and dataloaders, as a tutorial writes them. Where everyone starts.

Honest, not crippled: a session per request, one statement per relation and level, the same tokens, the same scope and
row security as everyone else.
"""

import asyncio
import base64
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import strawberry
from aiodataloader import DataLoader
from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from bench.contenders.serving import CONNECTIONS, serve
from graph.scalars import SCALARS, DateTime
from server import settings
from server.app import opened_identity

SCOPE = text("select set_config('app.user_id', :user, true), set_config('app.workos_org_id', :organization, true)")
ENTER = text("select set_config('role', entrance.enter(), true)")


class Row(DeclarativeBase):
    """The tables, as far as they are asked for."""


class OrganizationRow(Row):
    __tablename__ = "organizations"
    __table_args__ = {"schema": "app"}  # noqa: RUF012 - SQLAlchemy's word
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class UserRow(Row):
    __tablename__ = "users"
    __table_args__ = {"schema": "app"}  # noqa: RUF012
    id: Mapped[UUID] = mapped_column(primary_key=True)
    workos_user_id: Mapped[str]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]


class MembershipRow(Row):
    __tablename__ = "user_org_memberships"
    __table_args__ = {"schema": "app"}  # noqa: RUF012
    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    workos_user_id: Mapped[str]
    role: Mapped[str]
    joined_at: Mapped[datetime]


class EventRow(Row):
    __tablename__ = "events"
    __table_args__ = {"schema": "app"}  # noqa: RUF012
    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    name: Mapped[str]
    duration_in_minutes: Mapped[int]
    price_cents: Mapped[int]
    position: Mapped[int]
    archived_at: Mapped[datetime | None]


class MeetingRow(Row):
    __tablename__ = "meetings"
    __table_args__ = {"schema": "app"}  # noqa: RUF012
    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    start_time: Mapped[datetime]
    end_time: Mapped[datetime]
    guest_name: Mapped[str]


class Context:
    """A request's session and its loaders. Fields run side by side and a session cannot, so statements take turns."""

    def __init__(self, user: str | None, organization: str | None) -> None:
        self.scope = {"user": user or "", "organization": organization or ""}
        self.session: AsyncSession
        self.lock = asyncio.Lock()
        self.events = DataLoader(self._events)
        self.organizations = DataLoader(self._organizations)
        self.members = DataLoader(self._members)
        self.users = DataLoader(self._users)

    async def all(self, statement: Select[Any]) -> list[Any]:
        async with self.lock:
            return list((await self.session.scalars(statement)).all())

    async def _events(self, keys: list[UUID]) -> list[Any]:
        found = {row.id: row for row in await self.all(select(EventRow).where(EventRow.id.in_(keys)))}
        return [found.get(key) for key in keys]

    async def _organizations(self, keys: list[UUID]) -> list[Any]:
        rows = await self.all(select(OrganizationRow).where(OrganizationRow.id.in_(keys)))
        found = {row.id: row for row in rows}
        return [found.get(key) for key in keys]

    async def _members(self, keys: list[UUID]) -> list[list[MembershipRow]]:
        found: dict[UUID, list[MembershipRow]] = defaultdict(list)
        of_these = select(MembershipRow).where(MembershipRow.org_id.in_(keys))
        for row in await self.all(of_these.order_by(MembershipRow.joined_at, MembershipRow.id)):
            found[row.org_id].append(row)
        return [found[key] for key in keys]

    async def _users(self, keys: list[str]) -> list[Any]:
        rows = await self.all(select(UserRow).where(UserRow.workos_user_id.in_(keys)))
        found = {row.workos_user_id: row for row in rows}
        return [found.get(key) for key in keys]


def identifier(kind: str, key: UUID) -> strawberry.ID:
    return strawberry.ID(base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("="))


T = TypeVar("T")


@strawberry.type
class Page(Generic[T]):
    nodes: list[T]
    count: strawberry.Private[Select[Any] | None] = None

    @strawberry.field
    async def total_count(self, info: Info[Context, None]) -> int:
        return 0 if self.count is None else (await info.context.all(self.count))[0]


@strawberry.type
class User:
    row: strawberry.Private[UserRow]
    first_name: str | None
    last_name: str | None

    @strawberry.field
    def id(self) -> strawberry.ID:
        return identifier("User", self.row.id)


@strawberry.type
class Membership:
    row: strawberry.Private[MembershipRow]
    joined_at: DateTime

    @strawberry.field
    def id(self) -> strawberry.ID:
        return identifier("Membership", self.row.id)

    @strawberry.field
    def role(self) -> str:
        return self.row.role.upper()

    @strawberry.field
    async def user(self, info: Info[Context, None]) -> User:
        row = await info.context.users.load(self.row.workos_user_id)
        return User(row=row, first_name=row.first_name, last_name=row.last_name)


@strawberry.type
class Organization:
    row: strawberry.Private[OrganizationRow]
    name: str

    @strawberry.field
    def id(self) -> strawberry.ID:
        return identifier("Organization", self.row.id)

    @strawberry.field
    async def memberships(self, info: Info[Context, None], first: int) -> Page[Membership]:
        rows = await info.context.members.load(self.row.id)
        return Page(nodes=[Membership(row=row, joined_at=DateTime(row.joined_at)) for row in rows[:first]])


@strawberry.type
class Event:
    row: strawberry.Private[EventRow]
    name: str
    duration_in_minutes: int
    price_cents: int

    @classmethod
    def of(cls, row: EventRow) -> "Event":
        return cls(row=row, name=row.name, duration_in_minutes=row.duration_in_minutes, price_cents=row.price_cents)

    @strawberry.field
    def id(self) -> strawberry.ID:
        return identifier("Event", self.row.id)

    @strawberry.field
    async def organization(self, info: Info[Context, None]) -> Organization:
        row = await info.context.organizations.load(self.row.org_id)
        return Organization(row=row, name=row.name)


@strawberry.type
class Meeting:
    row: strawberry.Private[MeetingRow]
    start_time: DateTime
    end_time: DateTime
    guest_name: str

    @strawberry.field
    def id(self) -> strawberry.ID:
        return identifier("Meeting", self.row.id)

    @strawberry.field
    async def event(self, info: Info[Context, None]) -> Event:
        return Event.of(await info.context.events.load(self.row.event_id))


@strawberry.type
class Query:
    @strawberry.field
    async def meetings(self, info: Info[Context, None], first: int) -> Page[Meeting]:
        page = select(MeetingRow).order_by(MeetingRow.start_time.desc(), MeetingRow.id.desc()).limit(first)
        nodes = [
            Meeting(
                row=row,
                start_time=DateTime(row.start_time),
                end_time=DateTime(row.end_time),
                guest_name=row.guest_name,
            )
            for row in await info.context.all(page)
        ]
        return Page(nodes=nodes, count=select(func.count()).select_from(MeetingRow))

    @strawberry.field
    async def events(self, info: Info[Context, None], first: int) -> Page[Event]:
        listed = select(EventRow).where(EventRow.archived_at.is_(None))
        page = listed.order_by(EventRow.position, EventRow.id).limit(first)
        nodes = [Event.of(row) for row in await info.context.all(page)]
        return Page(nodes=nodes, count=listed.with_only_columns(func.count()))

    @strawberry.field
    async def memberships(self, info: Info[Context, None], first: int) -> Page[Membership]:
        here = select(MembershipRow).where(MembershipRow.org_id == func.app.current_org_id())
        page = here.order_by(MembershipRow.joined_at, MembershipRow.id).limit(first)
        nodes = [Membership(row=row, joined_at=DateTime(row.joined_at)) for row in await info.context.all(page)]
        return Page(nodes=nodes, count=here.with_only_columns(func.count()))


def app() -> Starlette:
    given = settings.load()
    identity = opened_identity(given)
    url = urlsplit(given.database_url.get_secret_value())._replace(scheme="postgresql+asyncpg")
    engine = create_async_engine(
        urlunsplit(url),
        pool_size=CONNECTIONS,
        max_overflow=0,
        connect_args={"server_settings": {"jit": "off", "timezone": "UTC"}},
    )
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    class Session(SchemaExtension):
        async def on_execute(self) -> AsyncIterator[None]:
            context: Context = self.execution_context.context
            async with sessions() as context.session, context.session.begin():
                await context.session.execute(SCOPE, context.scope)
                await context.session.execute(ENTER)
                yield

    class Endpoint(GraphQL[Context, None]):
        async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: ARG002
            token = request.headers["authorization"].removeprefix("Bearer ")
            principal = await identity.verifier.verify(token)
            return Context(principal.user_id, principal.organization_id)

    schema = strawberry.Schema(Query, extensions=[Session], config=StrawberryConfig(scalar_map=SCALARS))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await engine.dispose()
        await identity.aclose()

    return Starlette(routes=[Route("/graphql", Endpoint(schema, graphql_ide=None))], lifespan=lifespan)


if __name__ == "__main__":
    serve(app())
