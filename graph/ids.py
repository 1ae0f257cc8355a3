"""Global ids: base64url of `Type:uuid`, opaque, stable for ever."""

from __future__ import annotations

import base64
import binascii
import re
from uuid import UUID

from graph.errors import BadUserInput

_ENCODED = re.compile(r"\A[A-Za-z0-9_-]{40,120}\Z")


def global_id(type_name: str, uuid: UUID) -> str:
    """The id a client sees, e.g. for ("Meeting", uuid)."""
    return base64.urlsafe_b64encode(f"{type_name}:{uuid}".encode()).decode().rstrip("=")


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
