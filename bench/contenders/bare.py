"""`bare`: orgraph's plans without its endpoint. What calling an operation by id can reach at most.

A document is read when the process starts, so that a request costs neither parsing nor validation: it is verified, its
plan is run in its caller's scope, and the bytes go out as they come.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import orjson
from graphql.execution.values import VariableValues
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.contenders.serving import CONNECTIONS, serve
from bench.queries import READS
from db.engine import create_engine
from db.scope import Claims, operation
from graph.context import Context
from graph.documents import Document
from graph.operation import Graph
from graph.plan import Asking
from graph.schema import build
from server import settings
from server.app import opened_identity


def app() -> Starlette:
    """Answers the reading documents of bench/queries and nothing else."""
    given = settings.load()
    identity = opened_identity(given)
    engine = create_engine(given.database_url.get_secret_value(), size=CONNECTIONS, wait_s=given.pool_wait_s)
    graph = Graph.over(build(), engine)
    if graph.plans is None:
        raise RuntimeError("this graph has no plans to run")
    plans = graph.plans
    documents = {text: graph.documents.read(text) for text in (query.text("orgraph") for query in READS)}
    variables = {text: _no_variables(graph, document) for text, document in documents.items()}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await engine.dispose()
        await identity.aclose()

    async def answer(request: Request) -> Response:
        text = orjson.loads(await request.body())["query"]
        principal = await identity.verifier.verify(request.headers["authorization"].removeprefix("Bearer "))
        request_id = uuid4()
        claims = Claims(
            user_id=principal.user_id,
            workos_org_id=principal.organization_id,
            request_id=request_id,
            ip=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent"),
        )
        async with operation(engine, claims) as transaction:
            context = Context(principal, transaction, request_id, datetime.now(UTC))
            data = await plans.data(Asking(documents[text], None, context, variables[text]))
        return Response(b'{"data":' + data + b"}", media_type="application/json")

    return Starlette(routes=[Route("/graphql", answer, methods=["POST"])], lifespan=lifespan)


def _no_variables(graph: Graph, document: Document) -> VariableValues:
    found = graph.documents.variables(document.operation(None), {})
    if isinstance(found, list):
        raise TypeError("a document of the benchmark takes variables")
    return found


if __name__ == "__main__":
    serve(app())
