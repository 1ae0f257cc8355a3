"""Where somebody lands who signed in or out without saying where to go: at GraphiQL, where there is one."""

from __future__ import annotations

import httpx2
import pytest
from starlette.applications import Starlette

from server.app import composed
from tests.server.site import SCHEMA, Site, environment, loaded


def app(graphiql: str) -> Starlette:
    """The whole app, over a database that nothing here asks."""
    nowhere = environment("postgresql://nobody@127.0.0.1:1/nowhere", "http://127.0.0.1:1", "http://127.0.0.1:2")
    return composed(loaded({**nowhere, "ORGRAPH_GRAPHIQL": graphiql}), SCHEMA)


async def test_the_root_leads_to_graphiql(site: Site) -> None:
    async with site.client(headers={"accept": "text/html"}) as client:
        answer = await client.get("/", follow_redirects=False)
        page = await client.get("/", follow_redirects=True)
    assert (answer.status_code, answer.headers["location"]) == (303, "/graphql")
    assert (page.status_code, page.url.path) == (200, "/graphql")
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("graphiql", "status"), [("true", 303), ("false", 404)])
async def test_the_root_leads_nowhere_where_there_is_no_graphiql(graphiql: str, status: int) -> None:
    transport = httpx2.ASGITransport(app(graphiql))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:1") as client:
        answer = await client.get("/", headers={"accept": "text/html"})
        page = await client.get("/graphql", headers={"accept": "text/html"})
    assert answer.status_code == status
    assert page.headers["content-type"].startswith("text/html") == (status == 303)
