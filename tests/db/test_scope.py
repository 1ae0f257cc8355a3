"""The scope: nothing survives it, nothing escapes it, and nobody reads without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, literal, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.embedded import Cluster
from db.engine import create_engine
from db.scope import (
    Claims,
    CommitUnknown,
    NotAMember,
    ScopeLost,
    Transaction,
    entity_of,
    operation,
    quoted,
    record_denial,
    worker,
)
from db.tables import EventRow, MeetingRow, OrganizationRow
from db.violations import sqlstate
from tests import make
from tests.personas import Database, Organization, World, as_superuser, really

NO_RIGHT = "42501"
READ_ONLY = "25006"


@pytest.fixture
def database(cluster: Cluster) -> Database:
    return Database(
        api=cluster.url("orgraph_api"), worker=cluster.url("orgraph_worker"), superuser=cluster.url("postgres")
    )


@pytest.fixture
async def world(database: Database) -> World:
    return await make.world(database)


@pytest.fixture
async def pool_of_one(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.api, size=1)
    yield engine
    await engine.dispose()


def owner_of(organization: Organization) -> Claims:
    return Claims(user_id=organization.owner, workos_org_id=organization.workos_id, request_id=uuid4())


@dataclass(frozen=True)
class Left:
    """What the next checkout of the pool finds on its connection."""

    user: str
    organization: str
    role: str
    timeout: str
    idle: bool
    pid: int


NOTHING = ("", "", "orgraph_api", "5s", True)  # 5 s: the login's own limit, of its role


async def left(engine: AsyncEngine) -> Left:
    async with engine.connect() as connection:
        found = await connection.exec_driver_sql(
            """select coalesce(current_setting('app.user_id', true), ''),
            coalesce(current_setting('app.org_id', true), ''), current_user, current_setting('statement_timeout'),
            pg_current_xact_id_if_assigned() is null, pg_backend_pid()"""
        )
        return Left(*tuple(found.one()))


def nothing_of(found: Left) -> tuple[str, str, str, str, bool]:
    return (found.user, found.organization, found.role, found.timeout, found.idle)


async def pid_of(transaction: Transaction) -> int:
    found: int = await transaction.scalar(select(func.pg_backend_pid()))
    return found


def slug_of(slug: str, host: str) -> dict[str, Any]:
    return {"workos_user_id": host, "name": "Planted", "slug": slug, "duration_in_minutes": 30}


async def stored(database: Database, slug: str) -> int:
    found: int = await really(database, "select count(*) from app.events where slug = $1", slug)
    return found


class Mistake(Exception):
    """A resolver that fails."""


async def commits(engine: AsyncEngine, claims: Claims) -> None:
    async with operation(engine, claims, mode="write") as transaction:
        assert await transaction.all(select(EventRow))


async def resolver_raises(engine: AsyncEngine, claims: Claims) -> None:
    with pytest.raises(Mistake):  # noqa: PT012 - the operation is the block
        async with operation(engine, claims, mode="write") as transaction:
            await transaction.all(select(EventRow))
            raise Mistake


async def sql_fails(engine: AsyncEngine, claims: Claims) -> None:
    with pytest.raises(DBAPIError):
        async with operation(engine, claims) as transaction:
            await transaction.execute(text("select 1 / 0"))


async def statement_times_out(engine: AsyncEngine, claims: Claims) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with operation(engine, claims, timeout_ms=50) as transaction:
            await transaction.execute(text("select pg_sleep(5)"))
    assert sqlstate(caught.value) == "57014"


async def task_is_cancelled(engine: AsyncEngine, claims: Claims) -> None:
    asleep = asyncio.Event()

    async def sleeps() -> None:
        async with operation(engine, claims, mode="write") as transaction:
            asleep.set()
            await transaction.execute(text("select pg_sleep(30)"))

    task = asyncio.create_task(sleeps())
    await asleep.wait()
    await asyncio.sleep(0.05)  # the statement is on its way, so that it is cancelled in Postgres
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def resolver_commits(engine: AsyncEngine, claims: Claims) -> None:
    with pytest.raises(ScopeLost):
        async with operation(engine, claims, mode="write") as transaction:
            await transaction.execute(text("commit"))


async def resolver_commits_and_begins(engine: AsyncEngine, claims: Claims) -> None:
    async with operation(engine, claims, mode="write") as transaction:
        for command in ("commit", "begin"):
            await transaction.connection.exec_driver_sql(command)


async def organization_is_not_theirs(engine: AsyncEngine, claims: Claims) -> None:
    with pytest.raises(NotAMember):
        async with operation(engine, Claims(user_id=claims.user_id, workos_org_id="org_unknown")):
            pytest.fail("nobody may be in an unknown organization")


async def denial_is_recorded(engine: AsyncEngine, claims: Claims) -> None:
    await record_denial(engine, claims, [{"action": "UNAUTHORIZED_ACCESS_ATTEMPT", "resource_type": "security"}])


ENDINGS = (
    commits,
    resolver_raises,
    sql_fails,
    statement_times_out,
    task_is_cancelled,
    resolver_commits,
    resolver_commits_and_begins,
    organization_is_not_theirs,
    denial_is_recorded,
)


@pytest.mark.parametrize("ends", ENDINGS, ids=lambda end: end.__name__)
async def test_nothing_survives_into_the_next_checkout_when(
    ends: Callable[[AsyncEngine, Claims], Awaitable[None]], pool_of_one: AsyncEngine, world: World
) -> None:
    async with operation(pool_of_one, owner_of(world.acme), timeout_ms=4_321) as transaction:
        words = ("app.user_id", "app.org_id", "role", "statement_timeout")
        inside = await transaction.execute(select(*(func.current_setting(word) for word in words)))
    assert inside == [(world.acme.owner, str(world.acme.id), "orgraph_manager", "4321ms")]

    await ends(pool_of_one, owner_of(world.acme))

    assert nothing_of(await left(pool_of_one)) == NOTHING


async def test_a_connection_put_back_inside_a_transaction_is_dropped(pool_of_one: AsyncEngine, world: World) -> None:
    forgotten = await pool_of_one.connect()
    driver: Any = (await forgotten.get_raw_connection()).driver_connection
    await driver.execute(f"begin; select set_config('app.user_id', {quoted(world.acme.owner)}, true)")
    pid = await driver.fetchval("select pg_backend_pid()")
    await forgotten.close()

    found = await left(pool_of_one)

    assert nothing_of(found) == NOTHING
    assert found.pid != pid


async def test_a_connection_whose_operation_ended_well_is_used_again(pool_of_one: AsyncEngine, world: World) -> None:
    async with operation(pool_of_one, owner_of(world.acme)) as transaction:
        pid = await pid_of(transaction)

    assert (await left(pool_of_one)).pid == pid


async def test_what_was_left_in_the_session_is_no_scope_of_the_next_operation(
    pool_of_one: AsyncEngine, world: World
) -> None:
    """SQL by hand can leave it there. Whoever comes next has claims of their own, all of them."""
    async with operation(pool_of_one, owner_of(world.acme), mode="write") as transaction:
        for word in ("app.user_id", "app.workos_org_id", "app.org_id", "app.actor_type", "statement_timeout"):
            await transaction.execute(text(f"select set_config('{word}', current_setting('{word}'), false)"))
    found = await left(pool_of_one)
    assert (found.user, found.organization) == (world.acme.owner, str(world.acme.id))

    async with operation(pool_of_one, Claims(), timeout_ms=4_321) as transaction:
        words = ("app.user_id", "app.workos_org_id", "app.org_id", "app.actor_type", "role", "statement_timeout")
        inside = await transaction.execute(select(*(func.current_setting(word) for word in words)))
        assert inside == [("", "", "", "guest", "orgraph_guest", "4321ms")]
        assert await transaction.all(select(OrganizationRow)) == []


async def test_after_a_smuggled_commit_the_next_statement_is_refused(
    pool_of_one: AsyncEngine, world: World, database: Database
) -> None:
    slug = make.unique()
    with pytest.raises(ScopeLost):  # noqa: PT012 - the operation is the block
        async with operation(pool_of_one, owner_of(world.acme), mode="write") as transaction:
            await transaction.execute(text("commit"))
            with pytest.raises(ScopeLost):
                await transaction.all(select(EventRow))
            with pytest.raises(ScopeLost):
                await transaction.execute(insert(EventRow).values(**slug_of(slug, world.acme.owner)))

    assert await stored(database, slug) == 0


async def test_after_a_smuggled_commit_and_begin_the_login_has_no_rights(
    pool_of_one: AsyncEngine, world: World, database: Database
) -> None:
    slug = make.unique()
    with suppress(ScopeLost):
        async with operation(pool_of_one, owner_of(world.acme), mode="write") as transaction:
            for command in ("commit", "begin"):
                await transaction.connection.exec_driver_sql(command)
            with pytest.raises(DBAPIError) as caught:
                await transaction.execute(insert(EventRow).values(**slug_of(slug, world.acme.owner)))
            assert sqlstate(caught.value) == NO_RIGHT

    assert await stored(database, slug) == 0


async def test_a_commit_answered_with_rollback_is_not_taken_for_one(
    pool_of_one: AsyncEngine, world: World, database: Database
) -> None:
    slug = make.unique()
    with pytest.raises(ScopeLost, match="COMMIT was answered with ROLLBACK"):  # noqa: PT012 - the operation is the block
        async with operation(pool_of_one, owner_of(world.acme), mode="write") as transaction:
            await transaction.execute(insert(EventRow).values(**slug_of(slug, world.acme.owner)))
            with suppress(DBAPIError):
                await transaction.execute(text("select 1 / 0"))

    assert await stored(database, slug) == 0
    assert nothing_of(await left(pool_of_one)) == NOTHING


async def test_a_connection_lost_on_the_way_to_commit_leaves_the_outcome_unknown(
    pool_of_one: AsyncEngine, world: World, database: Database
) -> None:
    with pytest.raises(CommitUnknown):
        async with operation(pool_of_one, owner_of(world.acme), mode="write") as transaction:
            await terminated(database, await pid_of(transaction))

    assert nothing_of(await left(pool_of_one)) == NOTHING


async def terminated(database: Database, *pids: int) -> None:
    async with as_superuser(database) as superuser:
        await superuser.execute("select pg_terminate_backend(pid, 5000) from unnest($1::int[]) pid", list(pids))


async def test_a_begin_that_meets_a_dead_connection_is_sent_again_on_a_fresh_one(
    world: World, database: Database
) -> None:
    engine = create_engine(database.api, size=4)
    pids: set[int] = set()
    everyone = asyncio.Barrier(4)

    async def works() -> None:
        async with operation(engine, owner_of(world.acme)) as transaction:
            pids.add(await pid_of(transaction))
            await everyone.wait()

    await asyncio.gather(*(works() for _ in range(4)))
    assert len(pids) == 4
    await terminated(database, *pids)

    for _ in range(4):
        async with operation(engine, owner_of(world.acme)) as transaction:
            assert await pid_of(transaction) not in pids
            assert await transaction.all(select(EventRow))
    await engine.dispose()


async def test_interleaved_operations_of_two_organizations_never_mix(world: World, database: Database) -> None:
    engine = create_engine(database.api, size=2, wait_s=60)

    async def asks(organization: Organization) -> tuple[UUID, set[UUID]]:
        async with operation(engine, owner_of(organization)) as transaction:
            found = {row.org_id for row in await transaction.all(select(MeetingRow))}
            await asyncio.sleep(0)
            found |= {row.org_id for row in await transaction.all(select(EventRow))}
            return organization.id, found

    answers = await asyncio.gather(*(asks((world.acme, world.globex)[turn % 2]) for turn in range(200)))

    assert all(found == {asked} for asked, found in answers)
    assert {asked for asked, _ in answers} == {world.acme.id, world.globex.id}
    await engine.dispose()


async def test_statements_of_one_operation_take_turns(pool_of_one: AsyncEngine, world: World) -> None:
    async with operation(pool_of_one, owner_of(world.acme)) as transaction:
        found = await asyncio.gather(*(transaction.scalar(select(literal(number))) for number in range(20)))

    assert found == list(range(20))


async def test_a_statement_that_nobody_waits_for_never_meets_the_next_operation(
    pool_of_one: AsyncEngine, world: World
) -> None:
    """Its operation lets it finish before COMMIT, and refuses the ones that it would have sent after."""
    said: list[Any] = []

    async def straggles(transaction: Transaction) -> None:
        while True:
            said.append(await transaction.scalar(text("select current_setting('app.user_id') from pg_sleep(0.05)")))

    async with operation(pool_of_one, owner_of(world.acme)) as transaction:
        task = asyncio.create_task(straggles(transaction))
        await asyncio.sleep(0.01)
    async with operation(pool_of_one, owner_of(world.globex)) as transaction:
        await transaction.all(select(EventRow))
        with pytest.raises(ScopeLost):
            await task

    assert said == [world.acme.owner]


async def test_a_query_can_write_nothing(pool_of_one: AsyncEngine, world: World, database: Database) -> None:
    slug = make.unique()
    statement = insert(EventRow).values(**slug_of(slug, world.acme.owner))
    with pytest.raises(DBAPIError) as caught:
        async with operation(pool_of_one, owner_of(world.acme), mode="read") as transaction:
            await transaction.execute(statement)
    assert sqlstate(caught.value) == READ_ONLY
    assert await stored(database, slug) == 0

    async with operation(pool_of_one, owner_of(world.acme), mode="write") as transaction:
        await transaction.execute(statement)
    assert await stored(database, slug) == 1


@pytest.mark.parametrize(
    ("mode", "sees_what_came_between"), [("read", False), ("audited read", False), ("write", True)]
)
async def test_a_read_sees_one_snapshot(
    mode: Any, sees_what_came_between: bool, pool_of_one: AsyncEngine, world: World, database: Database
) -> None:
    slug = make.unique()
    async with operation(pool_of_one, owner_of(world.acme), mode=mode) as transaction:
        before = {row.slug for row in await transaction.all(select(EventRow))}
        async with as_superuser(database) as superuser:
            await superuser.execute(
                "insert into app.events (org_id, workos_user_id, name, slug, duration_in_minutes)"
                " values ($1, $2, 'Between', $3, 30)",
                world.acme.id,
                world.acme.owner,
                slug,
            )
        after = {row.slug for row in await transaction.all(select(EventRow))}

    assert slug not in before
    assert (slug in after) is sees_what_came_between


ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(ANY_TEXT, min_size=1, max_size=20), strict=st.sampled_from(["on", "off"]))
@example(
    values=["'", "\\", "\\'", "''", "'; commit; --", "E'", "$$", "\\x27", "\\u0027", "\n", "é\u202e"], strict="off"
)
async def test_any_text_comes_back_from_its_literal_as_it_was(values: list[str], strict: str, cluster: Cluster) -> None:
    connection = await asyncpg.connect(cluster.url("orgraph_api"))
    try:
        await connection.execute(f"set standard_conforming_strings = {strict}; set escape_string_warning = off")
        rows = ", ".join(f"({place}, {quoted(value)})" for place, value in enumerate(values))
        found = await connection.fetch(f"select place, word from (values {rows}) said (place, word) order by place")
    finally:
        await connection.close()

    assert [row["word"] for row in found] == values


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=ANY_TEXT)
@example(value="'); select set_config('role', 'orgraph_manager', false); --")
@example(value="\\'); commit; begin; --")
async def test_no_text_of_a_request_escapes_its_setting(value: str, cluster: Cluster) -> None:
    """The two that a client writes freely: the operation's name and the user agent."""
    engine = create_engine(cluster.url("orgraph_api"), size=1)
    try:
        async with operation(engine, Claims(operation_name=value, user_agent=value, ip=value)) as transaction:
            found = await transaction.execute(
                text(
                    "select current_setting('app.operation_name'), current_setting('app.user_agent'),"
                    " current_setting('app.ip'), current_user"
                )
            )
        assert found == [(value[:100], value[:300], value, "orgraph_guest")]
    finally:
        await engine.dispose()


