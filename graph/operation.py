"""The life of one operation: document, scope, run, audit, commit, answer. Nothing is answered before COMMIT."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal
from uuid import UUID, uuid4

import orjson
from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    default_field_resolver,
    default_type_resolver,
)
from graphql.execution.values import VariableValues
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.principal import Principal
from db.replica import END, Replica
from db.scope import Claims, Mode, NotAMember, operation, record_denial
from graph.again import runs
from graph.context import Context
from graph.documents import Document, Documents, InvalidDocument, health_data_of, is_mutation
from graph.errors import described, first, log_fault, masked, plain
from graph.happened import Happened
from graph.plan import Asking, Plans, Unplanned
from graph.plan.answering import Answering
from graph.timing import Timing
from graph.told import is_away, is_for_on_call

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
    timing: Timing = field(default_factory=Timing)
    written: int | None = None
    """The position in the log that the client has seen already: see `graph/freshness.py`."""
    happened: Happened = field(default_factory=Happened)


@dataclass(frozen=True)
class Answered:
    """The answer's JSON, and which kind of answer it is: the transport picks the status."""

    body: bytes
    outcome: Outcome
    code: str | None = None
    way: str | None = None
    """How it was found: `planned`, or `interpreted` and why; None where nothing was run."""
    health_data: bool = False
    """It may hold some, so that nobody keeps it."""
    written: int | None = None
    """The position in the log that holds what a mutation has stored, where reads may go to a replica."""


@dataclass(frozen=True)
class Graph:
    """What every operation of a process shares: the schema, its documents, the pool, the clock's limit."""

    schema: GraphQLSchema
    engine: AsyncEngine
    documents: Documents
    plans: Plans | None
    development: bool = False
    deadline_s: float = 5.0
    replica: Replica | None = None

    @classmethod
    def over(
        cls,
        schema: GraphQLSchema,
        engine: AsyncEngine,
        *,
        development: bool = False,
        deadline_s: float = 5.0,
        plans: bool = True,
        replica: Replica | None = None,
    ) -> Graph:
        """A graph over one engine, which logs in as `orgraph_api`. Without `plans` everything is interpreted."""
        documents = Documents(schema, health_data_of(schema), development)
        planned = Plans(schema, engine.dialect) if plans else None
        return cls(schema, engine, documents, planned, development, deadline_s, replica)


class _Undo(Exception):
    def __init__(self, result: ExecutionResult) -> None:
        super().__init__()
        self.result = result


async def run(graph: Graph, principal: Principal, asked: Asked) -> Answered:
    """Run one operation for one caller. Never raises for what a client or the database can cause."""
    with asked.happened.timed("operation"):
        answered = await _read(graph, principal, asked)
    asked.happened.ended(answered.outcome, answered.code, answered.way)
    return answered


async def _read(graph: Graph, principal: Principal, asked: Asked) -> Answered:
    try:
        document = graph.documents.read(asked.query)
        chosen = document.operation(asked.operation_name)
    except InvalidDocument as error:
        return _refused(error.errors, asked, "syntax" if error.syntax else "invalid")
    except GraphQLError as error:
        return _refused([error], asked, "invalid")
    writes = is_mutation(chosen)
    happened = asked.happened
    happened.kind = "mutation" if writes else "query"
    happened.document = happened.document or document.fingerprint
    if writes and not asked.may_mutate:
        body = plain("METHOD_NOT_ALLOWED", "Mutations need POST.", asked.request_id)
        return Answered(orjson.dumps(body), "get_mutation", "METHOD_NOT_ALLOWED")
    variables = graph.documents.variables(chosen, asked.variables)
    asked.timing.ends("parse")
    if isinstance(variables, list):
        return _refused(variables, asked, "invalid")
    return await _scoped(graph, principal, asked, _Operation(document, chosen, variables))


@dataclass(frozen=True)
class _Operation:
    """An operation that is known to be good."""

    document: Document
    node: OperationDefinitionNode
    variables: VariableValues

    @property
    def name(self) -> str | None:
        return self.node.name.value if self.node.name else None

    @property
    def alone(self) -> bool:
        """It has one root field, so that nothing else of it can succeed when that fails."""
        selections = self.node.selection_set.selections
        return len(selections) == 1 and isinstance(selections[0], FieldNode)

    @property
    def mode(self) -> Mode:
        if is_mutation(self.node):
            return "write"
        return "audited read" if self.document.reads_health_data else "read"


async def _scoped(graph: Graph, principal: Principal, asked: Asked, chosen: _Operation) -> Answered:
    """Run an operation in the scope of its caller, and remember what was refused."""
    mode = chosen.mode
    writes = mode == "write"
    answer_by = asyncio.get_running_loop().time() + graph.deadline_s + GRACE_S
    claims = _claims(principal, asked, chosen.name)
    contexts: list[Context] = []
    try:
        async with asyncio.timeout(graph.deadline_s):
            answer = await _run(graph, claims, asked, chosen, principal=principal, contexts=contexts)
    except _Undo as undone:
        answer = _rolled_back(undone.result, asked)
    except NotAMember as error:
        await _remember(graph, claims, [_STRANGER], asked, answer_by)
        return _unavailable(error, asked, "refused")
    except asyncio.CancelledError:
        # The client has left. What it was refused is remembered all the same.
        for context in contexts:
            refusals = context.trail.undone() if writes else context.trail.refusals
            await _remember(graph, claims, refusals, asked, answer_by)
        raise
    except Exception as error:  # noqa: BLE001 - the last place that can mask it
        answer = _unavailable(error, asked, "unavailable")
    for context in contexts:
        # A COMMIT whose answer was lost may have been stored: the client asks again with its key.
        lost = writes and answer.outcome != "ok" and answer.code != "COMMIT_UNKNOWN"
        refusals = context.trail.undone() if lost else context.trail.refusals
        await _remember(graph, claims, refusals, asked, answer_by)
    if writes and graph.replica is not None and (answer.outcome == "ok" or answer.code == "COMMIT_UNKNOWN"):
        return replace(answer, written=await graph.replica.position() if answer.outcome == "ok" else END)
    return answer


