"""The life of one operation: document, scope, run, audit, commit, answer. Nothing is answered before COMMIT."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import nullcontext
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
from graph.limits.beside import beside
from graph.limits.budget import Budget, RateLimited, key_of
from graph.limits.introspection import may_introspect
from graph.limits.limits import DEFAULTS, Limits
from graph.limits.paid import Paid, told
from graph.limits.waiting import Places
from graph.plan import Asking, Plans, Unplanned
from graph.plan.answering import Answering
from graph.timing import Timing
from graph.told import is_away, is_for_on_call

Outcome = Literal[
    "ok", "partial", "failed", "syntax", "invalid", "get_mutation", "refused", "unavailable", "rate_limited"
]


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
    shows_cost: bool = False
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
    data: bytes | None = None
    """The JSON of its `data`, where there is any."""
    cost: int | None = None
    """What it cost, in points; None where nothing was run."""
    retry_after_s: int | None = None
    written: int | None = None
    """The position in the log that holds what a mutation has stored, where reads may go to a replica."""


@dataclass(frozen=True)
class Graph:
    """What every operation of a process shares: the schema, its documents, the pool, its limits.

    Without `places` operations wait for a connection as long as the pool lets them; without a `budget` nobody has one.
    """

    schema: GraphQLSchema
    engine: AsyncEngine
    documents: Documents
    plans: Plans | None
    development: bool = False
    deadline_s: float = 5.0
    limits: Limits = DEFAULTS
    places: Places | None = None
    budget: Budget | None = None
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
        limits: Limits = DEFAULTS,
        places: Places | None = None,
        budget: Budget | None = None,
        replica: Replica | None = None,
    ) -> Graph:
        """A graph over one engine, which logs in as `orgraph_api`. Without `plans` everything is interpreted."""
        documents = Documents(schema, health_data_of(schema), development, limits)
        planned = Plans(schema, engine.dialect) if plans else None
        return cls(schema, engine, documents, planned, development, deadline_s, limits, places, budget, replica)


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
        if graph.budget is not None:
            graph.budget.demand(key_of(principal, asked.ip))
        document = await _document(graph, principal, asked)
        return await _chosen(graph, principal, asked, document)
    except RateLimited as error:
        return _rate_limited(error, asked)
    except InvalidDocument as error:
        return _refused(error.errors, asked, "syntax" if error.syntax else "invalid")
    except GraphQLError as error:
        return _refused([error], asked, "invalid")


async def _chosen(graph: Graph, principal: Principal, asked: Asked, document: Document) -> Answered:
    """Run the operation that the request names. Raises GraphQLError where it names none, RateLimited."""
    chosen = document.operation(asked.operation_name)
    happened = asked.happened
    happened.kind = "mutation" if is_mutation(chosen) else "query"
    happened.document = happened.document or document.fingerprint
    if is_mutation(chosen) and not asked.may_mutate:
        body = plain("METHOD_NOT_ALLOWED", "Mutations need POST.", asked.request_id)
        return Answered(orjson.dumps(body), "get_mutation", "METHOD_NOT_ALLOWED")
    variables = graph.documents.variables(chosen, asked.variables)
    asked.timing.ends("parse")
    if isinstance(variables, list):
        return _refused(variables, asked, "invalid")
    return await _paid(graph, principal, asked, _Operation(document, chosen, variables))


async def _document(graph: Graph, principal: Principal, asked: Asked) -> Document:
    """The document, if this caller may ask it. Raises InvalidDocument."""
    try:
        document = await graph.documents.read_in_turn(asked.query)
    except InvalidDocument as error:
        if error.introspects:
            await _demand_introspection(graph, principal, asked)
        raise
    if document.introspects:
        await _demand_introspection(graph, principal, asked)
    return document


async def _demand_introspection(graph: Graph, principal: Principal, asked: Asked) -> None:
    """Raises InvalidDocument: one text, whoever asks, whatever is asked, good or not, and if nobody can tell."""
    claims = _claims(principal, asked, None)
    ends_at = asyncio.get_running_loop().time() + graph.deadline_s
    try:
        async with asyncio.timeout_at(ends_at):
            if await may_introspect(graph.engine, graph.limits.introspection, claims):
                return
    except NotAMember:
        await _remember(graph, claims, [_STRANGER], asked, ends_at + GRACE_S)
    except Exception as error:  # noqa: BLE001 - the last place that can mask it
        log_fault(error, asked.request_id)
    sentence = "The schema is not shown here: it takes the permission organization:manage."
    raise InvalidDocument([GraphQLError(sentence, extensions={"code": "INTROSPECTION_DISABLED"})])


async def _paid(graph: Graph, principal: Principal, asked: Asked, chosen: _Operation) -> Answered:
    """Run an operation that is not too expensive, and for which the caller's budget suffices. Raises RateLimited."""
    cost = chosen.document.costs[chosen.name or ""]
    estimate = cost.estimate(chosen.variables.coerced)
    if estimate > graph.limits.cost:
        sentence = f"The operation asks for too much: {estimate} points of cost, where {graph.limits.cost} are allowed."
        return _refused([GraphQLError(sentence, extensions={"code": "TOO_EXPENSIVE"})], asked, "invalid")
    spending = None if graph.budget is None else graph.budget.spend(key_of(principal, asked.ip), estimate)
    answer = await _scoped(graph, principal, asked, chosen, Paid(estimate, spending))
    # Whoever lets an operation run out of time has had all of it.
    actual = estimate if answer.code == "TIMEOUT" else cost.actual(answer.data, estimate)
    asked.happened.cost = actual
    if spending is not None:
        spending.refund(actual)
    body = answer.body
    if asked.shows_cost and answer.data is not None:
        body = told(body, answer.data, Paid(estimate, spending), actual)
    # Spelled out: dataclasses.replace() takes as long as all of the above.
    return Answered(
        body,
        answer.outcome,
        answer.code,
        answer.way,
        answer.health_data,
        answer.data,
        actual,
        written=answer.written,
    )


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


