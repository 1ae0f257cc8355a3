"""A plan as people read it: the statement of an operation, or why it has none; and what Postgres makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from graphql import GraphQLError

from auth.principal import Principal
from db.engine import DIALECT, create_engine
from db.scope import Claims, Transaction, operation
from graph.context import Context
from graph.documents import Documents, InvalidDocument, health_data_of, is_mutation
from graph.plan.plan import Asking, Plans, Prepared, Unplanned
from graph.schema import build


class NotShown(Exception):
    """The document is not good; the message says where."""


@dataclass(frozen=True)
class Shown:
    """One operation's statement; or, in words of the schema, why the interpreter answers it."""

    prepared: Prepared | None
    why: str | None = None


def shown(text: str, name: str | None, variables: Mapping[str, Any], claims: Claims) -> Shown:
    """How the operation of a document is answered; no database is asked. Raises NotShown."""
    schema = build()
    documents = Documents(schema, health_data_of(schema), development=True)
    try:
        document = documents.read(text)
        chosen = document.operation(name)
    except InvalidDocument as wrong:
        raise NotShown("\n".join(_told(error) for error in wrong.errors)) from None
    except GraphQLError as wrong:
        raise NotShown(_told(wrong)) from None
    given = documents.variables(chosen, variables)
    if isinstance(given, list):
        raise NotShown("\n".join(_told(error) for error in given))
    if is_mutation(chosen):
        return Shown(None, "a mutation; what it answers of a row is read in one statement")
    principal = Principal("user", claims.user_id, claims.workos_org_id, None)
    # Nothing is sent: a plan asks no database.
    context = Context(principal, cast("Transaction", None), UUID(int=0), datetime.now(UTC))
    try:
        named = chosen.name.value if chosen.name else None
        return Shown(Plans(schema, DIALECT).prepared(Asking(document, named, context, given)))
    except Unplanned as unplanned:
        return Shown(None, str(unplanned))


async def explained(api_url: str, claims: Claims, prepared: Prepared) -> list[str]:
    """What Postgres does for the statement in the scope of `claims`, having done it. Raises NotAMember."""
    engine = create_engine(api_url, size=1, application="orgraph plan")
    try:
        async with operation(engine, claims) as transaction:
            return await transaction.explained(prepared.text, prepared.values)
    finally:
        await engine.dispose()


def _told(error: GraphQLError) -> str:
    at = error.locations[0] if error.locations else None
    return error.message if at is None else f"line {at.line}, column {at.column}: {error.message}"
