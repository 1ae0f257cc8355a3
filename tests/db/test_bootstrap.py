"""Bootstrap: from an empty server to one that can be migrated, and back to it after whatever was changed by hand."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from cli.main import main
from db.bootstrap import BootstrapError, bootstrap, login_url, missing_logins, scram
from db.bootstrap import prepare as module
from db.bootstrap.roles import API, LOGINS, ROLES
from db.check import check
from db.embedded import Cluster, remove, start, stop
from db.migrate import migrate
from tests.db.conftest import Admin, login_passwords, silent

ADMIN = "provider_admin"


@pytest.fixture(scope="module")
def bare() -> Iterator[Cluster]:
    """A server where nothing was ever done."""
    folder = Path(tempfile.mkdtemp(prefix="orgraph-"))
    folder.chmod(0o755)
    running = start(folder / "home", durable=False)
    try:
        yield running
    finally:
        stop(running)
        remove(running.home)
        shutil.rmtree(folder)


async def execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def test_an_admin_who_is_no_superuser_prepares_a_managed_postgres(bare: Cluster) -> None:
    root = bare.url("postgres", "postgres")
    await execute(root, f"create role {ADMIN} login createrole createdb password 'password-of-admin'")
    admin_url = login_url(root, ADMIN, "password-of-admin", "postgres")

    said = await bootstrap(admin_url, login_passwords(bare))

    assert [sentence for sentence in said if "this admin may not" in sentence] == [
        (
            "orgraph_backup does not bypass row security: this admin may not grant it, so `orgraph db backup` does not "
            "work here and the provider's own backups take its place"
        ),
        "orgraph_backup does not read everything: this admin may not grant pg_read_all_data",
        "large objects stay open to public: this admin may not take their functions away",
    ]
    await migrate(bare.url("orgraph_migrator"), silent)
    assert await check(bare.url("orgraph_api")) == []
    # What may not be done is tried and told again, and nothing else is.
    again = await bootstrap(admin_url, {})
    assert again == [sentence for sentence in said if "this admin may not" in sentence]


async def test_a_dry_run_says_what_the_first_run_does_and_does_nothing(bare: Cluster) -> None:
    root = bare.url("postgres", "postgres")
    planned = await bootstrap(root, {}, database="planned", dry_run=True)
    assert "create the database planned, owned by orgraph_owner" in planned
    connection = await asyncpg.connect(root)
    try:
        assert not await connection.fetchval("select true from pg_database where datname = 'planned'")
    finally:
        await connection.close()
    done = await bootstrap(root, {}, database="planned")
    assert done[: len(planned) - 1] == planned[:-1]


async def test_a_second_run_has_nothing_to_do(cluster: Cluster) -> None:
    root = cluster.url("postgres", "postgres")
    assert await bootstrap(root, login_passwords(cluster)) == []
    assert await missing_logins(root) == []


async def test_every_role_is_what_it_is_said_to_be(cluster: Cluster, admin: Admin) -> None:
    rows = await admin.fetch("select * from pg_roles where rolname like 'orgraph\\_%'")
    found = {row["rolname"]: row for row in rows}
    assert sorted(found) == sorted(role.name for role in ROLES)
    for role in ROLES:
        row = found[role.name]
        assert (row["rolcanlogin"], row["rolinherit"], row["rolconnlimit"], row["rolbypassrls"]) == (
            role.login,
            role.inherits,
            role.connection_limit,
            role.bypasses_row_security,
        )
        powers = ("rolsuper", "rolcreatedb", "rolcreaterole", "rolreplication")
        assert [power for power in powers if row[power]] == []


async def test_the_server_logs_in_with_its_limits_and_reaches_no_table(cluster: Cluster) -> None:
    connection = await asyncpg.connect(cluster.url("orgraph_api"))
    try:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_timeout")
        limits = [await connection.fetchval(f"show {name}") for name in names]
        assert limits == ["5s", "1s", "10s", "15s"]
        assert await connection.fetchval("show search_path") == '""'
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("select from app.meetings")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("create temporary table meetings ()")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("set role orgraph_worker")
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ("alter role orgraph_member login createdb", "repair role orgraph_member: nocreatedb, nologin"),
        ("alter role orgraph_worker bypassrls", "repair role orgraph_worker: nobypassrls"),
        ("alter role orgraph_api set row_security = off", "settle orgraph_api: row_security = on"),
        ("alter role orgraph_api set app.user_id = 'user_alice'", "settle orgraph_api: no app.user_id"),
        ("grant orgraph_owner to orgraph_api", "orgraph_api may no longer become orgraph_owner"),
        (
            "grant orgraph_manager to orgraph_api with inherit true",
            "orgraph_api may become orgraph_manager",
        ),
        ("grant temporary on database orgraph to public", "let nobody connect who was not named"),
        ("grant create on schema app to orgraph_worker", "take create on the schema app from orgraph_worker"),
        ("grant usage on schema public to public", "take usage on the schema public from public"),
        (
            "grant execute on function pg_catalog.lo_create(oid) to public",
            "take the functions of large objects from public",
        ),
        (
            "grant execute on function pg_catalog.lo_put(oid, bigint, bytea) to orgraph_member",
            "take the functions of large objects from orgraph_member",
        ),
        ("alter extension btree_gist set schema public", "move the extension btree_gist from public to extensions"),
        ("alter schema entrance owner to postgres", "give the schema entrance to orgraph_owner"),
    ],
)
async def test_what_was_changed_by_hand_is_put_right(
    changed: str, sentence: str, cluster: Cluster, admin: Admin
) -> None:
    await admin.execute(changed)
    root = cluster.url("postgres", "postgres")
    assert sentence in await bootstrap(root, {})
    assert await bootstrap(root, {}) == []
    assert await check(cluster.url("orgraph_api")) == []


async def test_a_password_is_set_when_given_and_stored_as_a_verifier(cluster: Cluster, admin: Admin) -> None:
    root = cluster.url("postgres", "postgres")
    before = login_passwords(cluster)[API]
    assert await bootstrap(root, {API: "another-password"}) == ["set the password of orgraph_api"]
    stored = await admin.fetchval("select rolpassword from pg_authid where rolname = 'orgraph_api'")
    assert scram.matches("another-password", stored)
    await execute(login_url(root, API, "another-password", "orgraph"), "select")
    await bootstrap(root, {API: before})
    assert await check(cluster.url("orgraph_api")) == []


@pytest.mark.parametrize("password", ["short", "with space in it", "pässwörter"])
async def test_a_password_that_clients_read_differently_is_refused_unrepeated(password: str, cluster: Cluster) -> None:
    with pytest.raises(BootstrapError, match="8 to 256 printable ASCII characters") as refused:
        await bootstrap(cluster.url("postgres", "postgres"), {API: password})
    assert password not in str(refused.value)


async def test_an_older_postgres_is_refused_in_one_line(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MINIMUM_VERSION", 99)
    with pytest.raises(BootstrapError, match=r"^this is PostgreSQL 18\.\d+: orgraph needs 99 or newer$"):
        await bootstrap(cluster.url("postgres", "postgres"), {})


async def test_an_admin_who_may_create_nothing_is_told_what_is_needed(cluster: Cluster) -> None:
    with pytest.raises(BootstrapError, match="--admin-url needs a superuser, or CREATEROLE and CREATEDB"):
        await bootstrap(cluster.url("orgraph_worker"), {}, database="elsewhere")


@pytest.mark.parametrize("database", ["", "Orgraph", 'a"b', "a;b", "x" * 64])
async def test_a_strange_database_name_is_refused(database: str, cluster: Cluster) -> None:
    with pytest.raises(BootstrapError, match="expected at most 63 lower-case letters"):
        await bootstrap(cluster.url("postgres", "postgres"), {}, database=database)


def test_the_command_prints_connection_strings_alone_on_standard_output(cluster: Cluster) -> None:
    given = login_passwords(cluster)
    arguments = ["db", "bootstrap", "--admin-url", cluster.url("postgres", "postgres")]
    environment = {f"{role.upper()}_PASSWORD": password for role, password in given.items()}
    result = CliRunner().invoke(main, arguments, env=environment)
    assert result.exit_code == 0
    lines = dict(line.split("=", 1) for line in result.stdout.splitlines())
    assert lines.keys() == {
        "DATABASE_URL",
        "DATABASE_MIGRATOR_URL",
        "DATABASE_WORKER_URL",
        "DATABASE_BACKUP_URL",
    }
    assert all(f"{role}:" in result.stdout for role in LOGINS)
    assert result.stderr == "nothing to do\n"


def test_the_command_says_in_one_line_that_there_is_no_server(tmp_path: Path) -> None:
    url = f"postgresql://postgres:secret-word@/postgres?host={tmp_path}"
    result = CliRunner().invoke(main, ["db", "bootstrap", "--admin-url", url])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: cannot connect as the admin:")
    assert result.stderr.count("\n") == 1
    assert "secret-word" not in result.stderr
