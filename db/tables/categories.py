"""The row of app.categories."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Mapped

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.profiles import ProfileRow


class CategoryRow(Row):
    """A field of practice, the same for every organization."""

    __tablename__ = "categories"

    id: Mapped[Key]
    parent_id: Mapped[UUID | None]
    slug: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None]
    image: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    parent: Mapped[CategoryRow | None] = related(
        "CategoryRow", "foreign(CategoryRow.parent_id) == remote(CategoryRow.id)"
    )
    children: Mapped[list[CategoryRow]] = related(
        "CategoryRow", "CategoryRow.id == foreign(remote(CategoryRow.parent_id))"
    )
    profiles: Mapped[list[ProfileRow]] = related(
        "ProfileRow", "CategoryRow.id == foreign(ProfileRow.primary_category_id)"
    )
