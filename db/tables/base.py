"""What every mapped row shares: the schema it lives in, and how one row leads to others.

The classes describe tables; they are never instantiated. A statement built from them is run by
`db.scope.Transaction`, whose results are immutable tuples with the same attribute names.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, TypeAlias
from uuid import UUID

from sqlalchemy import DateTime, FetchedValue, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column, relationship

# Part of a primary key, and made by the database: never taken from a caller.
Key: TypeAlias = Annotated[UUID, mapped_column(primary_key=True, server_default=FetchedValue())]


class Row(DeclarativeBase):
    """A row of a table in schema `app`."""

    metadata = MetaData(schema="app")
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: DateTime(timezone=True), str: Text}


def related(target: str, on: str) -> Any:
    """A relation to `target`, followed by a loader or compiled into a join, never by attribute access.

    `on` names the join; `foreign()` marks the side that points, and so tells one row from many.
    The organization is no part of it: both sides stand behind the same row-level security.
    """
    return relationship(target, primaryjoin=on, viewonly=True, lazy="raise")
