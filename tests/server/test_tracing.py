"""A trace tells what an operation did and how long each part took, and nothing that anybody said."""

from __future__ import annotations

import os
from collections.abc import Iterator
from unittest import mock

import pytest
from graphql import GraphQLSchema
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from graph.schema import build
from server import settings
from server.tracing import Tracing
from tests.personas import Database, World
from tests.server.site import CANARY, Site, environment, loaded, served

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build()


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traced(database: Database, schema: GraphQLSchema, exporter: InMemorySpanExporter) -> Iterator[Site]:
    with served(database.api, schema=schema, tracing=Tracing.to(SimpleSpanProcessor(exporter))) as site:
        yield site


async def spans_of(
    site: Site, exporter: InMemorySpanExporter, world: World, query: str, **headers: str
) -> dict[str, ReadableSpan]:
    """The spans of one request, by name."""
    token = site.token(world.acme.people["owner"], world.acme.workos_id)
    async with site.client(headers={"authorization": f"Bearer {token}", **headers}) as client:
        await client.post("/graphql", json={"query": query})
    return {span.name: span for span in exporter.get_finished_spans()}


async def test_a_planned_query_is_a_request_an_operation_a_plan_and_a_statement(
    traced: Site, exporter: InMemorySpanExporter, world: World
) -> None:
    spans = await spans_of(traced, exporter, world, "query Names { events { nodes { name } } }")
    assert set(spans) == {"POST /graphql", "query Names", "plan", "postgresql"}
    request, operation, statement = spans["POST /graphql"], spans["query Names"], spans["postgresql"]
    assert request.attributes is not None
    assert {**request.attributes, "orgraph.request.id": "…"} == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "url.path": "/graphql",
        "http.response.status_code": 200,
        "orgraph.request.id": "…",
    }
    assert operation.attributes is not None
    assert {**operation.attributes, "orgraph.document": "…"} == {
        "graphql.operation.name": "Names",
        "graphql.operation.type": "query",
        "orgraph.document": "…",
        "orgraph.way": "planned",
        "orgraph.outcome": "ok",
        "orgraph.principal": "user",
        "orgraph.cost": 9,
    }
    assert statement.attributes == {"db.system.name": "postgresql", "db.operation.name": "SELECT"}
    assert request.context is not None
    assert operation.context is not None
    assert operation.parent is not None
    assert statement.parent is not None
    assert operation.parent.span_id == request.context.span_id
    assert statement.parent.span_id == operation.context.span_id
    for inner, outer in ((statement, spans["plan"]), (spans["plan"], operation), (operation, request)):
        assert (outer.start_time or 0) <= (inner.start_time or 0) <= (inner.end_time or 0) <= (outer.end_time or 0)


async def test_no_value_is_in_any_span(traced: Site, exporter: InMemorySpanExporter, world: World) -> None:
    for query in (
        f'query Found {{ events(filter: {{ name: {{ eq: "{CANARY}" }} }}) {{ totalCount }} }}',
        f'{{ event(id: "{CANARY}") {{ id }} }}',
        f"{{ {CANARY.replace('-', '_')} }}",
        f'mutation Change {{ updateOrganization(input: {{ name: "{CANARY}" }}) {{ __typename }} }}',
    ):
        await spans_of(traced, exporter, world, query, **{"user-agent": CANARY})
    told = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert "mutation Change" in told
    for said in (CANARY, CANARY.replace("-", "_"), world.acme.people["owner"], "@", "127.0.0.1"):
        assert said not in told


async def test_a_trace_is_continued_for_our_own_proxy_only(
    traced: Site, exporter: InMemorySpanExporter, world: World, database: Database, schema: GraphQLSchema
) -> None:
    query = "{ viewer { id } }"
    [continued] = {
        span.context.trace_id
        for span in (await spans_of(traced, exporter, world, query, traceparent=TRACEPARENT)).values()
        if span.context
    }
    assert f"{continued:032x}" == TRACEPARENT.split("-")[1]
    exporter.clear()
    tracing = Tracing.to(SimpleSpanProcessor(exporter))
    with served(database.api, schema=schema, tracing=tracing, ORGRAPH_TRUSTED_PROXIES="192.0.2.1") as alone:
        spans = await spans_of(alone, exporter, world, query, traceparent=TRACEPARENT)
    assert spans
    assert all(span.context and span.context.trace_id != continued for span in spans.values())


def test_a_server_without_the_extra_says_what_it_needs() -> None:
    url = "http://127.0.0.1:8000"
    environ = environment("postgresql://x@/y", url, "http://127.0.0.1:8001", ORGRAPH_TRACES="true")
    assert loaded(environ).traces
    with (
        mock.patch.object(settings, "find_spec", return_value=None),
        pytest.raises(settings.SettingsError, match=r"orgraph\[otel\]"),
    ):
        loaded(environ)


def test_the_standard_variables_say_where_traces_go() -> None:
    with mock.patch.dict(
        os.environ, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_TRACES_SAMPLER": "always_off"}
    ):
        tracing = Tracing.by_environment()
    assert not tracing.opened("POST", "/graphql", {}).is_recording()
    tracing.close()
