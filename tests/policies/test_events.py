"""Who sees what can be booked, and who makes it bookable."""

from __future__ import annotations

from typing import Any

import pytest

from tests.make import unique
from tests.personas import Connection, Database, World, as_partner, as_person, ids, really, refused


async def create(connection: Connection, host: str) -> Any:
    return await connection.fetchval(
        """insert into app.events (workos_user_id, name, slug, duration_in_minutes) values ($1, 'New', $2, 30)
        returning org_id""",
        host,
        unique(),
    )


async def test_everyone_in_the_organization_sees_all_of_its_events(database: Database, world: World) -> None:
    all_of_it = set(world.acme.rows["events"].values())
    for who in ("owner", "member", "billing", "receptionist"):
        async with as_person(database, getattr(world.acme, who), world.acme) as caller:
            assert await ids(caller, "events") == all_of_it
    async with as_partner(database, world.acme.bare_key, world.acme) as partner:
        assert await ids(partner, "events") == all_of_it


async def test_nobody_sees_an_event_of_another_organization(database: Database, world: World) -> None:
    theirs = world.globex.rows["events"][world.globex.member]
    async with as_person(database, world.acme.owner, world.acme) as owner:
        assert theirs not in await ids(owner, "events")
    assert await really(database, "select name from app.events where id = $1", theirs)


async def test_an_event_belongs_to_the_organization_of_the_scope(database: Database, world: World) -> None:
    async with as_person(database, world.both, world.acme) as both:
        assert await create(both, world.both) == world.acme.id
    async with as_person(database, world.both, world.globex) as both:
        assert await create(both, world.both) == world.globex.id


async def test_an_admin_makes_an_event_for_a_member(database: Database, world: World) -> None:
    async with as_person(database, world.acme.admin, world.acme) as admin:
        assert await create(admin, world.acme.member) == world.acme.id


@pytest.mark.parametrize("who", ["member", "billing", "receptionist", "restricted"])
async def test_without_the_permission_a_host_makes_their_own_only(database: Database, world: World, who: str) -> None:
    person = getattr(world.acme, who)
    async with as_person(database, person, world.acme) as caller:
        assert await create(caller, person) == world.acme.id
        async with refused(caller):
            await create(caller, world.acme.colleague)


@pytest.mark.parametrize("host", ["suspended", "globex", "unknown"])
async def test_nobody_is_made_bookable_where_they_do_not_work(database: Database, world: World, host: str) -> None:
    hosts = {"suspended": world.acme.suspended, "globex": world.globex.owner, "unknown": "user_unknown"}
    async with as_person(database, world.acme.owner, world.acme) as owner, refused(owner):
        await create(owner, hosts[host])


async def test_a_host_changes_and_archives_their_own_event(database: Database, world: World) -> None:
    async with as_person(database, world.acme.member, world.acme) as member:
        change = "update app.events set name = 'Other', is_active = false, archived_at = now()"
        assert await member.execute(change) == "UPDATE 1"
    names = "select count(*) from app.events where org_id = $1 and name = 'Other'"
    assert await really(database, names, world.acme.id) == 1


async def test_an_admin_changes_every_event_of_the_organization_and_no_other(database: Database, world: World) -> None:
    async with as_person(database, world.acme.admin, world.acme) as admin:
        done = await admin.execute("update app.events set position = 9")
    assert done == f"UPDATE {len(world.acme.rows['events'])}"
    assert await really(database, "select max(position) from app.events where org_id = $1", world.globex.id) == 0


async def test_the_host_of_an_event_is_fixed(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for column in ("workos_user_id", "org_id", "id", "created_at", "stripe_price_id"):
            async with refused(owner):
                await owner.execute(f"update app.events set {column} = default")


async def test_an_event_is_never_deleted(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner, refused(owner):
        await owner.execute("delete from app.events")
