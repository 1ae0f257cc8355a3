"""Relations, followed for all sources at once: one statement per relation and level, whatever the page size.

Loaders live as long as their operation. Nothing is remembered beyond it, since what was seen under one
scope must never be served under another.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

from aiodataloader import DataLoader
from sqlalchemy import ARRAY, Select, bindparam, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.orm.relationships import RelationshipProperty

from db.scope import Transaction, columns_of
from db.tables import MeetingRow
from db.tables.base import Row
from graph.paging import Page, Slice, among

R = TypeVar("R", bound=Row)


def relation_of(attribute: Any) -> tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any], type[Row]]:
    """A mapped relation as (the source's column, the target's column, the target)."""
    relation: RelationshipProperty[Any] = attribute.property
    ((local, remote),) = relation.local_remote_pairs or ()
    target = cast("type[Row]", relation.mapper.class_)
    source = relation.parent
    return (
        source.all_orm_descriptors[source.get_property_by_column(local).key],
        relation.mapper.all_orm_descriptors[relation.mapper.get_property_by_column(remote).key],
        target,
    )  # type: ignore[return-value]


class Loaders:
    """The loaders of one operation, made when first asked for."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._loaders: dict[Any, DataLoader[Any, Any]] = {}

    def row(self, entity: type[R], column: InstrumentedAttribute[Any], key: Any) -> Awaitable[R | None]:
        """The row of `entity` whose `column` is `key`, or None where the scope shows none."""

        async def load(keys: list[Any]) -> list[R | None]:
            rows = await self._transaction.all(select(entity).where(among(column, keys)))
            found = {getattr(row, column.key): row for row in rows}
            return [found.get(key) for key in keys]

        return self._loader((entity, column.key), load).load(key)

    def rows(self, entity: type[R], column: InstrumentedAttribute[Any], key: Any) -> Awaitable[list[R]]:
        """All rows of `entity` whose `column` is `key`: for what is small by its nature, such as a week's windows."""

        async def load(keys: list[Any]) -> list[list[R]]:
            found: dict[Any, list[R]] = {key: [] for key in keys}
            for row in await self._transaction.all(select(entity).where(among(column, keys))):
                found[getattr(row, column.key)].append(row)
            return [found[key] for key in keys]

        return self._loader((entity, column.key, "rows"), load).load(key)

    def page(self, relation: Any, page: Page[R], key: Any) -> Awaitable[Slice[R]]:
        """One page of the rows that `relation` leads to from the source with this key."""
        _, remote, _ = relation_of(relation)

        async def load(keys: list[Any]) -> list[Slice[R]]:
            statement = per_parent(page, remote, keys)
            found: dict[Any, list[R]] = {key: [] for key in keys}
            for parent, row in await self._rows_by_parent(statement, page.collection.entity):
                found[parent].append(row)
            return [page.cut(found[key]) for key in keys]

        return self._loader((str(relation), page), load).load(key)

    def count(self, relation: Any, page: Page[R], key: Any) -> Awaitable[int]:
        """How many rows that is in all."""
        _, remote, _ = relation_of(relation)

        async def load(keys: list[Any]) -> list[int]:
            matching = page.matching(page.collection.rows()).where(among(remote, keys))
            counted = matching.with_only_columns(remote, func.count()).group_by(remote)
            found = {row[0]: row[1] for row in await self._transaction.execute(counted)}
            return [found.get(key, 0) for key in keys]

        return self._loader((str(relation), page, "count"), load).load(key)

    def all(self, page: Page[R]) -> Awaitable[Slice[R]]:
        """One page of all rows that the scope shows; fetched once for `nodes` and `edges`."""

        async def load(pages: list[Page[R]]) -> list[Slice[R]]:
            return [one.cut(await self._transaction.all(one.of(one.collection.rows()))) for one in pages]

        return self._loader("all", load).load(page)

    async def total(self, page: Page[R]) -> int:
        """How many rows that list has in all."""
        counted = page.matching(page.collection.rows()).with_only_columns(func.count(), maintain_column_froms=True)
        total: int = await self._transaction.scalar(counted)
        return total

    def guest_notes(self, meeting_id: UUID) -> Awaitable[str | None]:
        """Health data: what the guest told the host. Whoever calls this records the read."""

        async def load(keys: list[UUID]) -> list[str | None]:
            statement = select(MeetingRow.id, MeetingRow.guest_notes).where(among(MeetingRow.id, keys))
            found = {row[0]: row[1] for row in await self._transaction.execute(statement)}
            return [found.get(key) for key in keys]

        return self._loader("guest_notes", load).load(meeting_id)

    async def _rows_by_parent(self, statement: Select[Any], entity: type[R]) -> list[tuple[Any, R]]:
        rows = await self._transaction.execute(statement)
        values = self._transaction.values(entity, (row[1:] for row in rows))
        return list(zip((row[0] for row in rows), values, strict=True))

    def _loader(self, name: Any, load: Any) -> DataLoader[Any, Any]:
        if name not in self._loaders:
            self._loaders[name] = DataLoader(load)
        return self._loaders[name]


def per_parent(page: Page[R], remote: InstrumentedAttribute[Any], keys: Sequence[Any]) -> Select[Any]:
    """The same page of every parent in one statement: the parents' keys, each joined to its own page.

    `lateral`, so that each page is a short walk of the index, however many rows the parents have.
    """
    keyed = func.unnest(bindparam("keys", list(keys), type_=ARRAY(remote.type), unique=True))
    parents = keyed.table_valued("key", with_ordinality="place").render_derived(name="parents")
    entity = page.collection.entity
    rows = page.of(page.collection.rows().where(remote == parents.c.key)).lateral("page")
    paged = aliased(entity, rows)
    ordering = [
        getattr(paged, column.key).desc() if descends else getattr(paged, column.key).asc()
        for column, descends in page.walk
    ]
    columns = [getattr(paged, name) for name in columns_of(entity)]
    return select(parents.c.key, *columns).join(rows, true()).order_by(parents.c.place, *ordering)
