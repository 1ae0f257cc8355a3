"""The embedded Postgres: one owner, no port, no opened folder, and back after whatever killed it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from db.embedded import (
    Cluster,
    EmbeddedError,
    HomeInUse,
    HomeNotWritable,
    PostgresFailed,
    WheelMissing,
    binaries,
    passwords,
    remove,
    running,
    running_cluster,
    start,
    stop,
    url,
)
from db.embedded.home import User, can, place

AS_ROOT = os.geteuid() == 0
NOBODY = 65534
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

# A process of its own that owns a home until it is killed. It drops root first if it is told a user: by itself,
# since that user may not reach the interpreter.
OWNER = """
import asyncio, os, pathlib, signal, sys
import asyncpg
from db import embedded
if user := int(sys.argv[2]):
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
try:
    cluster = embedded.start(pathlib.Path(sys.argv[1]), durable=False)
except embedded.EmbeddedError as why:
    print(type(why).__name__, why, flush=True)
else:
    print(cluster.pid, flush=True)
    sys.stdin.read()
    embedded.stop(cluster)
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    """A server for the tests that only look."""
    folder = Path(tempfile.mkdtemp(prefix="embedded-"))
    folder.chmod(0o755)
    with running_cluster(folder / "home", durable=False) as cluster:
        yield cluster
    shutil.rmtree(folder)


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A home that every user may pass through to, with a short path."""
    folder = Path(tempfile.mkdtemp(prefix="embedded-"))
    folder.chmod(0o755)
    yield folder / "home"
    forget(folder / "home")
    shutil.rmtree(folder)


@pytest.fixture
def closed_home(tmp_path: Path) -> Iterator[Path]:
    """A home below a folder of ours alone, as /root is: as root, Postgres runs elsewhere."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    yield folder / "home"
    forget(folder / "home")


def forget(home: Path) -> None:
    if home.is_dir() and home.stat().st_uid == os.geteuid():
        remove(home)


def ask(cluster: Cluster, question: str) -> Any:
    async def answer() -> Any:
        connection = await asyncpg.connect(cluster.url(database="postgres"))
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(answer())


