"""What a mutation can answer instead of the changed object; a client branches on the type or the code."""

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

import strawberry
from graphql import GraphQLResolveInfo

from graph import failures

T = TypeVar("T")


@strawberry.enum(description="Why a mutation was refused. Codes are never renamed.")
class FailureCode(Enum):
    INVALID_INPUT = strawberry.enum_value("INVALID_INPUT", description="Some fields of the input are not acceptable.")
    IDEMPOTENCY_MISMATCH = strawberry.enum_value(
        "IDEMPOTENCY_MISMATCH", description="The idempotency key was used with another input."
    )
    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="Nothing of that id, or nothing the caller may see.")
    NOT_ALLOWED = strawberry.enum_value("NOT_ALLOWED", description="The caller may not do this.")
    ALREADY_EXISTS = strawberry.enum_value("ALREADY_EXISTS", description="A name that must be unique is taken.")
    SLOT_TAKEN = strawberry.enum_value("SLOT_TAKEN", description="The host is busy at that time.")
    EVENT_ARCHIVED = strawberry.enum_value("EVENT_ARCHIVED", description="The event takes no more bookings.")
    MEETING_CLOSED = strawberry.enum_value("MEETING_CLOSED", description="The meeting's status does not allow this.")
    CONFLICT = strawberry.enum_value("CONFLICT", description="Somebody else was faster; try again.")


@strawberry.interface(description="An expected refusal: nothing of this field was stored, the rest goes on.")
class Failure:
    code: FailureCode = strawberry.field(description="Stable; for programs.")
    message: str = strawberry.field(description="One sentence; for people.")


def failure(value: type[failures.Failure], *, description: str) -> Callable[[type[T]], type[T]]:
    """Declares the object type of one kind of failure."""

    def declare(cls: type[T]) -> type[T]:
        def is_type_of(given: Any, _: GraphQLResolveInfo[Any]) -> bool:
            return isinstance(given, value)

        cls.is_type_of = staticmethod(is_type_of)  # type: ignore[attr-defined]
        return strawberry.type(cls, description=description)

    return declare


@strawberry.type(description="One place of an input that is not acceptable.")
class InvalidField:
    path: str = strawberry.field(description="Where, such as `input.endTime`.")
    message: str = strawberry.field(description="What is expected there; never the value that was given.")


@failure(failures.InvalidInput, description="Some fields of the input are not acceptable.")
class InvalidInput(Failure):
    fields: list[InvalidField] = strawberry.field(description="Each place that is wrong; empty if it is the whole.")


@failure(failures.NotFound, description="Nothing of that id, or nothing the caller may see: the same answer.")
class NotFound(Failure):
    pass


@failure(failures.NotAllowed, description="The caller sees it and may not change it. The attempt is audited.")
class NotAllowed(Failure):
    pass


@failure(failures.AlreadyExists, description="A name that must be unique is taken.")
class AlreadyExists(Failure):
    pass


@failure(failures.SlotTaken, description="The host is busy at that time, here or in another organization.")
class SlotTaken(Failure):
    pass


@failure(failures.EventArchived, description="The event is archived or switched off.")
class EventArchived(Failure):
    pass


@failure(failures.MeetingClosed, description="The meeting's status does not allow this.")
class MeetingClosed(Failure):
    pass


@failure(failures.Conflict, description="Somebody else is changing the same thing. Try again.")
class Conflict(Failure):
    pass
