"""Whose a retried mutation's key is, and how long."""

from __future__ import annotations

from tests.personas import Database, World, as_partner, as_person, as_worker, ids, really, refused

TAKE = """insert into app.idempotency_keys (mutation, key, request_hash) values ('createEvent', $1, '\\x01')
    on conflict do nothing returning actor_id"""
TAKE_BY_NAME = TAKE.replace("on conflict do", "on conflict (org_id, actor_id, mutation, key) do")


async def test_a_key_is_taken_once_and_answered_from_then_on(database: Database, world: World) -> None:
    person = world.acme.member
    for take, key in ((TAKE, "first-key"), (TAKE_BY_NAME, "second-key")):
        async with as_person(database, person, world.acme) as member:
            assert await member.fetchval(take, key) == person
            answer = "update app.idempotency_keys set result = '{\"id\": 1}' where key = $1 returning key"
            assert await member.fetchval(answer, key) == key
        async with as_person(database, person, world.acme) as again:
            assert await again.fetchval(take, key) is None
            kept = "select result ->> 'id' from app.idempotency_keys where key = $1 for update"
            assert await again.fetchval(kept, key) == "1"


async def test_the_same_words_are_another_key_for_somebody_else(database: Database, world: World) -> None:
    for person, org in (
        (world.acme.member, world.acme),
        (world.acme.owner, world.acme),
        (world.acme.billing, world.acme),
        (world.both, world.acme),
        (world.both, world.globex),
    ):
        async with as_person(database, person, org) as caller:
            assert await caller.fetchval(TAKE, "the-same-words") == person


async def test_nobody_sees_or_changes_another_persons_key(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        assert await ids(owner, "idempotency_keys", "actor_id") == {world.acme.owner}
        assert await owner.execute("update app.idempotency_keys set result = '{}'") == "UPDATE 2"
    theirs = "select count(*) from app.idempotency_keys where actor_id = $1 and result is null"
    assert await really(database, theirs, world.acme.member) == 2


async def test_a_key_is_taken_in_ones_own_name_and_time(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for column in ("actor_id", "org_id", "created_at"):
            async with refused(owner):
                await owner.execute(f"insert into app.idempotency_keys (mutation, {column}) values ('m', default)")
        async with refused(owner):
            await owner.execute("update app.idempotency_keys set request_hash = '\\x02'")


async def test_only_an_expired_key_of_ones_own_is_deleted(database: Database, world: World) -> None:
    async with as_person(database, world.acme.member, world.acme) as member:
        assert await member.execute("delete from app.idempotency_keys") == "DELETE 1"
    left = "select string_agg(split_part(key, '-', 1), ' ') from app.idempotency_keys where actor_id = $1"
    assert await really(database, left, world.acme.member) == "fresh"
    assert (
        await really(database, "select count(*) from app.idempotency_keys where actor_id = $1", world.acme.owner) == 2
    )


async def test_a_partner_keeps_none_yet(database: Database, world: World) -> None:
    async with as_partner(database, world.acme.key, world.acme) as partner, refused(partner):
        await partner.execute(TAKE, "partners-key")


async def test_the_worker_sweeps_what_has_expired(database: Database, world: World) -> None:
    async with as_worker(database) as worker:
        swept = await worker.execute(
            "delete from app.idempotency_keys where created_at < now() - interval '48 hours' and org_id = $1",
            world.acme.id,
        )
    assert swept == f"DELETE {len(world.acme.rows['events'])}"
