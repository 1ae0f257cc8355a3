"""Migrations: all or nothing, once, in any number of places, and nothing stale survives."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from click.testing import CliRunner

from cli.main import main
from db import migrate as module
from db import revisions
from db.check import check
from db.embedded import Cluster
from db.migrate import Applied, MigrationError, expected, migrate, status
from tests.db.conftest import Admin, Edit, added, silent, tables_of


async def test_a_database_is_migrated_once_and_then_left_alone(url: str, superuser: Admin) -> None:
    said: list[str] = []
    applied = await migrate(url, said.append)
    assert applied.revisions[-1] == revisions.head()
    assert applied.months == 14
    assert "policies meetings" in said
    written = "select max(xmin::text::bigint) from pg_class where relnamespace = 'app'::regnamespace"
    before = await superuser.fetchval(written)
    assert await migrate(url, said.append) == Applied()
    assert await superuser.fetchval(written) == before


async def test_several_machines_at_once_migrate_once(url: str) -> None:
    said: list[str] = []
    applied = await asyncio.gather(*(migrate(url, said.append) for _ in range(4)))
    assert sorted(map(bool, applied)) == [False, False, False, True]
    assert said.count("another migration is running: waiting for it") == 3


async def test_a_failure_leaves_nothing_behind(url: str, superuser: Admin, edit: Edit) -> None:
    edit("policies/users.sql", added("\nselect 1 / 0;\n"))
    with pytest.raises(MigrationError, match=r"^sql/policies/users\.sql.*division by zero"):
        await migrate(url, silent)
    assert await tables_of(superuser) == []
    assert not await superuser.fetchval("select has_schema_privilege('orgraph_definer', 'app', 'create')")


async def test_a_revision_that_fails_says_why_and_changes_nothing(url: str, superuser: Admin, edit: Edit) -> None:
    await migrate(url, silent)
    edit(
        "versions/0999_broken.py",
        added(
            f'"""Broken."""\nfrom alembic import op\nrevision = "0999"\ndown_revision = "{revisions.head()}"\n'
            'def upgrade():\n    op.execute("create table app.rooms (id uuid primary key)")\n'
            '    op.execute("alter table app.nowhere add column a text")\n'
        ),
    )
    with pytest.raises(
        MigrationError, match=r'0999_broken.py: relation "app.nowhere" does not exist\. Nothing was changed'
    ):
        await migrate(url, silent)
    assert "rooms" not in await tables_of(superuser)


async def test_a_locked_table_is_tried_again_from_the_start(
    url: str, superuser: Admin, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(url, silent)
    monkeypatch.setattr(module, "LOCK_TIMEOUT", "100ms")
    edit("policies/categories.sql", added("\n-- changed\n"))
    blocking = superuser.transaction()
    await blocking.start()
    await superuser.execute("lock table app.categories in access share mode")
    told = asyncio.Event()

    def report(step: str) -> None:
        if "locked" in step:
            told.set()

    migration = asyncio.create_task(migrate(url, report, pause_s=0.1))
    await asyncio.wait_for(told.wait(), 10)
    await blocking.rollback()
    assert (await migration).files == ("policies/categories.sql",)


async def test_a_table_that_stays_locked_ends_in_a_clear_refusal(
    url: str, superuser: Admin, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(url, silent)
    monkeypatch.setattr(module, "LOCK_TIMEOUT", "20ms")
    edit("policies/categories.sql", added("\n-- changed\n"))
    said: list[str] = []
    async with superuser.transaction():
        await superuser.execute("lock table app.categories in access share mode")
        with pytest.raises(MigrationError, match="stayed locked for 5 attempts"):
            await migrate(url, said.append, pause_s=0.01)
    assert sum("locked" in step for step in said) == 4
    assert (await status(url)).files["policies/categories.sql"] == "changed"


async def test_a_foreign_key_is_validated_over_the_rows_that_the_owner_sees(url: str) -> None:
    """Under FORCE none, so that Postgres finds it valid whatever is there; docs/database.md says what to do."""
    await migrate(url, silent)
    owner = await asyncpg.connect(url)
    try:
        await owner.execute("""begin; set local role orgraph_owner;
            create table app.rooms (id uuid primary key); create table app.beds (room_id uuid);
            insert into app.beds values (uuidv7());
            alter table app.rooms enable row level security; alter table app.rooms force row level security;
            alter table app.beds enable row level security; alter table app.beds force row level security;
            alter table app.beds add constraint room foreign key (room_id) references app.rooms (id) not valid;
            savepoint hidden; alter table app.beds validate constraint room; rollback to hidden""")
        await owner.execute("alter table app.beds no force row level security")
        await owner.execute("alter table app.rooms no force row level security")
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await owner.execute("alter table app.beds validate constraint room")
    finally:
        await owner.close()


async def test_the_trail_has_thirteen_months_ahead_each_walled(url: str, superuser: Admin) -> None:
    await migrate(url, silent)
    months = await superuser.fetch("""
        select c.relname, c.relrowsecurity and c.relforcerowsecurity as walled, c.relacl
        from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'app.audit_logs'::regclass""")
    assert len(months) == 15
    assert all(month["walled"] and not month["relacl"] for month in months)
    assert (await status(url)).months_ahead == 13


async def test_status_says_what_is_pending(url: str, edit: Edit) -> None:
    empty = await status(url)
    assert (empty.current, empty.pending) == ("", True)
    assert set(empty.files.values()) == {"new"}
    await migrate(url, silent)
    now = await status(url)
    assert (now.current, now.head, now.pending) == (revisions.head(), revisions.head(), False)
    edit("functions/scope.sql", added("\n-- changed\n"))
    assert (await status(url)).pending


async def test_a_database_says_which_code_it_matches(url: str, superuser: Admin, edit: Edit) -> None:
    await migrate(url, silent)
    says = "select obj_description('migration'::regnamespace)"
    assert await superuser.fetchval(says) == expected()
    edit("policies/users.sql", added("\n-- changed\n"))
    assert await superuser.fetchval(says) != expected()


async def test_a_login_that_cannot_become_the_owner_is_told(cluster: Cluster) -> None:
    with pytest.raises(MigrationError, match='permission denied to set role "orgraph_owner"'):
        await migrate(cluster.url("orgraph_api"), silent)


def test_the_command_of_status_exits_1_when_something_is_pending(url: str) -> None:
    result = CliRunner().invoke(main, ["db", "status", "--url", url])
    assert (result.exit_code, result.stderr) == (1, "pending: run `orgraph db migrate`\n")
    assert CliRunner().invoke(main, ["db", "migrate", "--url", url]).exit_code == 0
    again = CliRunner().invoke(main, ["db", "migrate", "--url", url])
    assert (again.stdout, again.stderr) == ("", "nothing to do\n")
    assert CliRunner().invoke(main, ["db", "status", "--url", url]).exit_code == 0


def test_the_tables_are_printed_as_sql_without_a_database_and_pass_the_linter(tmp_path: Path) -> None:
    printed = CliRunner().invoke(
        main, ["db", "migrate", "--sql"], env={"DATABASE_MIGRATOR_URL": "postgresql://nowhere"}
    )
    assert printed.exit_code == 0
    assert "create table app.meetings" in printed.stdout
    linted = subprocess.run(  # noqa: S603 - our own text
        [Path(sys.executable).parent / "squawk", "--config", ".squawk.toml"],
        input=printed.stdout,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert linted.returncode == 0, linted.stdout


async def test_what_was_written_while_a_month_was_missing_is_moved_into_it(url: str, superuser: Admin) -> None:
    await migrate(url, silent)
    partition, platform = "audit_logs_2031_02", "00000000-0000-7000-8000-000000000000"
    await superuser.execute(
        "insert into app.audit_logs (org_id, actor_type, action, resource_type, created_at)"
        " values ($1, 'system', 'EVENT_UPDATED', 'event', '2031-02-10T12:00:00Z')",
        UUID(platform),
    )

    # As the owner, under the wall and past the guard, as a migration of that month would.
    await superuser.execute("set role orgraph_owner")
    await superuser.execute(f"select app.make_audit_month('{partition}', '2031-02-01T00:00Z', '2031-03-01T00:00Z')")
    await superuser.execute("select app.ensure_audit_partitions(1)")
    await superuser.execute("reset role")

    assert await superuser.fetchval(f"select count(*) from app.{partition}") == 1
    assert await superuser.fetchval("select count(*) from only app.audit_logs_default") == 0
    # Who asks is the superuser, and that is all there is to find.
    assert [finding.rule for finding in await check(superuser, "orgraph_api")] == ["connected_above_row_security"]
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await superuser.execute("delete from app.audit_logs")
