"""The doctor: says who one is and what one sees, and what is wrong with the database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import asyncpg
import pytest
from click.testing import CliRunner

from cli.main import main
from db.bootstrap import bootstrap
from db.doctor import DoctorError, Table, claims_of, examine
from db.embedded import Cluster
from db.scope import Claims
from tests.db.conftest import Admin


@dataclass(frozen=True)
class World:
    """One person who owns `slug` and is suspended in `elsewhere`, where others are."""

    email: str
    user_id: str
    slug: str
    elsewhere: str


@pytest.fixture
async def world(admin: Admin) -> World:
    word = secrets.token_hex(4)
    made = World(f"alice@{word}.example", f"user_{word}", f"acme-{word}", f"globex-{word}")
    for slug in (made.slug, made.elsewhere):
        await admin.execute(
            "insert into app.organizations (workos_org_id, slug, name) values ($1, $2, $2)",
            f"org_{slug[:3]}_{word}",
            slug,
        )
    for user_id, email in ((made.user_id, made.email), (f"user_bob_{word}", f"bob@{word}.example")):
        await admin.execute("insert into app.users (workos_user_id, email) values ($1, $2)", user_id, email)
    join = """
        insert into app.user_org_memberships (org_id, workos_user_id, role, status)
        select id, $2, 'owner', $3 from app.organizations where slug = $1"""
    await admin.execute(join, made.slug, made.user_id, "active")
    await admin.execute(join, made.elsewhere, made.user_id, "suspended")
    await admin.execute(join, made.elsewhere, f"user_bob_{word}", "active")
    return made


def visible(tables: tuple[Table, ...]) -> dict[str, int | None]:
    return {table.name: table.visible for table in tables}


async def test_a_person_is_shown_their_scope_and_what_they_see(cluster: Cluster, world: World, admin: Admin) -> None:
    claims = await claims_of(cluster.url("orgraph_worker"), world.email.upper(), world.slug)
    found = await examine(cluster.url("orgraph_api"), claims)
    assert (found.scope.role, found.scope.user, found.scope.membership_role) == (
        "orgraph_manager",
        world.user_id,
        "owner",
    )
    assert "audit:view" in found.scope.permissions
    seen = visible(found.tables)
    assert (seen["users"], seen["user_org_memberships"], seen["organizations"]) == (1, 1, 1)
    assert await admin.fetchval("select count(*) from app.user_org_memberships") >= 3
    assert all(table.row_security and table.forced and table.policies for table in found.tables)
    assert len(found.tables) == 18


async def test_a_guest_sees_next_to_nothing(cluster: Cluster) -> None:
    found = await examine(cluster.url("orgraph_api"), Claims())
    assert (found.scope.role, found.scope.user, found.scope.organization) == ("orgraph_guest", None, None)
    assert visible(found.tables)["meetings"] is None


async def test_the_login_is_shown_to_be_nobody_in_particular(cluster: Cluster) -> None:
    found = await examine(cluster.url("orgraph_api"), Claims())
    login = found.login
    assert (login.name, login.superuser, login.bypasses_row_security, login.owns) == ("orgraph_api", False, False, 0)
    assert len(login.becomes) == 5
    assert (found.server.applied, found.findings) == (found.server.expected, ())
    assert found.server.limits["transaction_timeout"] == "15s"


async def test_a_suspended_person_is_told_that_no_scope_opens(cluster: Cluster, world: World) -> None:
    claims = await claims_of(cluster.url("orgraph_worker"), world.email, world.elsewhere)
    with pytest.raises(DoctorError, match="no active member of the organization"):
        await examine(cluster.url("orgraph_api"), claims)


@pytest.mark.parametrize(
    ("email", "slug", "message"),
    [
        ("nobody@nowhere.example", None, "--as: nobody has this address"),
        (None, "no-such-place", "--organization no-such-place: there is no organization"),
    ],
)
async def test_whom_nobody_knows_is_told(
    email: str | None, slug: str | None, message: str, cluster: Cluster, world: World
) -> None:
    with pytest.raises(DoctorError, match=message):
        await claims_of(cluster.url("orgraph_worker"), email or world.email, slug)


async def test_a_database_that_was_never_migrated_is_told(cluster: Cluster) -> None:
    root = cluster.url("postgres", "postgres")
    await bootstrap(root, {}, database="unmigrated")
    with pytest.raises(DoctorError, match=r"no scope opens: .*entrance.*see `orgraph db check`"):
        await examine(cluster.url("orgraph_api", "unmigrated"), Claims())
    connection = await asyncpg.connect(root)
    await connection.execute("drop database unmigrated with (force)")
    await connection.close()


def test_the_command_exits_1_over_a_superuser(cluster: Cluster) -> None:
    healthy = CliRunner().invoke(main, ["doctor", "--url", cluster.url("orgraph_api")])
    assert healthy.exit_code == 0, healthy.output
    assert "role entered            orgraph_guest" in healthy.stdout
    sick = CliRunner().invoke(main, ["doctor", "--url", cluster.url("postgres")])
    assert sick.exit_code == 1
    assert "connected_above_row_security: postgres" in sick.stdout


def test_the_command_of_check_exits_1_on_a_finding(cluster: Cluster) -> None:
    healthy = CliRunner().invoke(main, ["db", "check", "--url", cluster.url("orgraph_api")])
    assert (healthy.exit_code, healthy.stdout) == (0, "")
    sick = CliRunner().invoke(main, ["db", "check", "--url", cluster.url("orgraph_migrator")])
    assert sick.exit_code == 1
    assert sick.stdout.startswith("connected_above_row_security: orgraph_migrator\n")
