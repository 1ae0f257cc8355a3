"""The life of one operation: document, scope, run, audit, commit, answer. Nothing is answered before COMMIT."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import orjson
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.principal import Principal
from db.scope import Claims, Mode, NotAMember, operation, record_denial
from graph.context import Context
from graph.documents import Document, Documents, InvalidDocument, health_data_of, is_mutation
from graph.errors import described, first, log_fault, masked, plain

Outcome = Literal["ok", "partial", "failed", "syntax", "invalid", "get_mutation", "refused", "unavailable"]


@dataclass(frozen=True)
class Asked:
    """What a client asks: one operation of one document, with variables, and what is known of the request."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    request_id: UUID = field(default_factory=uuid4)
    ip: str | None = None
    user_agent: str | None = None
    may_mutate: bool = True


@dataclass(frozen=True)
class Answered:
    """The answer's JSON, and which kind of answer it is: the transport picks the status."""

    body: bytes
    outcome: Outcome
    code: str | None = None


@dataclass(frozen=True)
class Graph:
    """What every operation of a process shares: the schema, its documents, the pool, the clock's limit."""

    schema: GraphQLSchema
    engine: AsyncEngine
    documents: Documents
    development: bool = False
    deadline_s: float = 5.0

    @classmethod
    def over(
        cls, schema: GraphQLSchema, engine: AsyncEngine, *, development: bool = False, deadline_s: float = 5.0
    ) -> Graph:
        """A graph over one engine, which logs in as `orgraph_api`."""
        documents = Documents(schema, health_data_of(schema), development)
        return cls(schema, engine, documents, development, deadline_s)


class _Undo(Exception):
    def __init__(self, result: ExecutionResult) -> None:
        super().__init__()
        self.result = result


async def run(graph: Graph, principal: Principal, asked: Asked) -> Answered:
    """Run one operation for one caller. Never raises for what a client or the database can cause."""
    try:
        document = graph.documents.read(asked.query)
        chosen = document.operation(asked.operation_name)
    except InvalidDocument as error:
        return _refused(error.errors, asked, "syntax" if error.syntax else "invalid")
    except GraphQLError as error:
        return _refused([error], asked, "invalid")
    writes = is_mutation(chosen)
    if writes and not asked.may_mutate:
        body = plain("METHOD_NOT_ALLOWED", "Mutations need POST.", asked.request_id)
        return Answered(orjson.dumps(body), "get_mutation", "METHOD_NOT_ALLOWED")
    if wrong := graph.documents.variables(chosen, asked.variables):
        return _refused(wrong, asked, "invalid")

    mode: Mode = "write" if writes else "audited read" if document.reads_health_data else "read"
    name = chosen.name.value if chosen.name else None
    return await _scoped(graph, principal, asked, document=document, name=name, mode=mode)


async def _scoped(
    graph: Graph, principal: Principal, asked: Asked, *, document: Document, name: str | None, mode: Mode
) -> Answered:
    """Run a document that is known to be good in the scope of its caller, and remember what was refused."""
    writes = mode == "write"
    claims = _claims(principal, asked, name)
    context: Context | None = None
    try:
        async with asyncio.timeout(graph.deadline_s):
            timeout_ms = int(graph.deadline_s * 1000)
            async with operation(graph.engine, claims, mode=mode, timeout_ms=timeout_ms) as transaction:
                context = Context(principal, transaction, asked.request_id, datetime.now(UTC))
                result = await _executed(graph, document.ast, context, asked, name)
                _stop_at_errors(result, writes)
                await context.trail.write(transaction)
                answer = _answer(result, context, asked)
    except _Undo as undone:
        answer = _rolled_back(undone.result, asked)
    except NotAMember as error:
        await _remember(graph, claims, [_STRANGER], asked)
        return _unavailable(error, asked, "refused")
    except asyncio.CancelledError:
        # The client has left. What it was refused is remembered all the same.
        if context is not None:
            remembering = _remember(graph, claims, context.trail.undone() if writes else context.trail.refusals, asked)
            await asyncio.shield(asyncio.create_task(remembering))
        raise
    except Exception as error:  # noqa: BLE001 - the last place that can mask it
        answer = _unavailable(error, asked, "unavailable")
    if context is not None:
        # A COMMIT whose answer was lost may have been stored: the client asks again with its key.
        lost = writes and answer.outcome != "ok" and answer.code != "COMMIT_UNKNOWN"
        await _remember(graph, claims, context.trail.undone() if lost else context.trail.refusals, asked)
    return answer


_STRANGER = {"action": "UNAUTHORIZED_ACCESS_ATTEMPT", "resource_type": "security", "outcome": "denied"}


def _claims(principal: Principal, asked: Asked, operation_name: str | None) -> Claims:
    return Claims(
        user_id=principal.user_id,
        workos_org_id=principal.organization_id,
        impersonator_id=principal.impersonator_id,
        request_id=asked.request_id,
        operation_name=operation_name,
        ip=asked.ip,
        user_agent=asked.user_agent,
    )


async def _executed(graph: Graph, ast: Any, context: Context, asked: Asked, name: str | None) -> ExecutionResult:
    result = execute(
        graph.schema,
        ast,
        context_value=context,
        variable_values=dict(asked.variables),
        operation_name=name,
        hide_suggestions=not graph.development,
    )
    return result if isinstance(result, ExecutionResult) else await result


def _stop_at_errors(result: ExecutionResult, writes: bool) -> None:
    """A mutation with any error is undone; a query whose statement failed has lost its transaction, and says why."""
    if writes and result.errors:
        raise _Undo(result)
    for error in result.errors or ():
        if isinstance(error.original_error, DBAPIError):
            raise error.original_error


def _answer(result: ExecutionResult, context: Context, asked: Asked) -> Answered:
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [masked(error, asked.request_id) for error in first(result.errors)]
    body["data"] = result.data
    if context.extensions:
        body["extensions"] = context.extensions
    return Answered(orjson.dumps(body), "partial" if result.errors else "ok")


def _rolled_back(result: ExecutionResult, asked: Asked) -> Answered:
    formatted = [masked(error, asked.request_id) for error in result.errors or ()]
    caused = [error for error in formatted if error["extensions"]["code"] != "ROLLED_BACK"]
    for error in caused:
        error["extensions"]["rolledBack"] = True
    body = {"errors": caused[:5], "data": None, "extensions": {"rolledBack": True}}
    return Answered(orjson.dumps(body), "failed")


def _refused(errors: list[GraphQLError], asked: Asked, outcome: Outcome) -> Answered:
    return Answered(orjson.dumps({"errors": [masked(error, asked.request_id) for error in errors]}), outcome)


def _unavailable(error: Exception, asked: Asked, outcome: Outcome) -> Answered:
    known = described(error)
    if known is None:
        log_fault(error, asked.request_id)
    code, message = known or ("INTERNAL", "Something went wrong on our side. Quote the request id when you report it.")
    return Answered(orjson.dumps(plain(code, message, asked.request_id)), outcome, code)


async def _remember(graph: Graph, claims: Claims, refusals: list[dict[str, Any]], asked: Asked) -> None:
    """Write what was refused, after the operation's own transaction. A trail that cannot be written is on call's."""
    if not refusals:
        return
    try:
        await record_denial(graph.engine, claims, refusals)
    except Exception as error:  # noqa: BLE001 - the operation is over and answered as it is; the gap must be seen
        log_fault(error, asked.request_id)
