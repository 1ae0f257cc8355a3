"""`rateLimit` beside a plan: the process knows it, so the statement answers the rest, and it is put in its place.

Where it is the first or the last field of the operation. Elsewhere, or in a fragment, the interpreter answers all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import orjson
from graphql import DocumentNode, FieldNode, OperationDefinitionNode, SelectionNode, SelectionSetNode

from graph.context import Context
from graph.documents import Document
from graph.resolvers.rate_limits import left
from graph.scalars import written_date_time

_FIELD = "rateLimit"
_TYPE = "RateLimit"


@dataclass(frozen=True)
class Beside:
    """An operation without its `rateLimit`, and where that belongs."""

    document: Document
    key: str
    asked: tuple[tuple[str, str], ...]
    """Keys of the answer, each with the field that it stands for."""
    leads: bool

    def joined(self, data: bytes, context: Context) -> bytes:
        """The answer of the rest, and what is left of the budget, in the order in which they were asked for."""
        told, rest = self._told(context), data[1:-1]
        parts = (told, rest) if self.leads else (rest, told)
        return b"{" + b",".join(filter(None, parts)) + b"}"  # directives may have left out all the rest

    def _told(self, context: Context) -> bytes:
        found = left(context)
        if found is None:
            return orjson.dumps({self.key: None})[1:-1]
        values = {
            "__typename": _TYPE,
            "cost": found.cost,
            "remaining": found.remaining,
            "limit": found.limit,
            "resetAt": written_date_time(found.reset_at),
        }
        return orjson.dumps({self.key: {key: values[name] for key, name in self.asked}})[1:-1]


@lru_cache(1_000)
def beside(document: Document, name: str | None) -> Beside | None:
    """The operation taken apart; None where it does not ask for `rateLimit`, or not where that can be done."""
    operation = document.operation(name)
    selections = operation.selection_set.selections
    for leads, at, rest in ((True, 0, selections[1:]), (False, -1, selections[:-1])):
        node = selections[at]
        if isinstance(node, FieldNode) and node.name.value == _FIELD and not node.directives and rest:
            key = node.alias.value if node.alias else _FIELD
            asked = _asked(node)
            if asked is None or any(not isinstance(one, FieldNode) or _key(one) == key for one in rest):
                return None
            return Beside(_without(document, operation, rest), key, asked, leads)
    return None


def _asked(node: FieldNode) -> tuple[tuple[str, str], ...] | None:
    found: dict[str, str] = {}
    for one in node.selection_set.selections if node.selection_set else ():
        if not isinstance(one, FieldNode) or one.directives:
            return None
        found[_key(one)] = one.name.value
    return tuple(found.items())


def _key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def _without(document: Document, operation: OperationDefinitionNode, rest: tuple[SelectionNode, ...]) -> Document:
    shortened = OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=operation.variable_definitions,
        directives=operation.directives,
        selection_set=SelectionSetNode(selections=rest),
        loc=operation.loc,
    )
    definitions = tuple(shortened if one is operation else one for one in document.ast.definitions)
    operations = {name: shortened if one is operation else one for name, one in document.operations.items()}
    return replace(document, ast=DocumentNode(definitions=definitions), operations=operations)
