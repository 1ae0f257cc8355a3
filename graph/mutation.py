"""How a mutation field runs: its own savepoint, its idempotency key, its audit row, its failures as data."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import strawberry
from sqlalchemy.exc import DBAPIError
from strawberry.types import Info

from db.violations import constraint, sqlstate
from graph import idempotency
from graph.again import is_race
from graph.audit import Action
from graph.context import Context
from graph.errors import ClientError, OrganizationRequired, UnauditedMutation, Unauthenticated, log_fault
from graph.failures import Conflict, Failure, InvalidField, InvalidInput, NotAllowed
from graph.inputs import plain


class RolledBack(ClientError):
    """An earlier field of the same document failed, so this one was not run."""

    code = "ROLLED_BACK"

    def __init__(self) -> None:
        super().__init__("Not run: an earlier field of this document failed, and nothing of it was stored.")


def mutation(
    resolver: Callable[..., Awaitable[Any]],
    *,
    input: Any,
    description: str,
    violations: Mapping[str, Failure] | None = None,
) -> Any:
    """A mutation field around a write resolver `(context, **values) → row | failure`.

    The values are the input's fields in plain Python, ids as uuids; only those the client gave. `violations` says
    which failure the violation of a named constraint is: the database decides the race, the client reads its name.
    """
    action: Action = resolver.action  # type: ignore[attr-defined]

    async def resolve(root: Any, info: Info, input: Any) -> Any:
        context: Context = info.context
        if context.broken:
            raise RolledBack
        try:
            context.require_organization()
            answer = await _run(context, info.field_name, resolver, input, violations or {})
        except BaseException as error:
            context.broken = True
            if context.principal.kind != "guest" and (outcome := _outcome(error)) is not None:
                context.trail.refused(info.field_name, action, outcome)
            raise
        # What an earlier field's answer has loaded may have changed since.
        context.forget()
        return answer

    resolve.__annotations__["input"] = Annotated[
        input, strawberry.argument(description="What to do, and to what: all of it in one object.")
    ]
    return strawberry.field(resolver=resolve, description=description, metadata={"mutation": resolver})


def _outcome(error: BaseException) -> str | None:
    """How a mutation ended, in the trail: denied for who may not, failed for a fault, nothing for a bad value."""
    if isinstance(error, Unauthenticated | OrganizationRequired):
        return "denied"
    return None if isinstance(error, ClientError) else "failed"


async def _run(context: Context, field: str, resolver: Any, input: Any, violations: Mapping[str, Failure]) -> Any:
    wrong: list[InvalidField] = []
    values = plain(input, "input", wrong)
    if wrong:
        return InvalidInput(fields=tuple(wrong))
    key = values.pop("idempotency_key", None)
    claim = None if key is None else idempotency.key_of(field, key, values)
    if isinstance(claim, InvalidInput):
        return claim

    recorded = len(context.trail.entries)
    context.trail.action = resolver.action
    try:
        answer = await _attempt(context, field, resolver, values, claim)
    except DBAPIError as error:
        answer = failure_of(error, violations)
        if answer is None or (isinstance(answer, Conflict) and not context.last):
            raise
        if isinstance(answer, Conflict) and constraint(error):
            log_fault(error, context.request_id)  # twice the same: perhaps no race, but a constraint nobody named
    finally:
        context.trail.action = None
    if isinstance(answer, Failure):
        del context.trail.entries[recorded:]
        if isinstance(answer, NotAllowed):
            context.trail.refused(field, resolver.action, "denied")
    return answer


async def _attempt(
    context: Context, field: str, resolver: Any, values: dict[str, Any], claim: idempotency.Key | None
) -> Any:
    """Run the resolver once per key, where a failure takes back what it did, its key included."""
    recorded = len(context.trail.entries)
    async with context.attempt() as savepoint:
        if claim is not None and (known := await idempotency.claim(context.transaction, claim)) is not None:
            if not isinstance(known, Failure):
                context.extensions["replayed"] = True
            return known
        answer = await resolver(context, **values)
        if isinstance(answer, Failure):
            savepoint.undo()
        elif len(context.trail.entries) == recorded:
            raise UnauditedMutation(field)
        elif claim is not None:
            await idempotency.keep(context.transaction, claim, answer)
        return answer


def failure_of(error: DBAPIError, violations: Mapping[str, Failure]) -> Failure | None:
    """The expected failure behind what Postgres refused; None for a fault."""
    state = sqlstate(error)
    if (named := violations.get(constraint(error) or "")) is not None:
        return named
    if state == "42501":
        return NotAllowed()
    return Conflict() if is_race(error) else None
