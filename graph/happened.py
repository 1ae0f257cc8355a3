"""What is told of one operation, to the log, the metrics and the traces: names and numbers, nothing of its content."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from auth.principal import Principal

# Comments, and the values that are written into a document: strings first, since the others may stand in one.
_VALUES = re.compile(
    r'"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n])*"|#[^\n\r]*|(?<![_0-9A-Za-z])-?[0-9][0-9.eE+-]*', re.ASCII
)


@dataclass(slots=True)
class Part:
    """A part of an operation, from when to when, in nanoseconds since 1970."""

    name: str
    began_ns: int
    ended_ns: int = 0
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Happened:
    """One operation, filled in while it goes on; what stays None was never reached."""

    principal: str | None = None
    """user, api_key or guest; never who."""
    organization: str | None = None
    """The WorkOS organization that the credential names, believed or not."""
    operation: str | None = None
    kind: Literal["query", "mutation"] | None = None
    document: str | None = None
    """Which document: a persisted one's id, or the fingerprint of a text."""
    persisted: bool = False
    way: str | None = None
    """planned or interpreted."""
    outcome: str | None = None
    code: str | None = None
    """The code of a refusal or fault of the whole."""
    statements: int = 0
    """How many statements it sent to Postgres, its frame not counted."""
    cost: int | None = None
    denials: int = 0
    """How often the policies refused a write, or the entrance a stranger."""
    gaps: int = 0
    """Records of denials that could not be written."""

    parts: list[Part] | None = None
    """What took how long, outermost first; None where nobody wants to know."""

    elements: list[Happened] | None = None
    """Of a batch: what is told of each operation; the batch itself is a request and no operation."""

    def element(self, name: str | None) -> Happened:
        """One operation of a batch, by the same caller."""
        one = Happened(self.principal, self.organization, name)
        self.elements = [*(self.elements or ()), one]
        return one

    def asked_by(self, principal: Principal) -> None:
        self.principal = principal.kind
        self.organization = principal.organization_id

    def ended(self, outcome: str, code: str | None, way: str | None) -> None:
        self.outcome, self.code = outcome, code
        self.way = None if way is None else way.partition(";")[0]

    def statement(self, took_s: float, kind: str) -> None:
        """A statement that has just ended, for the traces: what kind it is, and nothing of its text."""
        if self.parts is not None:
            now = time.time_ns()
            self.parts.append(Part("statement", now - int(took_s * 1e9), now, {"db.operation.name": kind.upper()}))

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """This part of the operation, for the traces."""
        if self.parts is None:
            yield
            return
        part = Part(name, time.time_ns())
        self.parts.append(part)
        try:
            yield
        finally:
            part.ended_ns = time.time_ns()


HAPPENED = tuple(one.name for one in fields(Happened) if one.name not in ("parts", "elements"))


def fingerprint(text: str) -> str:
    """Which document this is, whatever values are written into it: the log must not hold what could be guessed back.

    Texts that differ in white space or names have different ones; it is for finding, not for trusting.
    """
    return hashlib.sha256(_VALUES.sub("?", text).encode()).hexdigest()[:16]
