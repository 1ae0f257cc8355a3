"""Documents, read once: parsed, validated and understood before any connection is taken.

What is kept holds no data and nothing of its caller, so all requests of a process share it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
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
from graphql.validation.rules import overlapping_fields_can_be_merged

from graph.happened import fingerprint

MOST_TOKENS = 1_000
MOST_FIELDS = 2_000
MOST_ERRORS = 5
_REMEMBERED = 1_000
_LONGEST_REMEMBERED = 20_000
_NO_VARIABLES = VariableValues({}, {})

# graphql-core's default lets a valid document of 3.6 kB block the process for more than a second.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000


@dataclass(frozen=True, eq=False)
class Document:
    """A valid document, its operations by name, and which of them read health data."""

    ast: DocumentNode
    operations: Mapping[str, OperationDefinitionNode]
    reads_health_data: bool
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
    """The document does not parse (`syntax`) or does not validate."""

    def __init__(self, errors: list[GraphQLError], *, syntax: bool) -> None:
        super().__init__("the document is not valid")
        self.errors = errors
        self.syntax = syntax


@dataclass
class Documents:
    """The documents a process has seen lately, by their text."""

    schema: GraphQLSchema
    health_data: frozenset[tuple[str, str]]
    development: bool = False
    _known: OrderedDict[str, Document] = field(default_factory=OrderedDict)

    def read(self, text: str) -> Document:
        """The document of this text. Raises InvalidDocument."""
        if (known := self._known.get(text)) is not None:
            self._known.move_to_end(text)
            return known
        document = self._understood(text)
        if len(text) <= _LONGEST_REMEMBERED:
            self._known[text] = document
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return document

    def variables(
        self, operation: OperationDefinitionNode, given: Mapping[str, Any]
    ) -> VariableValues | list[GraphQLError]:
        """These variables as the operation declares them; or what is wrong with them."""
        if not operation.variable_definitions:
            return _NO_VARIABLES
        found = get_variable_values(
            self.schema, operation.variable_definitions, dict(given), MOST_ERRORS, not self.development
        )
        return [_coded(error, "BAD_USER_INPUT") for error in found] if isinstance(found, list) else found

    def _understood(self, text: str) -> Document:
        try:
            ast = parse(Source(text), max_tokens=MOST_TOKENS, allow_empty_selection_sets=False)
        except GraphQLSyntaxError as error:
            # By how its sentences end: what was sent stands in their middle.
            if error.message.endswith(f" more than {MOST_TOKENS} tokens. Parsing aborted."):
                too_large = GraphQLError(f"The document is too large: at most {MOST_TOKENS} tokens.")
                raise InvalidDocument([_coded(too_large, "DOCUMENT_TOO_LARGE")], syntax=True) from None
            if error.message.endswith(" nested too deeply. Parsing aborted."):
                too_deep = GraphQLError("The document nests too deep.")
                raise InvalidDocument([_coded(too_deep, "TOO_DEEP")], syntax=True) from None
            raise InvalidDocument([_coded(error, "GRAPHQL_PARSE_FAILED")], syntax=True) from None
        errors = validate(self.schema, ast, max_errors=MOST_ERRORS, hide_suggestions=not self.development)
        if errors:
            coded = [_coded(error, "GRAPHQL_VALIDATION_FAILED") for error in errors[:MOST_ERRORS]]
            raise InvalidDocument(coded, syntax=False)
        if _size(ast) > MOST_FIELDS:
            too_expensive = GraphQLError(f"The document asks for too much: at most {MOST_FIELDS} fields.")
            raise InvalidDocument([_coded(too_expensive, "TOO_EXPENSIVE")], syntax=False)
        operations = {
            node.name.value if node.name else "": node
            for node in ast.definitions
            if isinstance(node, OperationDefinitionNode)
        }
        return Document(ast, operations, self._reads_health_data(ast), fingerprint(text))

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


def _size(ast: DocumentNode) -> int:
    """How many fields a valid document asks for, with every fragment counted wherever it is spread.

    Each fragment is counted once and remembered: fragments that double each other grow the number, not the work.
    """
    fragments = {node.name.value: node for node in ast.definitions if isinstance(node, FragmentDefinitionNode)}
    known: dict[str, int] = {}

    def of(selections: SelectionSetNode | None) -> int:
        total = 0
        for one in selections.selections if selections else ():
            if isinstance(one, FragmentSpreadNode):
                name = one.name.value
                if name not in known:
                    known[name] = of(fragments[name].selection_set)
                total += known[name]
            else:
                total += isinstance(one, FieldNode) + of(one.selection_set)  # type: ignore[attr-defined]
        return total

    return sum(of(node.selection_set) for node in ast.definitions if isinstance(node, OperationDefinitionNode))


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
