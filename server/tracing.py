"""OpenTelemetry traces: a request, its operation, how it was answered, its statements; names and times, no values.

Imported only where ORGRAPH_TRACES is on; needs the extra `orgraph[otel]`. Where traces go, and how many, the standard
OTEL_… variables say. Names of attributes are those of the semantic conventions for HTTP, GraphQL and databases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from graph.happened import Happened

_FAULTS = 500
_CONTEXT = TraceContextTextMapPropagator()


@dataclass(frozen=True)
class Tracing:
    """Where spans begin; `end` sends what has not left yet."""

    provider: TracerProvider
    tracer: Tracer

    @classmethod
    def to(cls, processor: SpanProcessor) -> Tracing:
        provider = TracerProvider(resource=Resource.create({"service.name": "orgraph"}), shutdown_on_exit=False)
        provider.add_span_processor(processor)
        return cls(provider, provider.get_tracer("orgraph"))

    @classmethod
    def by_environment(cls) -> Tracing:
        """To the collector that OTEL_EXPORTER_OTLP_ENDPOINT names."""
        # Late: tests send elsewhere, and this brings an HTTP client of its own.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

        return cls.to(BatchSpanProcessor(OTLPSpanExporter()))

    def opened(self, method: str, path: str, carrier: Mapping[str, str]) -> Span:
        """The span of a request. `carrier`: the headers of a proxy of ours; a stranger's would choose our sampling."""
        return self.tracer.start_span(
            f"{method} {path}",
            context=_CONTEXT.extract(carrier),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "http.route": path, "url.path": path},
        )

    def end(self, span: Span, status: int, request_id: str, happened: Happened) -> None:
        """The request is answered: tell its operation, whose parts were timed on the way."""
        span.set_attribute("http.response.status_code", status)
        span.set_attribute("orgraph.request.id", request_id)
        if status >= _FAULTS:
            span.set_status(Status(StatusCode.ERROR, happened.code))
            span.set_attribute("error.type", happened.code or str(status))
        within = set_span_in_context(span)
        for part in happened.parts or ():
            about, kind, attributes = _told(part.name, happened)
            child = self.tracer.start_span(
                about, context=within, kind=kind, start_time=part.began_ns, attributes={**attributes, **part.attributes}
            )
            child.end(part.ended_ns)
            if part.name == "operation":
                within = set_span_in_context(child)
        span.end()

    def close(self) -> None:
        self.provider.shutdown()


def _told(name: str, happened: Happened) -> tuple[str, SpanKind, dict[str, Any]]:
    if name == "statement":
        return "postgresql", SpanKind.CLIENT, {"db.system.name": "postgresql"}
    if name != "operation":
        return name, SpanKind.INTERNAL, {}
    told = {
        "graphql.operation.name": happened.operation,
        "graphql.operation.type": happened.kind,
        "orgraph.document": happened.document,
        "orgraph.way": happened.way,
        "orgraph.outcome": happened.outcome,
        "orgraph.principal": happened.principal,
        "orgraph.cost": happened.cost,
        "error.type": happened.code,
    }
    words = [word for word in (happened.kind, happened.operation) if word]
    return " ".join(words) or "operation", SpanKind.INTERNAL, {key: said for key, said in told.items() if said}