def owner(home: Path, user: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", OWNER, str(home), str(user)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    """Lets an owner stop its server, and closes our ends."""
    process.communicate("", timeout=30)


def eventually(fact: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not fact():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def modes(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.stat().st_mode, path.stat().st_uid) for path in (folder, *folder.parents) if path.exists()}


def test_the_first_start_makes_a_server_and_the_next_finds_its_data(open_home: Path) -> None:
    with running_cluster(open_home, durable=False) as first:
        assert ask(first, "select current_setting('server_version_num')::int") >= 180000
        assert (
            ask(first, "select current_setting('server_encoding') || ' ' || current_setting('data_checksums')")
            == "UTF8 on"
        )
        ask(first, "create table kept as select 7 as number")
    assert running(open_home) is None
    with running_cluster(open_home, durable=False) as second:
        assert ask(second, "select number from kept") == 7


def test_a_durable_server_writes_to_the_disk(open_home: Path) -> None:
    with running_cluster(open_home) as cluster:
        assert ask(cluster, "select current_setting('fsync') || current_setting('full_page_writes')") == "onon"


def test_a_home_that_root_alone_may_enter_stays_closed_and_works(closed_home: Path) -> None:
    with running_cluster(closed_home, durable=False) as cluster:
        assert ask(cluster, "select 1") == 1
        assert cluster.data.is_relative_to(closed_home) is not AS_ROOT
        lies = place(closed_home).folder
    remove(closed_home)
    assert not lies.exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root's data lie elsewhere")
def test_what_a_deleted_temporary_home_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    folders = {}
    for name in ("deleted", "kept"):
        (tmp_path / name).mkdir(mode=0o700)
        folders[name] = place(tmp_path / name / "home").folder
    shutil.rmtree(tmp_path / "deleted")
    (tmp_path / "later").mkdir(mode=0o700)
    folders["later"] = place(tmp_path / "later" / "home").folder
    assert {name: folder.exists() for name, folder in folders.items()} == {
        "deleted": False,
        "kept": True,
        "later": True,
    }
    for name in ("kept", "later"):
        remove(tmp_path / name / "home")


def test_no_folders_mode_is_changed(closed_home: Path, open_home: Path) -> None:
    for home in (closed_home, open_home):
        home.mkdir(mode=0o700)
        before = modes(home) | modes(Path(tempfile.gettempdir())) | modes(binaries.wheel())
        with running_cluster(home, durable=False) as cluster:
            assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700
            assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700
        assert {path: modes(path)[path] for path in before} == before


def test_a_second_owner_is_refused_at_once_and_told_who_the_first_is(shared: Cluster) -> None:
    second = owner(shared.home)
    answer = said(second)
    end(second)
    assert answer.startswith("HomeInUse")
    assert f"process {os.getpid()}" in answer
    assert str(shared.home) in answer
    with pytest.raises(HomeInUse, match=f"process {os.getpid()}"):
        start(shared.home, durable=False)
    assert ask(shared, "select 1") == 1


def test_another_process_finds_the_running_server(open_home: Path) -> None:
    assert running(open_home) is None
    assert not open_home.exists()
    first = owner(open_home)
    pid = int(said(first))
    beside = running(open_home)
    assert beside is not None
    assert beside.pid == pid
    assert ask(beside, "select 1") == 1
    assert beside.url("orgraph_api") == url(open_home, "orgraph_api")
    end(first)
    assert running(open_home) is None


def test_a_copied_home_does_not_share_the_data(closed_home: Path) -> None:
    with running_cluster(closed_home, durable=False) as cluster:
        copy = closed_home.with_name("copy")
        shutil.copytree(closed_home, copy, ignore=shutil.ignore_patterns("socket", "data"))
        if AS_ROOT:
            with pytest.raises(HomeInUse, match=str(os.getpid())):
                start(copy, durable=False)
        assert ask(cluster, "select 1") == 1


@linux_only
def test_a_killed_server_starts_again_and_has_what_was_committed(open_home: Path) -> None:
    cluster = start(open_home)
    ask(cluster, "create table kept as select 7 as number")
    os.kill(cluster.pid, signal.SIGKILL)
    assert eventually(lambda: not lives(cluster.pid))
    with running_cluster(open_home) as again:
        assert again.pid != cluster.pid
        stop(cluster)  # it is gone; the later one stays
        assert ask(again, "select number from kept") == 7


@linux_only
def test_a_server_ends_when_its_owner_is_killed(open_home: Path) -> None:
    first = owner(open_home)
    pid = int(said(first))
    first.kill()
    end(first)
    assert eventually(lambda: not lives(pid))
    with running_cluster(open_home, durable=False) as cluster:
        assert ask(cluster, "select 1") == 1


@linux_only
def test_an_orphaned_server_is_stopped_and_its_data_taken_over(open_home: Path) -> None:
    first = owner(open_home)
    pid = int(said(first))
    orphan = running(open_home)
    assert orphan is not None
    ask(orphan, "create table kept as select 7 as number")
    assert first.pid != os.getpid()
    (watch,) = (child for child in children(first.pid) if child != pid)
    os.kill(watch, signal.SIGKILL)
    first.kill()
    end(first)
    assert lives(pid)  # or the test proves nothing
    with running_cluster(open_home, durable=False) as cluster:
        assert not lives(pid)
        assert ask(cluster, "select number from kept") == 7


@linux_only
def test_a_number_that_belongs_to_another_process_by_now_is_spared(open_home: Path) -> None:
    with running_cluster(open_home, durable=False) as cluster:
        left = (cluster.data / "postmaster.pid").read_text().splitlines()
    user = place(open_home).user
    innocent = subprocess.Popen(["/bin/sleep", "60"], cwd="/", **(user.spawn if user else {}))
    try:
        for file in (cluster.data / "postmaster.pid", cluster.socket / ".s.PGSQL.5432.lock"):
            file.write_text("\n".join([str(innocent.pid), *left[1:], ""]))
        with running_cluster(open_home, durable=False) as again:
            assert ask(again, "select 1") == 1
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


def test_a_half_made_data_folder_is_never_taken_for_a_whole_one(open_home: Path) -> None:
    left = place(open_home).folder / "data.new-killed"
    left.mkdir()
    (left / "PG_VERSION").write_text("18\n")
    with running_cluster(open_home, durable=False) as cluster:
        assert ask(cluster, "select 1") == 1
    assert not left.exists()


def test_ctrl_c_in_the_owners_terminal_does_not_reach_the_server(shared: Cluster) -> None:
    assert os.getsid(shared.pid) != os.getsid(0)


@linux_only
def test_no_tcp_port_is_open(shared: Cluster) -> None:
    sockets = {str(number.readlink()) for number in Path(f"/proc/{shared.pid}/fd").iterdir()}
    network = Path("/proc/net")
    over_tcp = [f"socket:[{line.split()[9]}]" for name in ("tcp", "tcp6") for line in rows(network / name)]
    over_unix = [f"socket:[{line.split()[6]}]" for line in rows(network / "unix")]
    assert not sockets & set(over_tcp)
    assert sockets & set(over_unix)  # so its sockets were seen


def rows(file: Path) -> list[str]:
    return file.read_text().splitlines()[1:] if file.exists() else []


def test_the_log_never_holds_what_a_statement_said(shared: Cluster) -> None:
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        ask(shared, "select 'diagnosis'::text::int /* confided */")
    log = place(shared.home).log.read_text()
    assert "diagnosis" not in log
    assert "confided" not in log
    assert "ready to accept connections" in log


def test_passwords_are_made_once_and_readable_by_their_owner_alone(open_home: Path) -> None:
    first = passwords(open_home)
    assert sorted(first) == ["orgraph_api", "orgraph_backup", "orgraph_migrator", "orgraph_worker", "postgres"]
    assert len(set(first.values())) == len(first)
    assert passwords(open_home) == first
    assert stat.S_IMODE((open_home / "passwords.json").stat().st_mode) == 0o600


def test_a_wrong_password_is_refused(shared: Cluster) -> None:
    wrong = shared.url().replace(passwords(shared.home)["postgres"], "wrong")
    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(asyncpg.connect(wrong))


@pytest.mark.parametrize("name", ["long" * 30, "wörk, here"])
def test_a_home_with_a_long_path_or_odd_letters_works(open_home: Path, name: str) -> None:
    home = open_home / name
    with running_cluster(home, durable=False) as cluster:
        assert len(os.fsencode(cluster.socket)) <= 100
        assert cluster.data.is_relative_to(home)
        assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700
        assert ask(cluster, "select 1") == 1
    socket = cluster.socket
    socket.rmdir()  # the temporary folder was swept
    with running_cluster(home, durable=False) as cluster:
        assert ask(cluster, "select 1") == 1
    remove(home)
    assert not cluster.socket.exists()


def test_a_relative_home_works_after_a_change_of_folder(open_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_home.mkdir()
    monkeypatch.chdir(open_home.parent)
    with running_cluster(Path("home"), durable=False) as cluster:
        monkeypatch.chdir("/")
        assert ask(cluster, "select 1") == 1
        assert cluster.home == open_home


@pytest.mark.skipif(
    not AS_ROOT, reason="only root can become somebody else; without root every other test is this test"
)
def test_an_ordinary_user_runs_it_as_itself(open_home: Path) -> None:
    open_home.mkdir()
    os.chown(open_home, NOBODY, NOBODY)
    first = owner(open_home, NOBODY)
    pid = int(said(first))
    assert Path(f"/proc/{pid}").stat().st_uid == NOBODY
    assert (open_home / "postgres" / "data").stat().st_uid == NOBODY
    end(first)
    assert first.returncode == 0
    shutil.rmtree(open_home)


@pytest.mark.skipif(not AS_ROOT, reason="only root can become somebody else")
def test_a_read_only_home_is_refused_in_one_line(open_home: Path) -> None:
    open_home.mkdir()
    open_home.chmod(0o555)
    first = owner(open_home, NOBODY)
    answer = said(first)
    end(first)
    assert answer.startswith(f"HomeNotWritable {open_home} cannot hold the embedded Postgres")
    assert "Permission denied" in answer
    assert "ORGRAPH_HOME" in answer


def test_a_file_in_place_of_the_home_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(HomeNotWritable, match=r"^[^\n]*home[^\n]*$"):
        start(tmp_path / "home")


def test_data_of_an_older_postgres_is_refused_and_left_alone(open_home: Path) -> None:
    data = place(open_home).data
    data.mkdir(mode=0o700)
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 17, this is 18"):
        start(open_home)
    assert [file.name for file in data.iterdir()] == ["PG_VERSION"]


def test_data_without_its_passwords_says_so(open_home: Path) -> None:
    data = place(open_home).data
    data.mkdir(mode=0o700)
    (data / "PG_VERSION").write_text("18\n")
    with pytest.raises(EmbeddedError, match=r"passwords\.json is gone"):
        start(open_home)


def test_a_server_that_cannot_start_says_why_and_lets_go_of_the_home(open_home: Path) -> None:
    with running_cluster(open_home, durable=False) as cluster:
        pass
    (cluster.data / "global" / "pg_control").unlink()
    for _ in range(2):  # the second time it is not in use either
        with pytest.raises(PostgresFailed, match=r"postgres failed: [^\n]*pg_control[^\n]*log: [^\n]*$"):
            start(open_home, durable=False)


def test_without_the_wheel_the_error_names_the_extra_and_the_variable(
    open_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(WheelMissing, match=r"`dev` extra.*DATABASE_URL"):
        start(open_home)


@pytest.mark.skipif(not AS_ROOT, reason="only root runs Postgres as somebody else")
def test_an_environment_that_postgres_may_not_enter_is_copied_and_not_opened(
    open_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = binaries.copied(binaries.wheel(), tmp_path)
    assert not can(User(NOBODY, NOBODY), "-x", closed / "postgres")
    monkeypatch.setattr("db.embedded.cluster.wheel", lambda: closed)
    before = modes(closed)
    with running_cluster(open_home, durable=False) as cluster:
        assert ask(cluster, "select 1") == 1
    assert modes(closed) == before
