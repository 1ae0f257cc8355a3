"""Which fields of practice there are."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from db.tables import CategoryRow
from graph.paging import Collection

CATEGORIES: Collection[CategoryRow] = Collection(
    entity=CategoryRow,
    default_order="NAME_ASC",
    orders={"NAME_ASC": CategoryRow.name.asc()},
    filters={
        "parent_id": lambda id: CategoryRow.parent_id == id,
        "top_level": lambda top: CategoryRow.parent_id.is_(None) if top else CategoryRow.parent_id.is_not(None),
        "slug": lambda slug: CategoryRow.slug == slug,
    },
)


def by_id(id: UUID) -> Select[CategoryRow]:
    """The category of this id."""
    return select(CategoryRow).where(CategoryRow.id == id)
