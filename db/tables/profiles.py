"""The row of app.profiles: the public columns of how a host presents themselves."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.categories import CategoryRow
    from db.tables.organizations import OrganizationRow
    from db.tables.users import UserRow


class ProfileRow(Row):
    """A host's page in one organization. What they signed and from where is not granted, and not mapped."""

    __tablename__ = "profiles"

    org_id: Mapped[Key]
    id: Mapped[Key]
    workos_user_id: Mapped[str]
    profile_picture: Mapped[str | None]
    first_name: Mapped[str]
    last_name: Mapped[str]
    headline: Mapped[str | None]
    short_bio: Mapped[str | None]
    long_bio: Mapped[str | None]
    primary_category_id: Mapped[UUID | None]
    secondary_category_id: Mapped[UUID | None]
    social_links: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    is_verified: Mapped[bool]
    is_top_expert: Mapped[bool]
    published: Mapped[bool]
    published_at: Mapped[datetime | None]
    position: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    organization: Mapped[OrganizationRow] = related(
        "OrganizationRow", "foreign(ProfileRow.org_id) == OrganizationRow.id"
    )
    user: Mapped[UserRow] = related("UserRow", "foreign(ProfileRow.workos_user_id) == UserRow.workos_user_id")
    primary_category: Mapped[CategoryRow | None] = related(
        "CategoryRow", "foreign(ProfileRow.primary_category_id) == CategoryRow.id"
    )
    secondary_category: Mapped[CategoryRow | None] = related(
        "CategoryRow", "foreign(ProfileRow.secondary_category_id) == CategoryRow.id"
    )
