"""Who is let in: a stranger is told so, and a mistake of ours is never called theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import orjson
import pytest

from db.embedded import Cluster
from db.engine import create_engine
from db.scope import Claims, NotAMember, operation
from graph.operation import Graph
from graph.schema import build
from tests import make
from tests.conftest import at, prepare
from tests.graph.asking import World, world_of
from tests.personas import Database, as_superuser

ASKED = "{ viewer { role } }"


@pytest.fixture(scope="module")
async def apart(cluster: Cluster) -> Database:
    """A database in which rights may be missing."""
    await prepare(cluster, "entrance")
    return at(cluster, "entrance")


@pytest.fixture
async def there(apart: Database) -> AsyncIterator[World]:
    engine = create_engine(apart.api, size=1)
    yield world_of(apart, Graph.over(build(), engine), await make.world(apart))
    await engine.dispose()


async def test_a_stranger_is_refused_by_a_state_of_our_own_and_told_that_they_are_no_member(there: World) -> None:
    claims = Claims(user_id=there.acme.owner.user_id, workos_org_id=there.globex.rows.workos_id)

    with pytest.raises(NotAMember) as caught:
        async with operation(there.acme.graph.engine, claims):
            pytest.fail("a stranger was let in")
    answered = await there.acme.suspended.answer(ASKED)

    assert isinstance(caught.value.__cause__, asyncpg.PostgresError)
    assert caught.value.__cause__.sqlstate == "OG403"
    assert (answered.outcome, answered.code) == ("refused", "FORBIDDEN")
    assert "not an active member" in orjson.loads(answered.body)["errors"][0]["message"]
    assert await there.acme.askers["owner"].ask(ASKED) == {"viewer": {"role": "OWNER"}}


async def test_a_right_that_we_forgot_to_grant_is_a_fault_of_ours_and_no_stranger(
    there: World, apart: Database, caplog: pytest.LogCaptureFixture
) -> None:
    owner = there.acme.owner
    claims = Claims(user_id=owner.user_id, workos_org_id=there.acme.rows.workos_id)
    async with as_superuser(apart) as superuser:
        await superuser.execute("revoke select on app.user_org_memberships from orgraph_definer")
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with operation(there.acme.graph.engine, claims):
                pytest.fail("there was no way in")
        answered = await owner.answer(ASKED)
    finally:
        async with as_superuser(apart) as superuser:
            await superuser.execute("grant select on app.user_org_memberships to orgraph_definer")

    body = orjson.loads(answered.body)
    assert (answered.outcome, answered.code) == ("unavailable", "FORBIDDEN")
    assert "member" not in body["errors"][0]["message"]
    [record] = [one for one in caplog.records if one.name == "orgraph.errors"]
    assert "InsufficientPrivilegeError" in record.message
    assert record.__dict__["request_id"] == body["errors"][0]["extensions"]["requestId"]
    assert await there.acme.audited("UNAUTHORIZED_ACCESS_ATTEMPT") == []
    assert await owner.ask(ASKED) == {"viewer": {"role": "OWNER"}}
