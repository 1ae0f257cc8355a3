"""Who sees a person, and how much of them."""

from __future__ import annotations

from typing import Any

from tests.personas import Database, World, as_partner, as_person, as_worker, ids, really, refused

PRIVATE = (
    "email_lower",
    "platform_role",
    "country",
    "locale",
    "stripe_customer_id",
    "stripe_connect_account_id",
    "stripe_bank_account_last4",
    "stripe_bank_name",
    "stripe_identity_verified",
    "welcome_email_sent_at",
    "onboarding_completed_at",
    "deleted_at",
)


def people(world: World) -> set[str]:
    return {*world.acme.people.values(), world.both}


async def test_a_member_sees_everyone_of_the_organization_former_members_too(database: Database, world: World) -> None:
    async with as_person(database, world.acme.member, world.acme) as member:
        assert await ids(member, "users", "workos_user_id") == people(world)
    assert world.acme.suspended in people(world)


async def test_a_member_sees_nobody_of_another_organization(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        found = await owner.fetch("select from app.users where workos_user_id = $1", world.globex.member)
    assert found == []
    assert await really(database, "select id from app.users where workos_user_id = $1", world.globex.member)


async def test_a_person_without_an_organization_sees_themselves(database: Database, world: World) -> None:
    async with as_person(database, world.acme.suspended, None) as suspended:
        assert await ids(suspended, "users", "workos_user_id") == {world.acme.suspended}


async def test_nobody_sees_nobody(database: Database, world: World) -> None:
    async with as_person(database, None, None) as nobody:
        assert await ids(nobody, "users") == set()


async def test_a_partner_sees_the_people_of_its_organization(database: Database, world: World) -> None:
    async with as_partner(database, world.acme.bare_key, world.acme) as partner:
        assert await ids(partner, "users", "workos_user_id") == people(world)


async def test_what_is_private_of_a_person_is_granted_to_nobody(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for column in PRIVATE:
            async with refused(owner):
                await owner.fetch(f"select {column} from app.users")


async def test_a_person_reads_their_own_account_and_no_other(database: Database, world: World) -> None:
    async with as_worker(database) as worker:
        set_bank = "update app.users set stripe_bank_name = $1 where workos_user_id = $1"
        for person in (world.acme.member, world.acme.colleague):
            await worker.execute(set_bank, person)
    async with as_person(database, world.acme.member, world.acme) as member:
        account: Any = await member.fetchval("select app.my_account() ->> 'stripe_bank_name'")
    assert account == world.acme.member


async def test_a_person_changes_their_own_country_and_language(database: Database, world: World) -> None:
    for org in (world.acme, None):
        async with as_person(database, world.acme.member, org) as member:
            assert await member.execute("update app.users set country = 'FR', locale = 'fr'") == "UPDATE 1"
    everyone = "select count(*) from app.users where country = 'FR' and workos_user_id = any ($1)"
    assert await really(database, everyone, list(people(world))) == 1


async def test_an_owner_changes_no_other_person(database: Database, world: World) -> None:
    change = "update app.users set locale = 'fr' where workos_user_id = $1"
    async with as_person(database, world.acme.owner, world.acme) as owner:
        assert await owner.execute(change, world.acme.member) == "UPDATE 0"
    question = "select locale from app.users where workos_user_id = $1"
    assert await really(database, question, world.acme.member) == "en"


async def test_a_person_grants_themselves_nothing(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for column in (*PRIVATE, "id", "workos_user_id", "email", "created_at"):
            if column not in {"country", "locale"}:
                async with refused(owner):
                    await owner.execute(f"update app.users set {column} = default")
        async with refused(owner):
            await owner.execute("insert into app.users (email) values ('x@y.test')")
        async with refused(owner):
            await owner.execute("delete from app.users")
