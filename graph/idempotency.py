"""A mutation's key: asked twice, done once, answered the same.

The key's row is written first, in the mutation's own transaction, so a crash leaves no key without its
effect. It keeps what was answered as type and id, never as contents: a replay reads the row again, under
the row-level security of whoever asks. So it answers the row as it is now, whatever has happened to it
since; and to who may see it and no longer change it, since it changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

import db.tables
from db.scope import Transaction, entity_of
from db.tables import IdempotencyKeyRow
from graph.failures import Failure, IdempotencyMismatch, InvalidField, InvalidInput, NotFound

KEPT = timedelta(hours=48)
_KEY = re.compile(r"\A[ -~]{8,255}\Z")


@dataclass(frozen=True)
class Key:
    """A checked idempotency key, and the digest of the input it stands for."""

    mutation: str
    key: str
    request_hash: bytes


def key_of(mutation: str, key: str, values: Mapping[str, Any]) -> Key | InvalidInput:
    """Check a key and bind it to its input."""
    if not _KEY.match(key):
        field = InvalidField("input.idempotencyKey", "must be 8 to 255 printable ASCII characters")
        return InvalidInput(fields=(field,))
    canonical = orjson.dumps(_canonical(values), option=orjson.OPT_SORT_KEYS)
    return Key(mutation, key, hashlib.sha256(canonical).digest())


async def claim(transaction: Transaction, key: Key) -> Any:
    """None if the key is new and now ours; else what was answered then, or a failure.

    Waits for a running mutation with the same key (up to the lock timeout, which is a CONFLICT).
    """
    await transaction.execute(
        delete(IdempotencyKeyRow).where(
            IdempotencyKeyRow.mutation == key.mutation,
            IdempotencyKeyRow.key == key.key,
            IdempotencyKeyRow.created_at < func.now() - KEPT,
        )
    )
    claimed = await transaction.execute(
        insert(IdempotencyKeyRow)
        .values(mutation=key.mutation, key=key.key, request_hash=key.request_hash)
        .on_conflict_do_nothing()
        .returning(IdempotencyKeyRow.key)
    )
    if claimed:
        return None
    known = await transaction.one(select(IdempotencyKeyRow).where(*_of(key)))
    if known is None or known.request_hash != key.request_hash:
        return IdempotencyMismatch()
    return await _answered(transaction, known.result or {})


async def keep(transaction: Transaction, key: Key, answer: Any) -> None:
    """Remember what was answered, by type and id."""
    many = answer if isinstance(answer, list) else [answer]
    entity = entity_of(many[0])
    if entity is None:
        raise LookupError(f"{key.mutation} answered something without an id")
    result = {"entity": entity.__name__, "ids": [str(row.id) for row in many], "list": isinstance(answer, list)}
    await transaction.execute(update(IdempotencyKeyRow).where(*_of(key)).values(result=result))


def _of(key: Key) -> tuple[Any, ...]:
    return (
        IdempotencyKeyRow.actor_id == func.app.current_actor_id(),
        IdempotencyKeyRow.mutation == key.mutation,
        IdempotencyKeyRow.key == key.key,
    )


async def _answered(transaction: Transaction, result: Mapping[str, Any]) -> Any:
    entity: Any = getattr(db.tables, result.get("entity", ""), None)
    if entity is None:
        return NotFound()
    ids = [UUID(id) for id in result["ids"]]
    rows = {row.id: row for row in await transaction.all(select(entity).where(entity.id.in_(ids)))}
    if result["list"]:
        return [rows[id] for id in ids if id in rows]
    found: Any | Failure = rows.get(ids[0], NotFound())
    return found


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _canonical(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_canonical(one) for one in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