def test_a_nul_is_dropped_since_no_setting_can_hold_one() -> None:
    assert quoted("a\0b") == "E'ab'"


@pytest.mark.parametrize("claim", ["user_id", "workos_org_id", "api_key_id"])
@pytest.mark.parametrize(
    "wrong", ["", " ", "user 1", "user_1\n", "user'1", "user-1", "üser", "x" * 66, "user_1;", "a\0b", "\u0661"]
)
def test_a_claimed_id_that_is_none_is_refused(claim: str, wrong: str) -> None:
    with pytest.raises(ValueError, match="a claimed id must be") as caught:
        Claims(**{claim: wrong}).settings()  # type: ignore[arg-type]

    assert not wrong.strip() or wrong not in str(caught.value)


@pytest.mark.parametrize("wrong", ["", "a b", "a\nb", "a\0b", "ü@example.com", "x" * 321])
def test_an_impersonator_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="an impersonator must be") as caught:
        Claims(user_id="user_1", impersonator_id=wrong).settings()

    assert not wrong or wrong not in str(caught.value)


async def test_an_impersonator_is_named_by_e_mail_address_and_stamped_in_the_trail(
    world: World, database: Database
) -> None:
    engine = create_engine(database.api, size=1)
    claims = Claims(
        user_id=world.acme.member, workos_org_id=world.acme.workos_id, impersonator_id="o'admin+1@orgraph.example"
    )
    try:
        async with operation(engine, claims, mode="write") as transaction:
            entry = '[{"action": "EVENT_UPDATED", "resource_type": "event"}]'
            await transaction.execute(text("select app.record_audit(cast(:entry as jsonb))"), {"entry": entry})
    finally:
        await engine.dispose()
    async with as_superuser(database) as superuser:
        stamped = "select impersonator_id from app.audit_logs where actor_id = $1 and action = 'EVENT_UPDATED'"
        assert await superuser.fetchval(stamped, world.acme.member) == "o'admin+1@orgraph.example"


