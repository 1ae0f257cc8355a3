"""What can be refused as an answer: expected failures, as plain data that a client branches on.

Failure             code, message
    InvalidInput    which fields, and what they should be
    NotFound        nothing of that id here, or nothing the caller may see: the same answer
    NotAllowed      seen, and not the caller's to change
    AlreadyExists   a name that must be unique is taken
    SlotTaken       the host is busy at that time
    EventArchived   the event can no longer be booked
    MeetingClosed   the meeting is over, cancelled or expired
    Conflict        somebody else was faster; try again
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Failure:
    """An expected failure: the operation goes on, this field is undone."""

    code: ClassVar[str]
    message: str


@dataclass(frozen=True)
class InvalidField:
    """One place of an input: a path like `input.endTime`, and what is expected there."""

    path: str
    message: str


@dataclass(frozen=True)
class InvalidInput(Failure):
    """Some fields of the input are not acceptable; nothing was stored."""

    code: ClassVar[str] = "INVALID_INPUT"
    message: str = "Some fields are not acceptable."
    fields: tuple[InvalidField, ...] = ()


@dataclass(frozen=True)
class IdempotencyMismatch(InvalidInput):
    """The same key was used with another body."""

    code: ClassVar[str] = "IDEMPOTENCY_MISMATCH"
    message: str = "This idempotency key was used with another input. Use a new key."
    fields: tuple[InvalidField, ...] = (InvalidField("input.idempotencyKey", "was used with another input"),)


@dataclass(frozen=True)
class NotFound(Failure):
    """Nothing of that id, or nothing the caller may see."""

    code: ClassVar[str] = "NOT_FOUND"
    message: str = "There is nothing of that id here."


@dataclass(frozen=True)
class NotAllowed(Failure):
    """The caller may not do this; the attempt is in the audit trail."""

    code: ClassVar[str] = "NOT_ALLOWED"
    message: str = "You may not do this."


@dataclass(frozen=True)
class AlreadyExists(Failure):
    """Something with that name exists already."""

    code: ClassVar[str] = "ALREADY_EXISTS"
    message: str = "That name is taken. Choose another."


@dataclass(frozen=True)
class SlotTaken(Failure):
    """The host is busy at that time."""

    code: ClassVar[str] = "SLOT_TAKEN"
    message: str = "The host is busy at that time. Choose another."


@dataclass(frozen=True)
class EventArchived(Failure):
    """The event is archived or switched off, so it takes no booking."""

    code: ClassVar[str] = "EVENT_ARCHIVED"
    message: str = "This event takes no more bookings."


@dataclass(frozen=True)
class MeetingClosed(Failure):
    """The meeting's status does not allow this."""

    code: ClassVar[str] = "MEETING_CLOSED"
    message: str = "The meeting's status does not allow this."


@dataclass(frozen=True)
class Conflict(Failure):
    """Somebody else was faster."""

    code: ClassVar[str] = "CONFLICT"
    message: str = "Somebody else is changing the same thing. Try again."
