"""Cursors: where a row stands in a list, sealed for that list alone. Opaque to clients, and no secret.

base64url of `[version, list, value, …]`: the values of the list's order, a moment as {"t": microseconds since 1970}, a
uuid as {"u": …}. Postgres writes the very same bytes as we do.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, ColumnElement, DateTime, Text, Uuid, cast, extract, func, literal_column

from graph.errors import InvalidCursor
from graph.ids import base64url

_VERSION = 1
_LONGEST = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC)
_LARGEST = 2**31 - 1


def sealed(bound_to: str, values: Sequence[Any]) -> str:
    """The cursor of a row with these values, in the list that `bound_to` names."""
    written = orjson.dumps([_VERSION, bound_to, *map(_encoded, values)])
    return base64.urlsafe_b64encode(written).decode().rstrip("=")


def sealed_sql(bound_to: Any, columns: Sequence[ColumnElement[Any]]) -> ColumnElement[str]:
    """The same, written by Postgres."""
    words: list[Any] = [literal_column(f"'[{_VERSION},\"'"), bound_to, literal_column("'\"'")]
    for column in columns:
        words += [literal_column("','"), *_encoded_sql(column)]
    return base64url(func.concat(*words, literal_column("']'"), type_=Text))


def opened(cursor: str, bound_to: str, types: Sequence[type]) -> tuple[Any, ...]:
    """The values of a cursor of this list. Raises InvalidCursor for any other."""
    try:
        if len(cursor) > _LONGEST:
            raise InvalidCursor
        version, bound, *encoded = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = tuple(_decoded(value) for value in encoded)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise InvalidCursor from None
    if (version, bound) != (_VERSION, bound_to) or [*map(type, values)] != [*types]:
        raise InvalidCursor
    return values


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": (value - _EPOCH) // _MICROSECOND}
    if isinstance(value, UUID):
        return {"u": str(value)}
    return value


def _encoded_sql(column: ColumnElement[Any]) -> list[Any]:
    if isinstance(column.type, DateTime):
        microseconds = cast(extract("epoch", column) * literal_column("1000000"), BigInteger)
        return [literal_column("'{\"t\":'"), microseconds, literal_column("'}'")]
    if isinstance(column.type, Uuid):
        return [literal_column('\'{"u":"\''), column, literal_column("'\"}'")]
    return [func.to_json(column)]


def _decoded(value: Any) -> Any:
    match value:
        case {"t": int(microseconds)}:
            moment = _EPOCH + timedelta(microseconds=microseconds)
            # Beyond what any moment of ours is, it is no value of a row.
            if not _FIRST <= moment <= _LAST:
                raise ValueError("not a moment")
            return moment
        case {"u": str(text)}:
            return UUID(text)
        case int() if not -_LARGEST <= value <= _LARGEST:
            raise ValueError("not a number of a row")
        case str() | int() | bool():
            return value
        case _:
            raise ValueError("not a value of a cursor")
