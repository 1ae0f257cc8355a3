"""Who sees who belongs where; and that nobody makes themselves a member."""

from __future__ import annotations

from uuid import UUID

from tests.personas import Connection, Database, World, as_partner, as_person, as_worker, really, refused


async def seen(connection: Connection) -> set[tuple[UUID, str]]:
    rows = await connection.fetch("select org_id, workos_user_id from app.user_org_memberships")
    return {(row[0], row[1]) for row in rows}


def everyone(world: World) -> set[tuple[UUID, str]]:
    return {(world.acme.id, person) for person in (*world.acme.people.values(), world.both)}


async def test_a_member_sees_all_members_suspended_ones_too(database: Database, world: World) -> None:
    async with as_person(database, world.acme.member, world.acme) as member:
        assert await seen(member) == everyone(world)


async def test_a_member_sees_no_member_of_another_organization(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        assert await seen(owner) == everyone(world)
    assert await really(database, "select count(*) from app.user_org_memberships where org_id = $1", world.globex.id)


async def test_a_person_sees_their_own_memberships_elsewhere_and_only_those(database: Database, world: World) -> None:
    elsewhere = (world.globex.id, world.both)
    async with as_person(database, world.both, world.acme) as inside:
        assert await seen(inside) == everyone(world) | {elsewhere}
    async with as_person(database, world.both, None) as outside:
        assert await seen(outside) == {(world.acme.id, world.both), elsewhere}


async def test_a_suspended_membership_is_not_seen_from_outside(database: Database, world: World) -> None:
    async with as_person(database, world.acme.suspended, None) as suspended:
        assert await seen(suspended) == set()
    question = "select status from app.user_org_memberships where workos_user_id = $1"
    assert await really(database, question, world.acme.suspended) == "suspended"


async def test_a_partner_sees_the_members_of_its_organization(database: Database, world: World) -> None:
    async with as_partner(database, world.acme.bare_key, world.acme) as partner:
        assert await seen(partner) == everyone(world)


async def test_nobody_who_serves_requests_writes_a_membership(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for statement in (
            "insert into app.user_org_memberships (org_id, workos_user_id, role, status) values (null, 'x', 'x', 'x')",
            "update app.user_org_memberships set role = 'owner'",
            "update app.user_org_memberships set permissions = '{records:read}'",
            "delete from app.user_org_memberships",
        ):
            async with refused(owner):
                await owner.execute(statement)


async def test_a_membership_is_never_given_to_another_person_or_organization(database: Database, world: World) -> None:
    async with as_worker(database) as worker:
        for column in ("org_id", "workos_user_id", "id", "created_at"):
            async with refused(worker):
                await worker.execute(f"update app.user_org_memberships set {column} = default")


async def test_a_demotion_counts_at_the_next_statement(database: Database, world: World) -> None:
    async with as_person(database, world.acme.admin, world.acme) as admin:
        assert await admin.execute("update app.organizations set name = 'Once'") == "UPDATE 1"
        async with as_worker(database) as worker:
            await worker.execute(
                "update app.user_org_memberships set role = 'member' where workos_user_id = $1", world.acme.admin
            )
        assert await admin.execute("update app.organizations set name = 'Twice'") == "UPDATE 0"
        assert await admin.fetch("select id from app.meetings") == []
