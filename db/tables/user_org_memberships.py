"""The row of app.user_org_memberships: a person in an organization."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Select, Text, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Key, Row, related

if TYPE_CHECKING:
    from db.tables.organizations import OrganizationRow
    from db.tables.users import UserRow


class MembershipRow(Row):
    """A person's role and standing in one organization; the source is WorkOS."""

    __tablename__ = "user_org_memberships"

    org_id: Mapped[Key]
    id: Mapped[Key]
    workos_user_id: Mapped[str]
    role: Mapped[str]
    permissions: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    status: Mapped[str]
    joined_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @classmethod
    def here(cls) -> Select[MembershipRow]:
        """The memberships of the scope's organization: the one place where rows of others are seen besides."""
        return select(cls).where(cls.org_id == select(func.app.current_org_id()).scalar_subquery())

    organization: Mapped[OrganizationRow] = related(
        "OrganizationRow", "foreign(MembershipRow.org_id) == OrganizationRow.id"
    )
    user: Mapped[UserRow] = related("UserRow", "foreign(MembershipRow.workos_user_id) == UserRow.workos_user_id")
