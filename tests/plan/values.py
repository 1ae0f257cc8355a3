"""What the arguments of a document say: real values and awkward ones, written out or passed in variables."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNonNull,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)

from graph.errors import ClientError
from graph.ids import parsed
from tests.plan.choosing import Choosing
from tests.plan.known import Known
from tests.plan.scraps import SCRAPS

ANY_TYPE = "*"
_COMBINING = ("or", "not")
_ABSENT = object()


@dataclass(frozen=True)
class Variable:
    """One variable of an operation, and what the request says of it."""

    name: str
    type: str
    default: str | None
    value: Any = _ABSENT
    made_of: Any = None
    """Its type, never null; None for one that is the same every time."""

    @property
    def head(self) -> str:
        return f"${self.name}: {self.type}" + ("" if self.default is None else f" = {self.default}")

    @property
    def is_given(self) -> bool:
        return self.value is not _ABSENT


@dataclass
class Values:
    """Makes values, and remembers which of them became variables."""

    choose: Choosing
    known: Known
    variables: list[Variable] = field(default_factory=list)

    def given(self, type_: Any, *, kind: str | None = None, depth: int = 0) -> Any:
        """A value of an input type, as JSON. `kind` is the type whose id it is; an id of any other is seldom given."""
        nullable = get_nullable_type(type_)
        if not is_non_null_type(type_) and self.choose.chance(4):
            return None
        if is_list_type(nullable):
            item = nullable.of_type
            if self.choose.chance(5):
                return self.given(get_nullable_type(item), kind=kind, depth=depth)
            return [self.given(item, kind=kind, depth=depth) for _ in range(self.choose.below(4))]
        if is_input_object_type(nullable):
            return self._object(nullable, depth)
        if is_enum_type(nullable):
            return self.choose.pick(list(nullable.values))
        return self._scalar(nullable.name, kind)

    def spelled(self, type_: Any, value: Any, *, item: bool = False) -> str:
        """`value` as an argument has it: written out, or as a variable, wholly or in parts."""
        if self.choose.chance(15 if item else 40):
            return f"${self._variable(type_, value, item=item).name}"
        nullable = get_nullable_type(type_)
        if is_list_type(nullable) and isinstance(value, list):
            return "[" + ", ".join(self.spelled(nullable.of_type, one, item=True) for one in value) + "]"
        if is_input_object_type(nullable) and isinstance(value, dict):
            fields = nullable.fields
            return (
                "{" + ", ".join(f"{name}: {self.spelled(fields[name].type, one)}" for name, one in value.items()) + "}"
            )
        return literal(nullable, value)

    def another(self, variable: Variable) -> Any:
        """What the variable might be the next time; an id is mostly that of another thing of the same type."""
        match variable.value, variable.type.rstrip("!"):
            case None, _:
                return None
            case bool(), _:
                return self.choose.pick((True, False))
            case value, "ID":
                return self.identity(ANY_TYPE if self.choose.chance(20) else _type_of(value))
        return variable.value if variable.made_of is None else self.given(variable.made_of)

    def condition(self) -> str:
        """The argument of @skip or @include."""
        if self.choose.chance(50):
            return self.choose.pick(("true", "false"))
        kind = self.choose.below(4)
        value = self.choose.chance(50)
        if kind == 0:
            return self._named("Boolean!", None, value)
        default = self.choose.pick(("true", "false"))
        if kind == 1:
            return self._named("Boolean!", default, self.choose.pick((_ABSENT, value)))
        # A nullable one with a default may stand there, and is refused only if null is given.
        return self._named("Boolean", default, None if self.choose.chance(5) else self.choose.pick((_ABSENT, value)))

    def cursor(self) -> Variable:
        """The variable of a cursor, whose value is found in an answer."""
        self.variables.append(Variable(f"v{len(self.variables)}", "String", None))
        return self.variables[-1]

    def _named(self, type_: str, default: str | None, value: Any) -> str:
        self.variables.append(Variable(f"v{len(self.variables)}", type_, default, value))
        return f"${self.variables[-1].name}"

    def _variable(self, type_: Any, value: Any, *, item: bool) -> Variable:
        again = [one for one in self.variables if one.type == str(type_) and one.is_given]
        if again and self.choose.chance(20):
            return self.choose.pick(again)
        nullable = get_nullable_type(type_)
        demanded = is_non_null_type(type_)
        passed, default = value, None
        kind = self.choose.below(5)
        if kind == 1:
            default = literal(nullable, self.given(nullable))
        elif kind == 2 and value is not None:
            passed, default = _ABSENT, literal(nullable, value)
        elif kind == 3 and not demanded and not item:
            passed = _ABSENT
        head = str(nullable if default is not None and default != "null" else type_)
        if demanded and default == "null":
            default = None
        if value is not None and default is None and passed is not _ABSENT and self.choose.chance(20):
            head = f"{nullable}!"
        if demanded and default is not None and self.choose.chance(3):
            passed = (
                None  # where null is not taken: the default makes the variable acceptable there, its value does not
            )
        found = Variable(f"v{len(self.variables)}", head, default, passed, GraphQLNonNull(nullable))
        self.variables.append(found)
        return found

    def _object(self, type_: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
        found = {}
        names = [name for name in type_.fields if name not in _COMBINING]
        for name in dict.fromkeys(self.choose.some(names, 3)):
            declared = type_.fields[name]
            found[name] = self.given(declared.type, kind=_kind(type_, name))
        for name in _COMBINING:
            if name in type_.fields and self.choose.chance(max(25 - 8 * depth, 3)) and depth < 7:
                found[name] = self.given(type_.fields[name].type, depth=depth + 1)
        return found

    def _scalar(self, name: str, kind: str | None) -> Any:
        match name:
            case "ID":
                return self.identity(kind or ANY_TYPE)
            case "Boolean":
                return self.choose.pick((True, False))
            case "Int":
                return 1 + self.choose.below(4)
            case "String":
                return self.choose.pick(SCRAPS) if self.choose.chance(30) else self.choose.pick(self.known.words[name])
            case _:
                return self.choose.pick(self.known.words[name])

    def identity(self, kind: str) -> str:
        """An id of this type: somebody's, here or elsewhere, or nobody's; seldom one of another type, or none."""
        if self.choose.chance(2):
            return self.choose.pick(("", "nothing", "PageInfo", "😀", "'; --"))
        if kind == ANY_TYPE or self.choose.chance(2):
            kind = self.choose.pick(list(self.known.ids))
        return self.choose.pick(self.known.ids[kind])


def literal(type_: Any, value: Any) -> str:
    """`value` as GraphQL writes it."""
    nullable = get_nullable_type(type_)
    if value is None:
        return "null"
    if isinstance(value, list):
        return "[" + ", ".join(literal(nullable.of_type, one) for one in value) + "]"
    if isinstance(value, dict):
        fields = get_named_type(nullable).fields
        return "{" + ", ".join(f"{name}: {literal(fields[name].type, one)}" for name, one in value.items()) + "}"
    if isinstance(get_named_type(type_), GraphQLEnumType):
        return str(value)
    # Half of all texts as they are, half in escapes: by their length, so that the same text is always written the same.
    return json.dumps(value, ensure_ascii=isinstance(value, str) and len(value) % 2 == 0)


def _kind(type_: GraphQLInputObjectType, name: str) -> str | None:
    for one in type_.extensions["strawberry-definition"].fields:
        head, *rest = one.python_name.split("_")
        if (one.graphql_name or head + "".join(part.title() for part in rest)) == name:
            kind: str | None = one.metadata.get("id_of")
            return kind
    return None


def _type_of(identity: Any) -> str:
    try:
        return parsed(identity)[0]
    except ClientError:
        return ANY_TYPE
