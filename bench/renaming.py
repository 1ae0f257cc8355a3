"""How answers are made comparable: what PostGraphile calls by other names, and the one form in which answers are equal.

PostGraphile's documents alias its fields to ours, so that the shapes are equal. Its values differ in three ways, and
what is done to them stands here: its `rowId` is the bare uuid of our global ids, its times are Postgres's, and what is
an enum with us is lower-case text with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import orjson

from bench.queries import Dialect
from graph.ids import global_id
from graph.scalars import read_date_time, written_date_time

# The field that leads to an object, and the type that its id names.
TYPES = {
    "meetings": "Meeting",
    "bookMeeting": "Meeting",
    "event": "Event",
    "events": "Event",
    "organization": "Organization",
    "memberships": "Membership",
    "user": "User",
}


def _time(text: str) -> str:
    return written_date_time(read_date_time(text))


# By field. BigInt is text with PostGraphile.
CONVERTED: Mapping[str, Callable[[str], Any]] = {
    "startTime": _time,
    "endTime": _time,
    "joinedAt": _time,
    "role": str.upper,
    "priceCents": int,
}


def canonical(body: bytes, dialect: Dialect) -> dict[str, Any]:
    """The data of an answer in our form. Raises ValueError for one with errors."""
    answer = orjson.loads(body)
    if answer.get("errors") or not isinstance(answer.get("data"), dict):
        raise ValueError(f"the answer has errors: {orjson.dumps(answer.get('errors')).decode()[:400]}")
    data: dict[str, Any] = answer["data"]
    if dialect == "orgraph":
        return data
    if "createMeeting" in data:
        data = {"bookMeeting": data["createMeeting"]["meeting"]}
    return {name: _renamed(value, name, "") for name, value in data.items()}


def _renamed(value: Any, name: str, parent: str) -> Any:
    """`name` is the field that `value` answers, `parent` the field that leads to its object."""
    if isinstance(value, dict | list):
        within = parent if name == "nodes" else name
        if isinstance(value, list):
            return [_renamed(item, within, parent) for item in value]
        return {field: _renamed(one, field, within) for field, one in value.items()}
    if name == "id":
        return global_id(TYPES[parent], UUID(value))
    convert = CONVERTED.get(name)
    return value if value is None or convert is None else convert(value)


def difference(one: Any, other: Any, at: str = "data") -> str | None:
    """Where two answers differ first, and how; None where they are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return f"{at}: the fields {sorted(one)} and {sorted(other)}"
        found = (difference(one[name], other[name], f"{at}.{name}") for name in one)
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return f"{at}: {len(one)} and {len(other)} items"
        found = (difference(a, b, f"{at}[{index}]") for index, (a, b) in enumerate(zip(one, other, strict=True)))
    else:
        return None if one == other and type(one) is type(other) else f"{at}: {one!r} and {other!r}"
    return next((text for text in found if text is not None), None)