async def _scoped(graph: Graph, principal: Principal, asked: Asked, chosen: _Operation, paid: Paid) -> Answered:
    """Run an operation in the scope of its caller, and remember what was refused."""
    writes = chosen.mode == "write"
    ends_at = asyncio.get_running_loop().time() + graph.deadline_s
    answer_by = ends_at + GRACE_S
    claims = _claims(principal, asked, chosen.name)
    running = _Running(claims, ends_at, partial(Context, principal, paid=paid, alone=chosen.alone))
    try:
        async with asyncio.timeout_at(ends_at), graph.places or _NO_PLACES:
            answer = await _run(graph, asked, chosen, running)
    except _Undo as undone:
        answer = _rolled_back(undone.result, asked, graph.limits.errors)
    except NotAMember as error:
        await _remember(graph, claims, [_STRANGER], asked, answer_by)
        return _unavailable(error, asked, "refused")
    except asyncio.CancelledError:
        # The client has left. What it was refused is remembered all the same.
        if running.context is not None:
            refusals = running.context.trail.undone() if writes else running.context.trail.refusals
            await _remember(graph, claims, refusals, asked, answer_by)
        raise
    except Exception as error:  # noqa: BLE001 - the last place that can mask it
        answer = _unavailable(error, asked, "unavailable")
    if running.context is not None:
        # A COMMIT whose answer was lost may have been stored: the client asks again with its key.
        lost = writes and answer.outcome != "ok" and answer.code != "COMMIT_UNKNOWN"
        refusals = running.context.trail.undone() if lost else running.context.trail.refusals
        await _remember(graph, claims, refusals, asked, answer_by)
    if writes and graph.replica is not None and (answer.outcome == "ok" or answer.code == "COMMIT_UNKNOWN"):
        return replace(answer, written=await graph.replica.position() if answer.outcome == "ok" else END)
    return answer


@dataclass
class _Running:
    """An operation on its way: for whom, until when, and the context of the run that counts, once it has begun."""

    claims: Claims
    ends_at: float
    context_of: Callable[..., Context]
    context: Context | None = None


async def _run(graph: Graph, asked: Asked, chosen: _Operation, running: _Running) -> Answered:
    """Run it, and once more where that may help."""
    for one in runs(graph.engine, graph.replica, chosen.mode, asked.written, graph.deadline_s):
        running.context = None
        within = asyncio.timeout(one.within_s)
        # Who has waited for a place has so much less of Postgres.
        timeout_ms = max(1, int((running.ends_at - asyncio.get_running_loop().time()) * 1000))
        scope = operation(one.engine, running.claims, mode=chosen.mode, timeout_ms=timeout_ms, replayed=one.replayed)
        try:
            async with within, scope as transaction:
                asked.timing.ends("scope")
                transaction.told = asked.happened.statement if asked.happened.parts is not None else None
                context = running.context_of(transaction, asked.request_id, datetime.now(UTC), last=one.last)
                running.context = context
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


_NO_PLACES: nullcontext[None] = nullcontext()
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
            if (apart := beside(chosen.document, chosen.name)) is None:
                data = await graph.plans.data(asking)
            else:
                rest = Asking(apart.document, chosen.name, context, chosen.variables)
                data = apart.joined(await graph.plans.data(rest), context)
    except Unplanned as why:
        return await _interpreted(graph, chosen, context, asked, str(why))
    return Answered(
        b'{"data":' + data + b"}", "ok", way="planned", data=data, health_data=chosen.document.reads_health_data
    )


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
        body["errors"] = [masked(error, asked.request_id) for error in first(result.errors, graph.limits.errors)]
    data = orjson.dumps(result.data)
    body["data"] = orjson.Fragment(data)
    if context.extensions:
        body["extensions"] = context.extensions
    outcome: Outcome = "partial" if result.errors else "ok"
    way, reads_health_data = f"interpreted; {why}", chosen.document.reads_health_data
    return Answered(orjson.dumps(body), outcome, way=way, data=data, health_data=reads_health_data)


def _rolled_back(result: ExecutionResult, asked: Asked, most_errors: int) -> Answered:
    formatted = [masked(error, asked.request_id) for error in result.errors or ()]
    caused = [error for error in formatted if error["extensions"]["code"] != "ROLLED_BACK"]
    for error in caused:
        error["extensions"]["rolledBack"] = True
    body = {"errors": caused[:most_errors], "data": None, "extensions": {"rolledBack": True}}
    return Answered(orjson.dumps(body), "failed")


def _refused(errors: list[GraphQLError], asked: Asked, outcome: Outcome) -> Answered:
    formatted = [masked(error, asked.request_id) for error in errors]
    return Answered(orjson.dumps({"errors": formatted}), outcome, formatted[0]["extensions"]["code"])


def _rate_limited(error: RateLimited, asked: Asked) -> Answered:
    sentence = f"The budget is spent. Try again in {error.retry_after_s} s."
    body = orjson.dumps(plain("RATE_LIMITED", sentence, asked.request_id))
    return Answered(body, "rate_limited", "RATE_LIMITED", retry_after_s=error.retry_after_s)


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
