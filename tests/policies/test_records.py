"""Who knows that a clinical note exists; nobody reads what it says."""

from __future__ import annotations

from tests.personas import Database, World, as_partner, as_person, as_worker, ids, really, refused


async def test_an_author_sees_their_own_notes_only(database: Database, world: World) -> None:
    for who in ("member", "billing", "receptionist"):
        person = getattr(world.acme, who)
        async with as_person(database, person, world.acme) as author:
            assert await ids(author, "records") == {world.acme.rows["records"][person]}
    colleagues = world.acme.rows["records"][world.acme.colleague]
    assert await really(database, "select version from app.records where id = $1", colleagues) == 1


async def test_an_owner_reads_no_note_of_another_author_unless_granted(database: Database, world: World) -> None:
    acme = world.acme
    async with as_person(database, acme.owner, acme) as owner:
        assert await ids(owner, "records") == {acme.rows["records"][acme.owner]}
    async with as_worker(database) as worker:
        await worker.execute(
            "update app.user_org_memberships set permissions = '{records:read}' where workos_user_id = $1", acme.owner
        )
    async with as_person(database, acme.owner, acme) as owner:
        assert await ids(owner, "records") == set(acme.rows["records"].values())


async def test_a_note_is_unknown_to_partners_and_guests(database: Database, world: World) -> None:
    async with as_partner(database, world.acme.key, world.acme) as partner, refused(partner):
        await ids(partner, "records")
    async with as_person(database, world.acme.member, None) as guest, refused(guest):
        await ids(guest, "records")


async def test_what_a_note_says_is_granted_to_nobody(database: Database, world: World) -> None:
    async with as_person(database, world.acme.member, world.acme) as author:
        for column in ("encrypted_content", "encrypted_metadata", "key_id", "content_sha256"):
            async with refused(author):
                await author.fetch(f"select {column} from app.records")


async def test_nobody_who_serves_requests_writes_a_note(database: Database, world: World) -> None:
    async with as_person(database, world.acme.member, world.acme) as author:
        for statement in (
            "insert into app.records (guest_email) values ('x')",
            "update app.records set version = 2",
            "update app.records set deleted_at = now()",
            "delete from app.records",
        ):
            async with refused(author):
                await author.execute(statement)


async def test_not_even_the_worker_deletes_a_note(database: Database, world: World) -> None:
    async with as_worker(database) as worker, refused(worker):
        await worker.execute("delete from app.records")
