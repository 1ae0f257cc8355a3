"""`orgraph db url` and `orgraph db psql`: the value alone on standard output, all else on standard error."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from db.bootstrap import bootstrap
from db.embedded import Cluster, passwords, remove, start, stop

ORGRAPH = "from cli.main import main; main()"
THEIRS = "postgresql://api:word@db.internal/orgraph"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A bootstrapped server that this process owns, as `orgraph dev` would, beside the commands."""
    folder = Path(tempfile.mkdtemp(prefix="url-"))
    folder.chmod(0o755)
    cluster = start(folder / "home", durable=False)
    try:
        logins = {role: word for role, word in passwords(cluster.home).items() if role != "postgres"}
        asyncio.run(bootstrap(cluster.url(database="postgres"), logins))
        yield cluster
    finally:
        stop(cluster)
        remove(cluster.home)
        shutil.rmtree(folder)


def orgraph(home: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "PG"))}
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", ORGRAPH, "db", *words],
        env={**clean, "ORGRAPH_HOME": str(home), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("api", "orgraph_api"),
        ("worker", "orgraph_worker"),
        ("migrator", "orgraph_migrator"),
        ("backup", "orgraph_backup"),
        ("superuser", "postgres"),
    ],
)
def test_the_url_alone_is_printed_and_it_connects_as_that_role(cluster: Cluster, word: str, role: str) -> None:
    told = orgraph(cluster.home, "url", "--as", word)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == cluster.url(role) + "\n"

    async def who() -> str:
        connection = await asyncpg.connect(told.stdout.strip())
        try:
            return str(await connection.fetchval("select session_user || ' ' || current_database()"))
        finally:
            await connection.close()

    assert asyncio.run(who()) == f"{role} orgraph"


def test_the_url_of_a_server_that_does_not_run_is_the_one_it_will_have(tmp_path: Path) -> None:
    first = orgraph(tmp_path / "home", "url", "--as", "worker")
    assert first.returncode == 0
    assert orgraph(tmp_path / "home", "url", "--as", "worker").stdout == first.stdout
    remove(tmp_path / "home")


def test_the_environments_database_replaces_the_embedded_one(tmp_path: Path) -> None:
    assert orgraph(tmp_path / "home", "url", DATABASE_URL=THEIRS).stdout == f"{THEIRS}\n"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("word", ["worker", "migrator", "backup", "superuser"])
def test_half_an_environment_never_falls_back_to_the_embedded_database(tmp_path: Path, word: str) -> None:
    told = orgraph(tmp_path / "home", "url", "--as", word, DATABASE_URL=THEIRS)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("Error: ")
    assert told.stderr.count("\n") == 1
    assert word.upper() in told.stderr.upper()
    assert "DATABASE_URL" in told.stderr
    assert "word@" not in told.stderr


def test_a_home_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    told = orgraph(tmp_path / "home", "url")
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (1, "", 1)


def test_psql_opens_as_the_role_and_takes_its_own_options(cluster: Cluster) -> None:
    told = orgraph(cluster.home, "psql", "--as", "migrator", "--", "-XAtc", "select current_user", PGUSER="stranger")
    assert (told.returncode, told.stdout, told.stderr) == (0, "orgraph_migrator\n", "")


def test_psql_starts_nothing_and_says_what_to_start(tmp_path: Path) -> None:
    told = orgraph(tmp_path / "home", "psql")
    assert told.returncode == 1
    assert told.stderr == f"Error: no Postgres runs in {tmp_path / 'home'}: start `orgraph dev` in another terminal\n"
    assert not (tmp_path / "home").exists()


def test_backup_and_restore_are_commands(cluster: Cluster, tmp_path: Path) -> None:
    saved = orgraph(cluster.home, "backup", str(tmp_path / "a.dump"))
    assert (saved.returncode, saved.stdout) == (0, "")
    back = orgraph(cluster.home, "restore", str(tmp_path / "a.dump"))
    assert (back.returncode, back.stdout) == (0, "")
    assert back.stderr.endswith("restored; the next step is `orgraph db migrate`\n")
