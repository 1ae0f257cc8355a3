"""`GET /schema.graphql`: the API as a document, for code generators; to whoever may introspect, and to nobody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Final, TypeAlias

import orjson
from starlette.requests import Request
from starlette.responses import Response

from auth.answers import refusal as not_authenticated
from auth.authenticate import authenticate
from auth.errors import AuthError
from auth.identity import Identity
from graph.compression import compress
from graph.keeping import may_be_kept
from graph.operation import Answered, Asked, Graph, run
from graph.refusals import Refused, of_code, refusal
from graph.schema import sdl

PATH: Final = "/schema.graphql"
MEDIA_TYPE: Final = "application/graphql; charset=utf-8"
# The same question that a tool would ask: so there is one rule of who may, and it is the operation's.
_QUESTION: Final = "query SchemaDocument { __schema { queryType { name } } }"

Answer: TypeAlias = Callable[[Request], Awaitable[Response]]


def document(graph: Graph, identity: Identity) -> Answer:
    """The endpoint over this graph."""

    async def answer(request: Request) -> Response:
        try:
            authenticated = await authenticate(request, identity)
        except AuthError as error:
            return not_authenticated(error, request)
        asked = Asked(
            _QUESTION,
            request_id=request.state.request_id,
            ip=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent"),
            may_mutate=False,
        )
        answered = await run(graph, authenticated.principal, asked)
        if answered.outcome == "ok":
            response = may_be_kept(Response(_text(), media_type=MEDIA_TYPE), request)
        else:
            response = refusal(_refused(answered), asked.request_id)
        response.headers["vary"] = "Accept-Encoding, Authorization, Cookie"
        for line in authenticated.set_cookie:
            response.headers.append("set-cookie", line)
        await compress(response, request.headers.get("accept-encoding"))
        return response

    return answer


def _refused(answered: Answered) -> Refused:
    """403 where introspection is refused; what stopped the operation as a whole has the status that it always has."""
    error = orjson.loads(answered.body)["errors"][0]
    code, message = error["extensions"]["code"], error["message"]
    return Refused(403, code, message) if answered.outcome == "invalid" else of_code(code, message)


_text = cache(sdl)
