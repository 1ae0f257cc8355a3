"""Input objects as plain values: enums as what is stored, ids as uuids, only what the client gave."""

import dataclasses
import re
from enum import Enum
from typing import Any

import strawberry

from graph.errors import ClientError
from graph.failures import InvalidField
from graph.ids import parsed, uuid_of

ANY_TYPE = "*"


def id_of(type_name: str, *, description: str, **options: Any) -> Any:
    """An input field that takes the id of a `type_name` (or of anything: `ANY_TYPE`), or a list of them."""
    return strawberry.field(description=description, metadata={"id_of": type_name}, **options)


def idempotency_key() -> Any:
    """The field of an input that lets its mutation be asked twice and done once."""
    return strawberry.field(
        default=strawberry.UNSET,
        description="8 to 255 printable ASCII characters. "
        "The same key with the same input is done once, for 48 hours; with another input it is refused.",
    )


def any_of() -> Any:
    """The `or` of a filter."""
    return strawberry.field(default=strawberry.UNSET, name="or", description="And matching at least one of these.")


def none_of() -> Any:
    """The `not` of a filter."""
    return strawberry.field(default=strawberry.UNSET, name="not", description="And matching none of these.")


def plain(value: Any, path: str, wrong: list[InvalidField]) -> Any:
    """`value` without anything of GraphQL; ids that are none are collected in `wrong`, each with its path."""
    if isinstance(value, list):
        return [plain(one, f"{path}.{at}", wrong) for at, one in enumerate(value)]
    if isinstance(value, Enum):
        return value.value
    if not hasattr(value, "__strawberry_definition__"):
        return value
    types = {field.python_name: field.metadata.get("id_of") for field in value.__strawberry_definition__.fields}
    found = {}
    for name in (field.name for field in dataclasses.fields(value)):
        one, here = getattr(value, name), f"{path}.{camel(name)}"
        if one is strawberry.UNSET:
            continue
        found[name] = (
            _uuids(types[name], one, here, wrong) if types[name] and one is not None else plain(one, here, wrong)
        )
    return found


def without_nulls(value: Any) -> Any:
    """In a filter, null is as good as absent, all the way down."""
    if isinstance(value, list):
        return [without_nulls(one) for one in value]
    if isinstance(value, dict):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    return value


def camel(name: str) -> str:
    """A field's name as the client spells it."""
    return re.sub(r"_([a-z])", lambda match: match.group(1).upper(), name.rstrip("_"))


def _uuids(type_name: str, value: Any, path: str, wrong: list[InvalidField]) -> Any:
    if isinstance(value, list):
        return [_uuids(type_name, one, f"{path}.{at}", wrong) for at, one in enumerate(value)]
    try:
        return parsed(value)[1] if type_name == ANY_TYPE else uuid_of(type_name, value)
    except ClientError:
        wrong.append(
            InvalidField(path, "must be an id" if type_name == ANY_TYPE else f"must be an id of type {type_name}")
        )
        return None
