"""Who sees and writes how a host presents themselves."""

from __future__ import annotations

from tests.personas import Database, World, as_partner, as_person, ids, really, refused

AGREEMENT = (
    "practitioner_agreement_accepted_at",
    "practitioner_agreement_version",
    "practitioner_agreement_ip_address",
    "practitioner_agreement_metadata",
)
SAVE = """insert into app.profiles (workos_user_id, first_name, last_name, headline) values ($1, 'Ana', 'B', $2)
    on conflict (org_id, workos_user_id) do update set headline = excluded.headline returning id"""


async def test_colleagues_see_every_profile_and_strangers_none(database: Database, world: World) -> None:
    profiles = set(world.acme.rows["profiles"].values())
    async with as_person(database, world.acme.member, world.acme) as member:
        assert await ids(member, "profiles") == profiles
    async with as_person(database, world.globex.owner, world.globex) as stranger:
        assert not await ids(stranger, "profiles") & profiles


async def test_a_partner_sees_published_profiles_only(database: Database, world: World) -> None:
    async with as_partner(database, world.acme.key, world.acme) as partner:
        assert await ids(partner, "profiles") == {world.acme.rows["profiles"][world.acme.colleague]}
    unpublished = "select count(*) from app.profiles where org_id = $1 and not published"
    assert await really(database, unpublished, world.acme.id) > 1


async def test_a_guest_sees_no_profile(database: Database, world: World) -> None:
    async with as_person(database, world.both, None) as guest, refused(guest):
        await ids(guest, "profiles")


async def test_the_agreement_is_granted_to_nobody(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for column in AGREEMENT:
            async with refused(owner):
                await owner.fetch(f"select {column} from app.profiles")


async def test_a_host_saves_their_own_and_nobody_elses(database: Database, world: World) -> None:
    for who in ("member", "billing", "receptionist"):
        person = getattr(world.acme, who)
        async with as_person(database, person, world.acme) as caller:
            assert await caller.fetchval(SAVE, person, "Mine") == world.acme.rows["profiles"][person]
            async with refused(caller):
                await caller.execute(SAVE, world.acme.colleague, "Taken")
            assert await caller.execute("update app.profiles set headline = 'Blind'") == "UPDATE 1"
    colleagues = world.acme.rows["profiles"][world.acme.colleague]
    assert await really(database, "select headline from app.profiles where id = $1", colleagues) is None


async def test_who_may_manage_profiles_saves_those_of_active_hosts(database: Database, world: World) -> None:
    async with as_person(database, world.acme.admin, world.acme) as admin:
        assert await admin.fetchval(SAVE, world.acme.member, "Better")
        for host in (world.acme.suspended, world.globex.owner):
            async with refused(admin):
                await admin.execute(SAVE, host, "Better")


async def test_nobody_calls_themselves_verified_or_published(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for column in ("is_verified", "is_top_expert", "published", "position", "workos_user_id", "org_id", *AGREEMENT):
            async with refused(owner):
                await owner.execute(f"update app.profiles set {column} = default")
            async with refused(owner):
                await owner.execute(f"insert into app.profiles (first_name, {column}) values ('A', default)")
        async with refused(owner):
            await owner.execute("delete from app.profiles")
