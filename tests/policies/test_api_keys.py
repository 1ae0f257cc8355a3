"""A partner's key is read by the entrance, written by the mirror, and seen by nobody."""

from __future__ import annotations

import asyncpg
import pytest

from tests.make import insert, unique
from tests.personas import Database, World, as_partner, as_person, as_worker, ids, really, refused
from tests.policies.test_organizations import PLATFORM


async def test_nobody_who_serves_requests_sees_or_writes_a_key(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for statement in (
            "select name from app.api_keys",
            "insert into app.api_keys (name) values ('Mine')",
            "update app.api_keys set permissions = '{audit:view}'",
            "delete from app.api_keys",
        ):
            async with refused(owner):
                await owner.execute(statement)
    async with as_partner(database, world.acme.key, world.acme) as partner, refused(partner):
        await partner.fetch("select name from app.api_keys")
    assert await really(database, "select count(*) from app.api_keys where org_id = $1", world.acme.id) == 2


async def test_a_key_opens_its_own_organization_only(database: Database, world: World) -> None:
    with pytest.raises(asyncpg.PostgresError, match="not an active member"):
        async with as_partner(database, world.acme.key, world.globex):
            pass


async def test_a_revoked_key_opens_nothing(database: Database, world: World) -> None:
    async with as_worker(database) as worker:
        revoke = "update app.api_keys set status = 'revoked' where workos_api_key_id = $1"
        assert await worker.execute(revoke, world.acme.key) == "UPDATE 1"
    with pytest.raises(asyncpg.PostgresError, match="not an active member"):
        async with as_partner(database, world.acme.key, world.acme):
            pass


async def test_a_key_that_is_revoked_meanwhile_sees_no_more(database: Database, world: World) -> None:
    async with as_partner(database, world.acme.key, world.acme) as partner:
        assert await ids(partner, "events")
        async with as_worker(database) as worker:
            await worker.execute("update app.api_keys set status = 'revoked' where org_id = $1", world.acme.id)
        assert await ids(partner, "events") == set()


async def test_no_key_opens_the_platform(database: Database, world: World) -> None:
    async with as_worker(database) as worker, refused(worker):
        key = f"key_{unique()}"
        await insert(worker, "api_keys", org_id=PLATFORM, workos_api_key_id=key, name="Wide", status="active")
