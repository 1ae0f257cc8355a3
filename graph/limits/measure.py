"""How large a document is, before it is validated: validation takes longer than this the larger it is.

One walk. Each definition is summarised once, and a spread adds its fragment's summary, so that fragments which double
each other grow the numbers and not the work. Fragments that spread themselves have no size; validation names them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    OperationType,
)

from graph.limits.limits import Limits

_INTROSPECTING = frozenset({"__schema", "__type"})


@dataclass(frozen=True)
class Measured:
    """What was counted. `cyclic`: some fragments spread themselves, and nothing else could be counted."""

    cyclic: bool = False
    introspects: bool = False
    fragments: int = 0
    fields: int = 0
    depth: int = 0
    introspection_depth: int = 0
    aliases: int = 0
    repeats: int = 0
    mutations: int = 0
    directives: int = 0
    directives_at_one: int = 0
    visited: int = 0
    """How many steps counting took."""

    def excess(self, limits: Limits) -> tuple[str, str] | None:
        """The first limit that is passed, as code and sentence; None where all of them hold."""
        for name, (code, sentence) in _SAID.items():
            if getattr(self, name) > (most := getattr(limits, name)):
                return code, sentence.format(most)
        return None


_SAID = {
    "fragments": ("DOCUMENT_TOO_LARGE", "The document is too large: at most {} fragments."),
    "fields": ("TOO_EXPENSIVE", "The document asks for too much: at most {} fields."),
    "depth": ("TOO_DEEP", "The document nests too deep: at most {} levels."),
    "introspection_depth": ("TOO_DEEP", "The document nests too deep: at most {} levels of introspection."),
    "aliases": ("TOO_MANY_ALIASES", "The document has too many aliases: at most {}."),
    "repeats": ("TOO_MANY_ALIASES", "One field is asked for too often at one level: at most {} times."),
    "mutations": ("TOO_MANY_MUTATIONS", "The document has too many mutations: at most {}."),
    "directives": ("TOO_MANY_DIRECTIVES", "The document has too many directives: at most {}."),
    "directives_at_one": ("TOO_MANY_DIRECTIVES", "There are too many directives at one place: at most {}."),
}


@dataclass(frozen=True)
class _At:
    """A place in the answer: what is counted there, within how many fields, and whether of introspection."""

    level: Counter[str]
    depth: int
    inside: bool


@dataclass(frozen=True)
class _Spread:
    name: str
    at: _At


@dataclass
class _Part:
    """One definition, first by itself, then with what it spreads."""

    fields: int = 0
    depth: int = 0
    introspection_depth: int = 0
    levels: list[Counter[str]] = field(default_factory=list)
    """How often each field, and each key, stands in one object of the answer; the first is the definition's own."""
    spreads: list[_Spread] = field(default_factory=list)

    def add(self, spread: _Spread, other: _Part) -> None:
        """What a fragment adds where it is spread."""
        self.fields += other.fields
        depth, introspection_depth = spread.at.depth + other.depth, other.introspection_depth
        if spread.at.inside:
            depth, introspection_depth = 0, max(depth, introspection_depth)
        self.depth = max(self.depth, depth)
        self.introspection_depth = max(self.introspection_depth, introspection_depth)
        spread.at.level.update(other.levels[0])


def measured(document: DocumentNode, limits: Limits) -> Measured:
    """The size of a document that was parsed, and perhaps is not valid. Counting ends early where it is passed."""
    counting = _Counting()
    parts = [(node, counting.part(node)) for node in document.definitions if _executable(node)]
    fragments = {node.name.value: part for node, part in parts if isinstance(node, FragmentDefinitionNode)}
    sorter = TopologicalSorter(
        {name: {one.name for one in part.spreads if one.name in fragments} for name, part in fragments.items()}
    )
    try:
        order = list(sorter.static_order())
    except CycleError:
        return Measured(cyclic=True, introspects=counting.introspects, visited=counting.visited)
    whole = [fragments[name] for name in order]
    whole += [part for node, part in parts if isinstance(node, OperationDefinitionNode)]
    for part in whole:
        for spread in part.spreads:
            if (other := fragments.get(spread.name)) is not None:
                part.add(spread, other)
                counting.visited += 1 + len(other.levels[0])
        if part.fields > limits.fields:
            return Measured(introspects=counting.introspects, fields=part.fields, visited=counting.visited)
    asked = [part for node, part in parts if isinstance(node, OperationDefinitionNode)]
    changing = [part.levels[0] for node, part in parts if _changes(node)]
    return Measured(
        introspects=counting.introspects,
        fragments=len(parts) - len(asked),
        fields=sum(part.fields for part in asked),
        depth=max((part.depth for part in asked), default=0),
        introspection_depth=max((part.introspection_depth for part in asked), default=0),
        aliases=counting.aliases,
        repeats=max((max(level.values(), default=0) for _, part in parts for level in part.levels), default=0),
        mutations=max((sum(name.startswith(":") for name in level) for level in changing), default=0),
        directives=counting.directives,
        directives_at_one=counting.directives_at_one,
        visited=counting.visited,
    )


def _executable(node: object) -> bool:
    return isinstance(node, FragmentDefinitionNode | OperationDefinitionNode)


def _changes(node: object) -> bool:
    return isinstance(node, OperationDefinitionNode) and node.operation is OperationType.MUTATION


@dataclass
class _Counting:
    """What is counted of the whole document, whatever is spread where."""

    aliases: int = 0
    directives: int = 0
    directives_at_one: int = 0
    introspects: bool = False
    visited: int = 0

    def part(self, node: Any) -> _Part:
        """The summary of one definition by itself. With a stack of its own: it may nest as deep as the parser goes."""
        top: Counter[str] = Counter()
        found = _Part(levels=[top])
        self._directives(node)
        for variable in getattr(node, "variable_definitions", None) or ():
            self._directives(variable)
        stack = [self._walk(node, found, _At(top, 0, inside=False))]
        while stack:
            below = next(stack[-1], None)
            if below is None:
                stack.pop()
            else:
                stack.append(below)
        return found

    def _walk(self, node: Any, part: _Part, at: _At) -> Iterator[Any]:
        """Count what is selected directly below a node, and answer the walks that go further down."""
        for one in node.selection_set.selections if node.selection_set else ():
            self.visited += 1
            self._directives(one)
            if isinstance(one, FragmentSpreadNode):
                part.spreads.append(_Spread(one.name.value, at))
            elif isinstance(one, FieldNode):
                begins = one.name.value in _INTROSPECTING and not at.inside
                below = _At(Counter(), 1 if begins else at.depth + 1, inside=at.inside or begins)
                self._field(one, part, at.level, below)
                if one.selection_set:
                    part.levels.append(below.level)
                    yield self._walk(one, part, below)
            else:
                yield self._walk(one, part, at)

    def _field(self, node: FieldNode, part: _Part, level: Counter[str], at: _At) -> None:
        part.fields += 1
        level[node.name.value] += 1
        level[f":{node.alias.value if node.alias else node.name.value}"] += 1
        self.aliases += node.alias is not None
        if at.inside:
            self.introspects = True
            part.introspection_depth = max(part.introspection_depth, at.depth)
        else:
            part.depth = max(part.depth, at.depth)

    def _directives(self, node: object) -> None:
        count = len(getattr(node, "directives", None) or ())
        self.directives += count
        self.directives_at_one = max(self.directives_at_one, count)
