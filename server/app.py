"""The ASGI app: what is at which address, through which layers, and what is open while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import GraphQLSchema
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from auth.cookies import Cookie
from auth.identity import Identity
from auth.routes import routes as auth_routes
from auth.session import cookie_keys
from db.budgets import forget, settle
from db.engine import create_engine
from db.replica import Replica
from graph import sdl
from graph.endpoint import Endpoint
from graph.explorer import page
from graph.freshness import COOKIE_S, Freshness
from graph.limits.budget import kept
from graph.limits.waiting import Places
from graph.operation import Graph
from graph.schema import build
from server import health, settings
from server.cors import Cors
from server.draining import Draining
from server.edge import Edge
from server.faults import HANDLERS, PlainStart
from server.logging import configure
from server.memberships import memberships_of
from server.metrics import Meter
from server.settings import Settings
from server.startup import demand_a_safe_database

if TYPE_CHECKING:
    from server.tracing import Tracing


def create() -> Starlette:
    """The app of the environment's settings; `server.serving` says how it is run. Raises SettingsError."""
    given = settings.load()
    configure(as_json=given.logs_json)
    return composed(given, build())


def composed(given: Settings, schema: GraphQLSchema, tracing: Tracing | None = None) -> Starlette:
    """The app of these settings over this schema. Opens no connection before its lifespan begins."""
    tracing = tracing or (traced() if given.traces else None)
    database_url = given.database_url.get_secret_value()
    passwords = given.database_password_file
    pooled = given.database_pooler == "pgbouncer"
    engine = create_engine(
        database_url, size=given.pool_size, wait_s=given.pool_wait_s, pooled=pooled, password_file=passwords
    )
    replica = replica_of(engine, given)
    identity = opened_identity(given)
    places = Places(running=given.pool_size, waiting=given.waiting, wait_s=given.pool_wait_s)
    budget = given.budget_over(partial(settle, engine))
    graph = Graph.over(
        schema,
        engine,
        development=given.development,
        deadline_s=given.deadline_s,
        limits=given.limits,
        places=places,
        budget=budget,
        replica=replica,
    )
    draining = Draining(given.drains_for_s)
    readiness = health.Readiness(engine, draining)
    pool: Any = engine.pool
    meter = Meter(
        pool=lambda: (pool.checkedout(), pool.size()),
        waiting=lambda: places.waiting,
        unsettled=lambda: 0 if budget is None else budget.unsettled,
        draining=lambda: draining.begun,
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        try:
            await demand_a_safe_database(engine, database_url, readiness, passwords)
            draining.before_the_stop()
            ticking = asyncio.create_task(meter.tick(), name="meter")
            async with kept(budget, partial(forget, engine)):
                yield
            ticking.cancel()
            meter.carry()
        finally:
            if tracing:
                await asyncio.to_thread(tracing.close)
            await identity.aclose()
            if replica is not None:
                await replica.close()
            await engine.dispose()

    cors = Middleware(Cors, allowed=given.allowed_origins, any_loopback=given.development)
    endpoint = Endpoint(graph, identity, given.shows_graphiql, given.batching, freshness_of(given))
    app = Starlette(
        routes=[
            Route("/graphql", endpoint, middleware=[cors]),
            Route(sdl.PATH, sdl.document(graph, identity), methods=["GET"], middleware=[cors]),
            *([Route("/", to_the_explorer), *page.routes()] if given.shows_graphiql else []),
            *auth_routes(identity, memberships_of(engine)),
            *health.routes(readiness),
        ],
        middleware=[
            Middleware(PlainStart),
            Middleware(
                Edge,
                trusted=given.trusted_proxies,
                encrypted=given.url.startswith("https://"),
                draining=draining,
                meter=meter,
                tracing=tracing,
            ),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


def traced() -> Tracing:
    # An extra: nothing of it is imported where it is off.
    from server.tracing import Tracing  # noqa: PLC0415

    return Tracing.by_environment()


async def to_the_explorer(_request: Request) -> Response:
    """Where somebody lands who signed in or out without saying where to go."""
    return RedirectResponse("/graphql", status_code=303)


def replica_of(engine: AsyncEngine, given: Settings) -> Replica | None:
    """Where queries go first. Whoever finds its pool in use goes to the primary, and does not wait."""
    if given.database_replica_url is None:
        return None
    url = given.database_replica_url.get_secret_value()
    passwords = given.database_password_file
    pool = create_engine(url, size=given.pool_size, wait_s=0.05, application="orgraph replica", password_file=passwords)
    return Replica(pool, engine)


def freshness_of(given: Settings) -> Freshness | None:
    if given.database_replica_url is None:
        return None
    cookie = Cookie.named("orgraph_position", max_age_s=COOKIE_S, secure=given.url.startswith("https://"))
    return Freshness(cookie_keys(given.workos_cookie_password.get_secret_value()), cookie)


def opened_identity(given: Settings) -> Identity:
    return Identity.open(
        base_url=given.workos_base_url,
        client_id=given.workos_client_id,
        api_key=given.workos_api_key.get_secret_value(),
        issuers=given.workos_issuer,
        cookie_password=given.workos_cookie_password.get_secret_value(),
        public_url=given.url,
        development=given.development,
    )
