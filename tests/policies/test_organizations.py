"""Who sees an organization, and who changes its settings."""

from __future__ import annotations

import pytest

from tests.make import TOMORROW, insert, unique
from tests.personas import Database, World, as_partner, as_person, as_worker, ids, really, refused

PLATFORM = "00000000-0000-7000-8000-000000000000"


async def test_a_person_sees_the_organizations_they_are_active_in(database: Database, world: World) -> None:
    async with as_person(database, world.both, world.acme) as inside:
        assert await ids(inside, "organizations") == {world.acme.id, world.globex.id}
    async with as_person(database, world.both, None) as outside:
        assert await ids(outside, "organizations") == {world.acme.id, world.globex.id}


async def test_a_member_never_sees_another_organization(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        assert await ids(owner, "organizations") == {world.acme.id}
    assert await really(database, "select name from app.organizations where id = $1", world.globex.id) == "Globex"


async def test_a_suspended_member_sees_no_organization(database: Database, world: World) -> None:
    async with as_person(database, world.acme.suspended, None) as suspended:
        assert await ids(suspended, "organizations") == set()


async def test_a_deleted_organization_is_seen_by_nobody(database: Database, world: World) -> None:
    async with as_worker(database) as worker:
        await worker.execute("update app.organizations set deleted_at = now() where id = $1", world.globex.id)
    async with as_person(database, world.both, None) as person:
        assert await ids(person, "organizations") == {world.acme.id}


async def test_a_partner_sees_the_organization_of_its_key(database: Database, world: World) -> None:
    async with as_partner(database, world.acme.bare_key, world.acme) as partner:
        assert await ids(partner, "organizations") == {world.acme.id}


async def test_nobody_at_all_sees_no_organization(database: Database, world: World) -> None:
    async with as_person(database, None, None) as nobody:
        assert await ids(nobody, "organizations") == set()


async def test_the_platform_is_seen_by_nobody_whatever_their_membership(database: Database, world: World) -> None:
    async with as_worker(database) as worker, refused(worker):
        values = {"workos_user_id": world.acme.owner, "role": "owner", "status": "active"}
        await insert(worker, "user_org_memberships", org_id=PLATFORM, **values)
    # Even if the row were there.
    await really(
        database,
        """insert into app.user_org_memberships (org_id, workos_user_id, role, status)
        values ($1, $2, 'owner', 'active')""",
        PLATFORM,
        world.acme.owner,
    )
    async with as_person(database, world.acme.owner, None) as person:
        assert await ids(person, "organizations") == {world.acme.id}


@pytest.mark.parametrize("column", ["subscription_tier", "subscription_status", "stripe_subscription_id"])
async def test_subscriptions_are_granted_to_nobody(database: Database, world: World, column: str) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner, refused(owner):
        await owner.fetch(f"select {column} from app.organizations")


async def test_an_owner_changes_the_settings_of_their_organization(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        changed = """update app.organizations set name = 'New', timezone = 'Europe/Lisbon', metadata = '{}',
            billing_email = 'a@b.test' where id = $1 returning name"""
        assert await owner.fetchval(changed, world.acme.id) == "New"


async def test_who_was_granted_it_may_change_the_settings_whatever_their_role(database: Database, world: World) -> None:
    async with as_worker(database) as worker:
        await worker.execute(
            "update app.user_org_memberships set permissions = '{organization:manage}' where workos_user_id = $1",
            world.acme.member,
        )
    async with as_person(database, world.acme.member, world.acme) as member:
        assert await member.execute("update app.organizations set name = 'New'") == "UPDATE 1"


@pytest.mark.parametrize("who", ["member", "billing", "receptionist", "restricted"])
async def test_nobody_else_changes_the_settings(database: Database, world: World, who: str) -> None:
    async with as_person(database, getattr(world.acme, who), world.acme) as caller:
        assert await caller.execute("update app.organizations set name = 'Taken'") == "UPDATE 0"
    assert await really(database, "select name from app.organizations where id = $1", world.acme.id) == "Acme"


async def test_an_owner_of_both_changes_the_one_in_scope(database: Database, world: World) -> None:
    async with as_worker(database) as worker:
        await worker.execute(
            "update app.user_org_memberships set role = 'owner' where workos_user_id = $1 and org_id = $2",
            world.both,
            world.acme.id,
        )
    async with as_person(database, world.both, world.acme) as owner:
        assert await owner.execute("update app.organizations set name = 'Blind'") == "UPDATE 1"
    assert await really(database, "select name from app.organizations where id = $1", world.globex.id) == "Globex"


async def test_what_an_organization_is_comes_from_workos(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for column in ("id", "workos_org_id", "slug", "type", "subscription_tier", "deleted_at", "created_at"):
            async with refused(owner):
                await owner.execute(f"update app.organizations set {column} = default")
        async with refused(owner):
            await owner.execute("insert into app.organizations (name) values ('Mine')")
        async with refused(owner):
            await owner.execute("delete from app.organizations")


async def test_the_worker_makes_organizations_and_leaves_the_platform_alone(database: Database, world: World) -> None:
    async with as_worker(database) as worker:
        word = unique()
        made = await insert(worker, "organizations", workos_org_id=f"org_{word}", slug=word, name=str(TOMORROW))
        assert made in await ids(worker, "organizations")
        taken = "update app.organizations set name = 'Taken' where id = $1"
        assert await worker.execute(taken, PLATFORM) == "UPDATE 0"
    assert await really(database, "select name from app.organizations where id = $1", PLATFORM) == "Platform"
