"""Documents, read once: parsed, validated and understood before any connection is taken.

What is kept holds no data and nothing of its caller, so all requests of a process share it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    Source,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    validate,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues, get_variable_values
from graphql.validation import NoFragmentCyclesRule
from graphql.validation.rules import overlapping_fields_can_be_merged

from graph.happened import fingerprint
from graph.limits.cost import Cost
from graph.limits.limits import DEFAULTS, Limits
from graph.limits.measure import Measured, measured
from graph.limits.pricing import costs

_REMEMBERED = 1_000
_LONGEST_REMEMBERED = 20_000
_LONG_S = 0.005
_NO_VARIABLES = VariableValues({}, {})


@dataclass(frozen=True, eq=False)
class Document:
    """A valid document, its operations by name with what each costs, and whether it reads health data."""

    ast: DocumentNode
    operations: Mapping[str, OperationDefinitionNode]
    reads_health_data: bool
    introspects: bool
    costs: Mapping[str, Cost]
    fingerprint: str = ""

    @cached_property
    def fragments(self) -> dict[str, FragmentDetails]:
        """The fragments by name, as graphql-core collects their fields."""
        nodes = (node for node in self.ast.definitions if isinstance(node, FragmentDefinitionNode))
        return {node.name.value: FragmentDetails(node) for node in nodes}

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation that `name` chooses. Raises GraphQLError where it chooses none, or more than one."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            message = "The document has several operations: name one of them in operationName."
            raise GraphQLError(message, extensions={"code": "OPERATION_NAME_REQUIRED"})
        if name not in self.operations:
            message = "The document has no operation of that operationName."
            raise GraphQLError(message, extensions={"code": "OPERATION_NOT_FOUND"})
        return self.operations[name]


class InvalidDocument(Exception):
    """The document does not parse (`syntax`), is too large or does not validate."""

    def __init__(self, errors: list[GraphQLError], *, syntax: bool = False, introspects: bool = False) -> None:
        super().__init__("the document is not valid")
        self.errors = errors
        self.syntax = syntax
        self.introspects = introspects


@dataclass
class Documents:
    """The documents a process has seen lately, by their text."""

    schema: GraphQLSchema
    health_data: frozenset[tuple[str, str]]
    development: bool = False
    limits: Limits = DEFAULTS
    _known: OrderedDict[str, Document] = field(default_factory=OrderedDict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def read(self, text: str) -> Document:
        """The document of this text. Raises InvalidDocument."""
        if (known := self.known(text)) is not None:
            return known
        document = self._understood(text)
        if len(text) <= _LONGEST_REMEMBERED:
            self._known[text] = document
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return document

    def known(self, text: str) -> Document | None:
        """The document of this text, if it was read lately."""
        if (known := self._known.get(text)) is not None:
            self._known.move_to_end(text)
        return known

    async def read_in_turn(self, text: str) -> Document:
        """The same as `read`, for one new text at a time; after one that took long, nobody's for as long again.

        So hostile documents have half of the process at most, however many come together, and known ones the rest.
        """
        if (known := self.known(text)) is not None:
            return known
        await self._turn.acquire()
        began = time.perf_counter()
        try:
            return self.read(text)
        finally:
            took = time.perf_counter() - began
            asyncio.get_running_loop().call_later(took if took > _LONG_S else 0, self._turn.release)

    def variables(
        self, operation: OperationDefinitionNode, given: Mapping[str, Any]
    ) -> VariableValues | list[GraphQLError]:
        """These variables as the operation declares them; or what is wrong with them."""
        if not operation.variable_definitions:
            return _NO_VARIABLES
        found = get_variable_values(
            self.schema, operation.variable_definitions, dict(given), self.limits.errors, not self.development
        )
        return [_coded(error, "BAD_USER_INPUT") for error in found] if isinstance(found, list) else found

    def _understood(self, text: str) -> Document:
        ast = self._parsed(text)
        size = measured(ast, self.limits)
        if (excess := size.excess(self.limits)) is not None:
            raise _too_much(*excess)
        self._validate(ast, size)
        operations = {
            node.name.value if node.name else "": node
            for node in ast.definitions
            if isinstance(node, OperationDefinitionNode)
        }
        reads_health_data = self._reads_health_data(ast)
        priced = costs(self.schema, ast)
        return Document(ast, operations, reads_health_data, size.introspects, priced, fingerprint(text))

    def _parsed(self, text: str) -> DocumentNode:
        try:
            return parse(Source(text), max_tokens=self.limits.tokens, allow_empty_selection_sets=False)
        except GraphQLSyntaxError as error:
            # By how its sentences end: what was sent stands in their middle.
            if error.message.endswith(f" more than {self.limits.tokens} tokens. Parsing aborted."):
                sentence = f"The document is too large: at most {self.limits.tokens} tokens."
                raise _too_much("DOCUMENT_TOO_LARGE", sentence) from None
            if error.message.endswith(" nested too deeply. Parsing aborted."):
                raise _too_much("TOO_DEEP", "The document nests too deep.") from None
            raise InvalidDocument([_coded(error, "GRAPHQL_PARSE_FAILED")], syntax=True) from None

    def _validate(self, ast: DocumentNode, size: Measured) -> None:
        """Raises InvalidDocument."""
        # Of fragments in a circle no size is known, so nothing is looked at but the circle.
        rules = (NoFragmentCyclesRule,) if size.cyclic else None
        overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = self.limits.comparisons
        errors = validate(self.schema, ast, rules, max_errors=self.limits.errors, hide_suggestions=not self.development)
        if any(error.message == "Validation aborted." for error in errors):
            # What the rules had found until then is perhaps the first half of it.
            sentence = f"The document is too large: at most {self.limits.comparisons} comparisons of its fields."
            raise _too_much("DOCUMENT_TOO_LARGE", sentence)
        if errors:
            coded = [_coded(error, "GRAPHQL_VALIDATION_FAILED") for error in errors[: self.limits.errors]]
            raise InvalidDocument(coded, introspects=size.introspects)

    def _reads_health_data(self, ast: DocumentNode) -> bool:
        found = _HealthData(self.schema, self.health_data)
        visit(ast, TypeInfoVisitor(found.types, found))
        return found.met


class _HealthData(Visitor):
    """Meets every field of a document, with the type it is asked of."""

    def __init__(self, schema: GraphQLSchema, health_data: frozenset[tuple[str, str]]) -> None:
        super().__init__()
        self.types = TypeInfo(schema)
        self.health_data = health_data
        self.met = False

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self.types.get_parent_type()
        if parent is not None and (parent.name, node.name.value) in self.health_data:
            self.met = True


def health_data_of(schema: GraphQLSchema) -> frozenset[tuple[str, str]]:
    """The (type, field) pairs of a schema that are marked as health data."""
    marked: set[tuple[str, str]] = set()
    for type_name, type_ in schema.type_map.items():
        for field_name, declared in getattr(type_, "fields", {}).items():
            definition = declared.extensions.get("strawberry-definition")
            if any(type(one).__name__ == "HealthData" for one in getattr(definition, "directives", ())):
                marked.add((type_name, field_name))
    return frozenset(marked)


def _too_much(code: str, sentence: str) -> InvalidDocument:
    return InvalidDocument([GraphQLError(sentence, extensions={"code": code})])


def is_mutation(operation: OperationDefinitionNode) -> bool:
    """Whether an operation changes anything."""
    return operation.operation is OperationType.MUTATION


# graphql-core repeats the offending value in its messages; it may be somebody's health.
_VALUES = (
    (re.compile(r"Value (\"|').*(\"|')( does not exist)", re.DOTALL), r"The value\3"),
    (re.compile(r"( cannot represent [\w -]*value): .*\Z", re.DOTALL), r"\1."),
    (re.compile(r"[,;.]? [Ff]ound:? .*\Z", re.DOTALL), "."),
)


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    message = error.message
    if code != "GRAPHQL_PARSE_FAILED":
        for pattern, replacement in _VALUES:
            message = pattern.sub(replacement, message)
    else:
        message = "The document has a syntax error here."
    return GraphQLError(
        message, cast("Any", error.nodes), error.source, error.positions, error.path, None, {"code": code}
    )