async def _run(
    graph: Graph, claims: Claims, asked: Asked, chosen: _Operation, *, principal: Principal, contexts: list[Context]
) -> Answered:
    """Run it, and once more where that may help; `contexts` holds the one of the run that counts, once it has begun."""
    timeout_ms = int(graph.deadline_s * 1000)
    for one in runs(graph.engine, graph.replica, chosen.mode, asked.written, graph.deadline_s):
        contexts.clear()
        within = asyncio.timeout(one.within_s)
        scope = operation(one.engine, claims, mode=chosen.mode, timeout_ms=timeout_ms, replayed=one.replayed)
        try:
            async with within, scope as transaction:
                asked.timing.ends("scope")
                transaction.told = asked.happened.statement if asked.happened.parts is not None else None
                now = datetime.now(UTC)
                context = Context(principal, transaction, asked.request_id, now, alone=chosen.alone, last=one.last)
                contexts.append(context)
                answer = await _answer(graph, chosen, context, asked)
                part = "plan" if answer.way == "planned" else "resolve"
                asked.timing.ends(part, database_s=transaction.waited_s)
                await context.trail.write(transaction)
                asked.happened.statements = transaction.statements
            asked.timing.ends("database")
        except Exception as error:
            if not one.is_followed(error, error.result if isinstance(error, _Undo) else None):
                raise
        else:
            return answer
    raise AssertionError("the last run is followed by none")


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


async def _answer(graph: Graph, chosen: _Operation, context: Context, asked: Asked) -> Answered:
    """The answer, in one statement where the operation has a plan, else from the interpreter."""
    asking = Asking(chosen.document, chosen.name, context, chosen.variables)
    if graph.plans is None:
        return await _interpreted(graph, chosen, context, asked, "plans are off")
    if chosen.mode == "write":
        context.answer_row = partial(graph.plans.row, asking)
        return await _interpreted(graph, chosen, context, asked, "mutation")
    try:
        with asked.happened.timed("plan"):
            data = await graph.plans.data(asking)
    except Unplanned as why:
        return await _interpreted(graph, chosen, context, asked, str(why))
    return Answered(b'{"data":' + data + b"}", "ok", way="planned", health_data=chosen.document.reads_health_data)


async def _interpreted(graph: Graph, chosen: _Operation, context: Context, asked: Asked, why: str) -> Answered:
    fragments = chosen.document.fragments
    # What execute() would build, from what is known already: the document is validated, its variables are coerced.
    executor = Answering(
        graph.schema,
        {name: fragment.definition for name, fragment in fragments.items()},
        fragments,
        root_value=None,
        context_value=context,
        operation=chosen.node,
        variable_values=chosen.variables,
        field_resolver=default_field_resolver,
        type_resolver=default_type_resolver,
        subscribe_field_resolver=default_field_resolver,
        hide_suggestions=not graph.development,
    )
    running: Any = executor.execute_operation()
    result: ExecutionResult = running if isinstance(running, ExecutionResult) else await running
    if chosen.mode == "write" and result.errors:
        if (
            away := next((one.original_error for one in result.errors if is_away(one.original_error)), None)
        ) is not None:
            raise away
        raise _Undo(result)
    for error in result.errors or ():
        # A query whose statement failed has lost its transaction, and says why.
        cause = error.original_error
        if cause is not None and (isinstance(cause, DBAPIError) or is_away(cause)):
            raise cause
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [masked(error, asked.request_id) for error in first(result.errors)]
    body["data"] = result.data
    if context.extensions:
        body["extensions"] = context.extensions
    outcome: Outcome = "partial" if result.errors else "ok"
    way, reads_health_data = f"interpreted; {why}", chosen.document.reads_health_data
    return Answered(orjson.dumps(body), outcome, way=way, health_data=reads_health_data)


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
    if known is None or is_for_on_call(error):
        log_fault(error, asked.request_id)
    code, message = known or ("INTERNAL", "Something went wrong on our side. Quote the request id when you report it.")
    return Answered(orjson.dumps(plain(code, message, asked.request_id)), outcome, code)


# Seconds after the deadline at which an answer leaves, though what was refused is still on its way to the trail.
GRACE_S = 0.9
_writing: set[asyncio.Task[None]] = set()


async def _remember(
    graph: Graph, claims: Claims, refusals: list[dict[str, Any]], asked: Asked, answer_by: float
) -> None:
    """Write what was refused, after the operation's own transaction; to its end, though nobody waits for it."""
    if not refusals:
        return
    asked.happened.denials += sum(entry["outcome"] == "denied" for entry in refusals)
    writing = asyncio.create_task(_record(graph, claims, refusals, asked))
    _writing.add(writing)
    writing.add_done_callback(_writing.discard)
    try:
        async with asyncio.timeout_at(answer_by):
            await asyncio.shield(writing)
    except TimeoutError:
        return
    except asyncio.CancelledError:
        await writing
        raise


async def _record(graph: Graph, claims: Claims, refusals: list[dict[str, Any]], asked: Asked) -> None:
    """A trail that cannot be written is on call's."""
    try:
        await record_denial(graph.engine, claims, refusals)
    except Exception as error:  # noqa: BLE001 - the operation is over and answered as it is; the gap must be seen
        asked.happened.gaps += 1
        log_fault(error, asked.request_id)
    except asyncio.CancelledError as error:  # the process ends
        log_fault(error, asked.request_id)
        raise
