"""The people and their memberships, for the development sign-in and `orgraph token`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import text

from db.engine import create_engine
from db.scope import worker

# In the order in which people came; the memberships of one person in the order in which they joined.
EVERYONE = text("""
select u.workos_user_id, u.email, u.first_name, u.last_name, o.workos_org_id, o.name, o.slug, m.role, m.status
from app.users u
left join (app.user_org_memberships m join app.organizations o on o.id = m.org_id and o.deleted_at is null)
    on m.workos_user_id = u.workos_user_id
where u.deleted_at is null
order by u.created_at, u.id, m.joined_at, m.id
""")


@dataclass(frozen=True, slots=True)
class MembershipEntry:
    """One organization a person belongs to; `status` is active, pending, inactive or suspended."""

    workos_org_id: str
    organization_name: str
    slug: str
    role: str
    status: str


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """One person, with every membership they have, whatever its status."""

    workos_user_id: str
    email: str
    first_name: str | None
    last_name: str | None
    memberships: tuple[MembershipEntry, ...] = ()


async def people(worker_url: str) -> list[PersonEntry]:
    """Read everyone, as the worker. `worker_url` is DATABASE_WORKER_URL."""
    engine = create_engine(worker_url, size=1, application="orgraph directory")
    try:
        async with worker(engine, "directory of people") as transaction:
            rows = await transaction.execute(EVERYONE)
    finally:
        await engine.dispose()
    return [
        PersonEntry(
            workos_user_id=user_id,
            email=email,
            first_name=first_name,
            last_name=last_name,
            memberships=tuple(MembershipEntry(*row[4:]) for row in theirs if row.slug is not None),
        )
        for (user_id, email, first_name, last_name), theirs in groupby(rows, key=lambda row: tuple(row[:4]))
    ]
