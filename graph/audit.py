"""The trail of one operation: recorded beside each change, written in one call before COMMIT."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import JSONB

from db.scope import Transaction
from db.statements import Prepared

F = TypeVar("F", bound=Callable[..., Any])

_RECORDING = Prepared(select(func.app.record_audit(bindparam("entries", type_=JSONB))))
# Never text in the trail: a digest shows that it changed, and no more. Health data, and what may hold some.
_DIGESTED = frozenset({"guest_notes", "cancellation_reason"})
# Moved by the database itself, or the same in every row.
_UNTOLD = frozenset({"org_id", "id", "created_at", "updated_at", "email_lower", "guest_email_lower"})


@dataclass(frozen=True)
class Action:
    """What a mutation is called in the trail, and on what kind of thing it acts."""

    name: str
    resource_type: str


def audited(name: str, resource_type: str) -> Callable[[F], F]:
    """Names the audit action of a write resolver; whatever it records is recorded under this name."""

    def mark(resolver: F) -> F:
        resolver.action = Action(name, resource_type)  # type: ignore[attr-defined]
        return resolver

    return mark


@dataclass
class Trail:
    """What this operation has done so far, and what it was refused."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    action: Action | None = None
    written: int = 0
    """How many of the entries this transaction has stored, in the order in which they were recorded."""

    def changed(self, id: UUID | str, *, old: Any = None, new: Any = None, **metadata: Any) -> None:
        """Record the change of one thing by the current mutation: only the columns that differ.

        `old` and `new` are rows of one class, or mappings; None for what did not exist.
        """
        if self.action is None:
            raise LookupError("a change is recorded by a mutation whose resolver is marked @audited")
        before, after = _told(id, old), _told(id, new)
        differing = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        self._add(
            self.action,
            id,
            old_values=None if old is None else {name: before[name] for name in sorted(differing & before.keys())},
            new_values=None if new is None else {name: after[name] for name in sorted(differing & after.keys())},
            metadata=metadata,
        )

    def read(self, action: Action, id: UUID, **metadata: Any) -> None:
        """Record that health data of one thing was read, once per thing and operation."""
        entry = {"action": action.name, "resource_type": action.resource_type, "resource_id": str(id)}
        if not any(entry.items() <= other.items() for other in self.entries):
            self.entries.append({**entry, "metadata": metadata})

    def refused(self, mutation: str, action: Action, outcome: str) -> None:
        """Record that the caller was denied, or that the mutation failed: written after the rollback."""
        name, kind = (
            (action.name, action.resource_type) if outcome == "failed" else ("UNAUTHORIZED_ACCESS_ATTEMPT", "security")
        )
        self.refusals.append(
            {"action": name, "resource_type": kind, "outcome": outcome, "metadata": {"mutation": mutation}}
        )

    def undone(self) -> list[dict[str, Any]]:
        """What to write when nothing was stored: what stopped it or, where that is not known, that all of it failed."""
        names = dict.fromkeys((entry["action"], entry["resource_type"]) for entry in self.entries)
        failed = [{"action": name, "resource_type": kind, "outcome": "failed"} for name, kind in names]
        return self.refusals or failed

    @property
    def unwritten(self) -> list[dict[str, Any]]:
        """What is recorded and not yet stored."""
        return self.entries[self.written :]

    async def write(self, transaction: Transaction) -> None:
        """Write what is not yet stored, in one statement: the last one before COMMIT."""
        if entries := self.unwritten:
            await transaction.execute(_RECORDING, {"entries": entries})
            self.written += len(entries)

    def _add(self, action: Action, id: UUID | str, **values: Any) -> None:
        self.entries.append(
            {"action": action.name, "resource_type": action.resource_type, "resource_id": str(id), **values}
        )


def _told(id: UUID | str, row: Any) -> dict[str, Any]:
    if row is None:
        return {}
    values = row if isinstance(row, dict) else row._asdict()
    return {name: _plain(id, name, value) for name, value in values.items() if name not in _UNTOLD}


def _plain(id: UUID | str, name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DIGESTED:
        # With the thing's id, so that equal words about two people do not look equal.
        return {"sha256": hashlib.sha256(orjson.dumps([str(id), name, value])).hexdigest()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value
