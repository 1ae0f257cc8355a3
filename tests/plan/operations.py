"""Operations made from the schema: valid ones, as odd as the grammar allows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_interface_type,
    is_leaf_type,
)

from tests.plan.choosing import Choosing
from tests.plan.known import Known
from tests.plan.values import ANY_TYPE, Values, Variable

# What an answer may be called: words of SQL, of JSON, of the statement's own making; the longest name, and one more.
ALIASES = (
    *("a", "A", "_", "id", "key", "select", "from", "order", "true", "null", "json", "row_to_json", "data", "count"),
    *("anon_1", "anon_2", "anon_3", "anon_4", "anon_7", "there", "bound_0", "keys_1", "edges", "nodes", "cursor"),
    *("x" * 63, "param_1", "node", "pageInfo"),
)
TOO_LONG = "x" * 64
# Fields that no plan can hold are asked for, and seldom: else nothing would ever be planned.
UNPLANNED = {"withinWorkingHours": 3, "socialLinks": 3, "viewer": 3, "nodes": 3}
_NODE = "Node"
_DEEPEST = 4


@dataclass
class Scope:
    """What is asked for under each key of one object of the answer: asked twice, it must be the same."""

    keys: dict[str, tuple[Any, Scope]] = field(default_factory=dict)

    def copied(self) -> Scope:
        return Scope({key: (identity, below.copied()) for key, (identity, below) in self.keys.items()})


@dataclass(frozen=True)
class Operation:
    """A document, the operation of it that is asked for, and its variables.

    `cursors` are the variables that take one, each with the key under which an answer holds cursors of that list.
    """

    variables: tuple[Variable, ...]
    body: str
    fragments: str
    name: str | None
    other: str
    cursors: Mapping[str, str]
    kind: str = "query"

    def text(self, written: Mapping[str, str | None]) -> str:
        """The document; the cursors in `written` stand in it as they are."""
        head = ", ".join(one.head for one in self.variables if one.name not in written)
        found = f"{self.kind} {self.name or ''}{f'({head})' if head else ''} {self.body} {self.fragments} {self.other}"
        for name, cursor in written.items():
            found = re.sub(rf"\${name}\b", lambda _, cursor=cursor: json.dumps(cursor), found)  # type: ignore[misc]
        return found

    @property
    def given(self) -> dict[str, Any]:
        """The values of the variables, without cursors."""
        return {one.name: one.value for one in self.variables if one.is_given}


def operation(schema: GraphQLSchema, known: Known, choose: Choosing) -> Operation:
    """A query with up to three root fields."""
    root = schema.query_type
    assert root is not None
    writing = Writing(schema, choose, Values(choose, known), choose.pick((5, 12, 24, 40)))
    body = writing.selection(root, Scope(), 0)
    name, other = None, ""
    if writing.values.variables and choose.chance(6):
        # The same variables mean something else in another operation of the document.
        name, other = "Asked", _other(writing.values.variables)
        if choose.chance(30):
            return _swapped(writing, body)
    fragments = " ".join(one.text for one in writing.fragments)
    return Operation(tuple(writing.values.variables), body, fragments, name, other, writing.cursors)


def _other(variables: list[Variable]) -> str:
    head = ", ".join(f"${one.name}: Int" for one in variables)
    asked = " ".join(f"a{at}: events(first: ${one.name}) {{ totalCount }}" for at, one in enumerate(variables))
    return f"query Other({head}) {{ {asked} }}"


def _swapped(writing: Writing, body: str) -> Operation:
    """The other operation is asked for, and the first one is the one beside it."""
    head = ", ".join(one.head for one in writing.values.variables)
    fragments = " ".join(one.text for one in writing.fragments)
    numbers = tuple(
        Variable(one.name, "Int", None, at) if at else Variable(one.name, "Int", None)
        for at, one in enumerate(writing.values.variables)
    )
    asked = " ".join(f"a{at}: events(first: ${one.name}) {{ totalCount }}" for at, one in enumerate(numbers))
    return Operation(numbers, f"{{ {asked} }}", fragments, "Asked", f"query Other({head}) {body}", {})


@dataclass(frozen=True)
class _Fragment:
    name: str
    type_: Any
    text: str
    scope: Scope


@dataclass
class Writing:
    """One document in the making."""

    schema: GraphQLSchema
    choose: Choosing
    values: Values
    left: int
    """How many fields may still be asked for, about."""
    never: frozenset[str] = frozenset()
    """What is not asked for."""
    fragments: list[_Fragment] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)

    def selection(self, type_: Any, scope: Scope, depth: int, *, within: bool = False, least: int = 1) -> str:
        """What is asked of a type, in braces. `within` a fragment of the same object no other begins."""
        parts = []
        if not scope.keys and not within and depth and self.choose.chance(10):
            parts.append(self._spread(type_, scope, depth))
        for _ in range(least + self.choose.below(4 if self.left > 0 else 1)):
            die = self.choose.below(100)
            if die >= 92 and self.left > 0 and depth:
                parts.append(self._inline(type_, scope, depth))
            elif die >= 84:
                parts.append(self._typename(scope))
            else:
                parts.append(self._field(type_, scope, depth))
        return "{ " + " ".join(parts) + " }"

    def _typename(self, scope: Scope) -> str:
        key = self._key("__typename", "__typename", scope)
        return self._named(key, "__typename") + self._directive()

    def _spread(self, type_: Any, scope: Scope, depth: int) -> str:
        """A fragment with a name, a new one or one that was written before; the scope begins with what it asks for."""
        known = [one for one in self.fragments if one.type_ is type_]
        if known and self.choose.chance(60):
            fragment = self.choose.pick(known)
        else:
            own = Scope()
            body = self.selection(type_, own, depth, within=True)
            name = f"F{len(self.fragments)}"
            fragment = _Fragment(name, type_, f"fragment {name} on {type_.name} {body}", own)
            self.fragments.append(fragment)
        scope.keys.update(fragment.scope.copied().keys)
        return f"...{fragment.name}{self._directive()}"

    def _inline(self, type_: Any, scope: Scope, depth: int) -> str:
        on, asked = "", type_
        if is_interface_type(type_) and self.choose.chance(85):
            asked = self.choose.pick(self.schema.get_possible_types(type_))
            on = f" on {asked.name}"
        elif self.choose.chance(60):
            on = f" on {type_.name}"
            if isinstance(type_, GraphQLObjectType) and type_.interfaces and self.choose.chance(50):
                asked = type_.interfaces[0]
                on = f" on {asked.name}"
        self.left -= 1
        return f"...{on}{self._directive()} {self.selection(asked, scope, depth, within=True)}"

    def _field(self, type_: Any, scope: Scope, depth: int) -> str:
        name = self._name(type_, depth)
        if name is None:
            return self._typename(scope)
        self.left -= 1
        declared = type_.fields[name]
        cursor_key = f"c{len(self.values.variables)}_{self.left}"
        arguments, cursors = self._arguments(declared, depth)
        key = self._key(name, f"{name}{arguments} {declared.type}", scope)
        text = self._named(key, name) + arguments + self._directive()
        named = get_named_type(declared.type)
        if is_leaf_type(named):
            return text
        below = scope.keys[key][1]
        deeper = depth if _is_paged(type_) or named.name == "PageInfo" else depth + 1
        body = self.selection(named, below, deeper)
        if cursors:
            self.cursors |= dict.fromkeys(cursors, cursor_key)
            body = body[:-1] + f"{cursor_key}: pageInfo {{ hasPreviousPage hasNextPage startCursor endCursor }} }}"
        return f"{text} {body}"

    def _name(self, type_: Any, depth: int) -> str | None:
        """The name of a field that may be asked for here."""
        names = [
            name
            for name, declared in type_.fields.items()
            if name not in self.never and self._may_follow(type_, declared, depth)
        ]
        leaves = [name for name in names if is_leaf_type(get_named_type(type_.fields[name].type))]
        if leaves and len(leaves) < len(names) and self.choose.chance(45):
            names = leaves
        if not names:
            return None
        name: str = self.choose.pick(names)
        seldom = UNPLANNED.get(name) if name != "nodes" or not depth else None
        return self.choose.pick(leaves or names) if seldom is not None and not self.choose.chance(seldom) else name

    def _may_follow(self, type_: Any, declared: GraphQLField, depth: int) -> bool:
        return is_leaf_type(get_named_type(declared.type)) or _is_paged(type_) or (depth < _DEEPEST and self.left > 0)

    def _key(self, name: str, identity: str, scope: Scope) -> str:
        """The key of the answer: mostly the field's own name, where another field has not taken it."""
        key = name
        if self.choose.chance(15):
            key = TOO_LONG if self.choose.chance(1) else self.choose.pick(ALIASES)
        at = 0
        base = key if len(key) < 60 else name
        while key in scope.keys and scope.keys[key][0] != identity:
            at += 1
            key = f"{base}_{at}"
        scope.keys.setdefault(key, (identity, Scope()))
        return key

    @staticmethod
    def _named(key: str, name: str) -> str:
        return name if key == name else f"{key}: {name}"

    def _directive(self) -> str:
        if not self.choose.chance(8):
            return ""
        return f" @{self.choose.pick(('include', 'skip'))}(if: {self.values.condition()})"

    def _arguments(self, declared: GraphQLField, depth: int) -> tuple[str, list[str]]:
        """The arguments of a field, and the variables among them that take a cursor."""
        if not declared.args:
            return "", []
        found, cursors = [], []
        for argument, value in self._chosen(declared, depth).items():
            found.append(f"{argument}: {self.values.spelled(declared.args[argument].type, value)}")
        for argument in ("after", "before"):
            if argument in declared.args and self.choose.chance(15):
                variable = self.values.cursor()
                cursors.append(variable.name)
                found.append(f"{argument}: ${variable.name}")
        return f"({', '.join(found)})" if found else "", cursors

    def _chosen(self, declared: GraphQLField, depth: int) -> dict[str, Any]:
        choose, arguments = self.choose, declared.args
        found: dict[str, Any] = {}
        if "ids" in arguments:
            found["ids"] = [self.values.identity(ANY_TYPE) for _ in range(choose.below(4))]
        if "id" in arguments and (str(arguments["id"].type).endswith("!") or choose.chance(40)):
            answered = get_named_type(declared.type).name
            found["id"] = self.values.identity(answered if answered in self.values.known.ids else ANY_TYPE)
        if "first" in arguments:
            # Deeper down a page of 25 in each of 25 pages would take its time and prove nothing.
            if depth > 1 or choose.chance(60):
                size = "last" if "last" in arguments and choose.chance(40) else "first"
                found[size] = 1 + choose.below(3 if depth > 1 else 8)
            if choose.chance(2):
                found[choose.pick([one for one in ("first", "last") if one in arguments])] = choose.pick(
                    (0, -1, 100, 101, None)
                )
        for argument, percent in (("filter", 35), ("orderBy", 35)):
            if argument in arguments and choose.chance(percent):
                found[argument] = self.values.given(arguments[argument].type)
        if isinstance(found.get("orderBy"), list) and not choose.chance(3):
            found["orderBy"] = list(dict.fromkeys(found["orderBy"]))[:3]
        return found


def _is_paged(type_: Any) -> bool:
    """A connection or an edge: what is asked of its nodes lies no deeper than itself."""
    name: str = type_.name
    return name.endswith(("Connection", "Edge"))
