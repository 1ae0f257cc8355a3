"""`interpreted`: orgraph as it is served, but every operation goes through graphql-core, as without plans."""

from __future__ import annotations

from dataclasses import replace

from starlette.applications import Starlette
from starlette.routing import Route

from bench.contenders.serving import serve
from graph.endpoint import Endpoint
from graph.schema import build
from server import settings
from server.app import composed
from server.cors import Cors
from server.logging import configure


def app() -> Starlette:
    """The server's own app. Its endpoint is found and given a graph without plans: no setting takes them away."""
    given = settings.load()
    configure(as_json=given.logs_json)
    served = composed(given, build())
    for route in served.routes:
        if isinstance(route, Route) and isinstance(route.app, Cors) and isinstance(route.app.app, Endpoint):
            endpoint = route.app.app
            route.app.app = replace(endpoint, graph=replace(endpoint.graph, plans=None))
            return served
    raise RuntimeError("the server's app has no graph where this looks for it")


if __name__ == "__main__":
    serve(app())