async def test_the_login_has_no_rights_outside_a_scope(world: World, database: Database) -> None:
    async with as_superuser(database) as superuser:
        tables = await superuser.fetch("select tablename from pg_tables where schemaname = 'app'")
    assert len(tables) > 14
    connection = await asyncpg.connect(database.api)
    try:
        for (table,) in tables:
            for statement in (f"select * from app.{table}", f"delete from app.{table}", f"select 1 from app.{table}"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        for statement in ("select app.current_org_id()", "select app.record_audit('[]')", "create table public.t ()"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("role", ["manager", "member", "officer", "partner", "guest"])
async def test_a_role_taken_by_hand_without_claims_sees_no_organization(
    role: str, world: World, database: Database
) -> None:
    connection = await asyncpg.connect(database.api)
    try:
        await connection.execute(f"set role orgraph_{role}; select set_config('app.org_id', '{world.acme.id}', false)")
        assert await connection.fetchval("select count(*) from app.organizations") == 0
        assert await connection.fetchval("select count(*) from app.users") == 0
    finally:
        await connection.close()
    assert await really(database, "select count(*) from app.organizations where id = $1", world.acme.id) == 1


async def test_a_member_who_was_removed_is_refused_at_the_next_operation(
    pool_of_one: AsyncEngine, world: World, database: Database
) -> None:
    member = Claims(user_id=world.acme.member, workos_org_id=world.acme.workos_id)
    async with operation(pool_of_one, member, mode="write") as transaction:
        assert await transaction.all(select(MeetingRow))
        await really(
            database,
            "update app.user_org_memberships set status = 'inactive' where workos_user_id = $1",
            world.acme.member,
        )
        assert await transaction.all(select(MeetingRow)) == []

    with pytest.raises(NotAMember):
        async with operation(pool_of_one, member):
            pytest.fail("a removed member was let in")


async def test_an_organization_of_others_is_refused_in_the_words_of_one_that_is_not_there(
    pool_of_one: AsyncEngine, world: World
) -> None:
    words = []
    for claimed in (world.globex.workos_id, "org_that_is_nowhere"):
        with pytest.raises(NotAMember) as caught:
            async with operation(pool_of_one, Claims(user_id=world.acme.owner, workos_org_id=claimed)):
                pytest.fail("a stranger was let in")
        words.append((str(caught.value), str(caught.value.__cause__)))

    assert words[0] == words[1]


async def test_a_denial_is_stamped_with_the_claims_and_is_never_a_success(
    pool_of_one: AsyncEngine, world: World, database: Database
) -> None:
    claims = Claims(
        user_id=world.acme.member,
        workos_org_id=world.acme.workos_id,
        impersonator_id="user_support",
        request_id=uuid4(),
        operation_name="Try",
        ip="192.0.2.9",
        user_agent="agent's",
    )
    entry = {"action": "UNAUTHORIZED_ACCESS_ATTEMPT", "resource_type": "security"}
    forged = {"actor_id": world.acme.owner, "org_id": str(world.globex.id), "ip": "203.0.113.1"}

    await record_denial(
        pool_of_one, claims, [{**entry, **forged, "outcome": outcome} for outcome in ("success", "denied", "failed")]
    )

    async with as_superuser(database) as superuser:
        rows = await superuser.fetch(
            """select org_id, actor_type, actor_id, impersonator_id, operation_name, host(ip) ip, user_agent, outcome
            from app.audit_logs where request_id = $1 order by outcome""",
            claims.request_id,
        )
    stamped = (world.acme.id, "user", world.acme.member, "user_support", "Try", "192.0.2.9", "agent's")
    assert [tuple(row) for row in rows] == [(*stamped, outcome) for outcome in ("denied", "denied", "failed")]


async def test_a_denial_of_a_stranger_is_kept_with_the_platform_and_not_with_the_organization_they_named(
    pool_of_one: AsyncEngine, world: World, database: Database
) -> None:
    claims = Claims(user_id=world.acme.owner, workos_org_id=world.globex.workos_id, request_id=uuid4())

    await record_denial(pool_of_one, claims, [{"action": "UNAUTHORIZED_ACCESS_ATTEMPT", "resource_type": "security"}])

    org = await really(database, "select org_id from app.audit_logs where request_id = $1", claims.request_id)
    assert org == UUID("00000000-0000-7000-8000-000000000000")


async def test_the_worker_sees_nothing_until_it_names_a_reason(world: World, database: Database) -> None:
    engine = create_engine(database.worker, size=1)
    async with worker(engine, "") as transaction:
        assert await transaction.all(select(OrganizationRow)) == []
    async with worker(engine, "test") as transaction:
        assert {world.acme.id, world.globex.id} <= {row.id for row in await transaction.all(select(OrganizationRow))}
    async with worker(engine, "") as transaction:
        assert await transaction.all(select(OrganizationRow)) == []
    await engine.dispose()


async def test_what_happens_in_a_savepoint_is_undone_alone(
    pool_of_one: AsyncEngine, world: World, database: Database
) -> None:
    kept, undone, failed, last = (make.unique() for _ in range(4))

    async def write(transaction: Transaction, slug: str) -> None:
        await transaction.execute(insert(EventRow).values(**slug_of(slug, world.acme.owner)))

    async with operation(pool_of_one, owner_of(world.acme), mode="write") as transaction:
        async with transaction.savepoint():
            await write(transaction, kept)
        async with transaction.savepoint() as savepoint:
            await write(transaction, undone)
            savepoint.undo()
        with pytest.raises(DBAPIError):  # noqa: PT012 - the operation is the block
            async with transaction.savepoint():
                await write(transaction, failed)
                await transaction.execute(text("select 1 / 0"))
        await write(transaction, last)

    assert [await stored(database, slug) for slug in (kept, undone, failed, last)] == [1, 0, 0, 1]


@pytest.mark.parametrize("how", ["undone", "failed"])
async def test_what_stands_alone_is_undone_with_its_transaction(
    how: str, pool_of_one: AsyncEngine, world: World, database: Database
) -> None:
    kept, undone = make.unique(), make.unique()

    for slug in (kept, undone):
        async with operation(pool_of_one, owner_of(world.acme), mode="write") as transaction:
            with suppress(DBAPIError):
                async with transaction.whole() as whole:
                    await transaction.execute(insert(EventRow).values(**slug_of(slug, world.acme.owner)))
                    if slug == undone and how == "failed":
                        await transaction.execute(text("select 1 / 0"))
                    if slug == undone:
                        whole.undo()
            if slug == undone:
                with pytest.raises(ScopeLost):
                    await transaction.execute(text("select 1"))

    assert [await stored(database, slug) for slug in (kept, undone)] == [1, 0]


async def test_rows_are_values_that_know_their_class_and_cannot_be_changed(
    pool_of_one: AsyncEngine, world: World
) -> None:
    async with operation(pool_of_one, owner_of(world.acme)) as transaction:
        event = await transaction.one(select(EventRow).limit(1))
        nothing = await transaction.one(
            select(EventRow).where(EventRow.created_at < EventRow.created_at - timedelta(1))
        )

    assert event is not None
    assert entity_of(event) is EventRow
    assert event.duration_in_minutes == 60
    with pytest.raises(AttributeError):
        event.name = "Other"
    assert nothing is None
