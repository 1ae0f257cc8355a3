"""Global ids: base64url of `Type:uuid`, opaque, stable for ever."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, literal_column

from graph.errors import BadUserInput

_LONGEST_TYPE = 57 - len(":") - 36
_ENCODED = re.compile(r"\A[A-Za-z0-9_-]{40,120}\Z")


def global_id(type_name: str, uuid: UUID) -> str:
    """The id a client sees, e.g. for ("Meeting", uuid)."""
    return base64.urlsafe_b64encode(f"{type_name}:{uuid}".encode()).decode().rstrip("=")


def global_id_sql(type_name: str, uuid: Any) -> ColumnElement[str]:
    """The same, written by Postgres, for a column. `type_name` is the schema's own word.

    Of letters, digits, `:` and `-` no group of six bits is `+` or `/`, so there is nothing to translate; and Postgres
    breaks a line after 57 bytes, which is the longest that one of ours can be.
    """
    if len(type_name) > _LONGEST_TYPE:
        raise ValueError(f"{type_name}: the id of a type has at most {_LONGEST_TYPE} letters before its uuid")
    written = func.convert_to(literal_column(f"'{type_name}:'", Text) + cast(uuid, Text), literal_column("'UTF8'"))
    return func.rtrim(func.encode(written, literal_column("'base64'")), literal_column("E'=\\n'"), type_=Text)


def base64url(text: Any) -> ColumnElement[str]:
    """base64url of any text as UTF-8, without padding, written by Postgres."""
    encoded = func.encode(func.convert_to(text, literal_column("'UTF8'")), literal_column("'base64'"))
    return func.translate(encoded, literal_column("E'+/=\\n'"), literal_column("'-_'"), type_=Text)


def parsed(value: str) -> tuple[str, UUID]:
    """Type name and uuid of a global id. Raises BadUserInput for anything that is not one, in its only spelling."""
    if _ENCODED.match(value):
        try:
            type_name, _, uuid = (
                base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii").partition(":")
            )
            found = UUID(uuid)
        except (binascii.Error, ValueError):
            raise BadUserInput("Invalid id") from None
        if global_id(type_name, found) == value:
            return type_name, found
    raise BadUserInput("Invalid id")


def uuid_of(type_name: str, value: str) -> UUID:
    """The uuid of a global id that must be of this type."""
    found_type, uuid = parsed(value)
    if found_type != type_name:
        raise BadUserInput("Invalid id")
    return uuid
