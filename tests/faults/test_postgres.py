"""Postgres itself goes and comes back: restarted, killed, one session of it ended, all of its connections used up."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest

from db import embedded
from db.embedded import Cluster
from graph.schema import build
from tests import make
from tests.conftest import at, prepare
from tests.faults.asking import Person, Told
from tests.make import unique
from tests.personas import Database, as_superuser
from tests.server.site import Site, served


@dataclass
class Postgres:
    """One that a test may end and begin."""

    cluster: Cluster

    async def stop(self) -> None:
        """As `pg_ctl stop -m fast` does: whoever is connected is told so."""
        await asyncio.to_thread(embedded.stop, self.cluster)

    async def kill(self) -> None:
        """The postmaster dies at once; its sessions notice, and end without a word."""
        os.kill(self.cluster.pid, signal.SIGKILL)
        await asyncio.to_thread(os.waitid, os.P_PID, self.cluster.pid, os.WEXITED | os.WNOWAIT)

    async def start(self) -> None:
        """Recovery included."""
        self.cluster = await asyncio.to_thread(embedded.start, self.cluster.home)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    home = tmp_path_factory.mktemp("fragile")
    postgres = Postgres(embedded.start(home))  # durable: what was acknowledged must outlive a kill
    asyncio.run(prepare(postgres.cluster, embedded.DATABASE))
    yield postgres
    embedded.stop(postgres.cluster)
    embedded.remove(home)


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> Database:
    return at(postgres.cluster, embedded.DATABASE)


@pytest.fixture(scope="module")
def site(database: Database) -> Iterator[Site]:
    with served(database.api, schema=build()) as running:
        yield running


@pytest.fixture
async def person(site: Site, database: Database) -> AsyncIterator[Person]:
    world = await make.world(database)
    async with site.client() as client:
        person = Person(site, client, world.acme, database)
        await person.recovered(20)
        yield person


@dataclass
class Load:
    """Four who read and write without a pause, and remember what they were told."""

    person: Person
    reads: list[Told] = field(default_factory=list)
    writes: dict[str, Told] = field(default_factory=dict)
    ended: bool = False

    async def reader(self) -> None:
        while not self.ended:
            self.reads.append(await self.person.read())
            await asyncio.sleep(0.005)

    async def writer(self) -> None:
        while not self.ended:
            slug = unique()
            self.writes[slug] = await self.person.write(slug)
            await asyncio.sleep(0.005)

    async def during(self, fault: asyncio.Task[None]) -> None:
        asking = [asyncio.create_task(one()) for one in (self.reader, self.reader, self.writer, self.writer)]
        try:
            await fault
            await self.person.recovered()
        finally:
            self.ended = True
            await asyncio.gather(*asking)


async def goes_and_comes(postgres: Postgres, how: str) -> None:
    await getattr(postgres, how)()
    await postgres.start()


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_under_load_it_ends_and_comes_back_and_nobody_is_lied_to(
    how: str, postgres: Postgres, person: Person
) -> None:
    load = Load(person)

    await load.during(asyncio.create_task(goes_and_comes(postgres, how)))

    answers = [*load.reads, *load.writes.values()]
    assert [told.body for told in answers if not told.is_honest] == []
    assert {200, 503} == {told.status for told in answers}
    assert max(told.seconds for told in answers) < 6
    # Asked before anything is concluded: what was acknowledged is there, with its row in the trail, and nothing else.
    async with as_superuser(person.database) as superuser:
        rows = await superuser.fetch("select slug from app.events where slug = any ($1)", list(load.writes))
        stored = {row[0] for row in rows}
        trailed = await superuser.fetchval(
            """select count(*) from app.audit_logs where action = 'EVENT_CREATED' and outcome = 'success'
            and org_id = $1 and new_values ->> 'slug' = any ($2)""",
            person.organization.id,
            list(load.writes),
        )
    for slug, told in load.writes.items():
        if told.code != "COMMIT_UNKNOWN":
            assert (slug in stored) == (told.status == 200), told.body
    assert trailed == len(stored)


async def test_while_it_is_away_the_process_lives_and_is_not_ready(postgres: Postgres, person: Person) -> None:
    await postgres.stop()
    try:
        told = [await person.read(), await person.write()]
        live = await person.client.get("/livez")
        async with asyncio.timeout(3):
            while (ready := await person.client.get("/readyz")).status_code == 200:  # noqa: ASYNC110 - remembered
                await asyncio.sleep(0.05)
    finally:
        await postgres.start()

    assert [(one.status, one.code, one.is_honest) for one in told] == [(503, "DB_UNAVAILABLE", True)] * 2
    assert max(one.seconds for one in told) < 1
    assert live.status_code == 200
    assert (ready.status_code, ready.headers["retry-after"]) == (503, "1")
    await person.recovered()


async def test_it_has_no_connection_left_for_us(person: Person, database: Database) -> None:
    async with as_superuser(database) as superuser:
        await superuser.execute("alter role orgraph_api connection limit 0")
        await superuser.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename='orgraph_api'"
        )
        try:
            told = [await person.read(), await person.write()]
        finally:
            await superuser.execute("alter role orgraph_api connection limit 80")

    assert [(one.status, one.code, one.is_honest) for one in told] == [(503, "OVERLOADED", True)] * 2
    await person.recovered()


async def test_it_refuses_our_password(person: Person, database: Database, caplog: pytest.LogCaptureFixture) -> None:
    async with as_superuser(database) as superuser:
        await superuser.execute("alter role orgraph_api nologin")
        await superuser.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename='orgraph_api'"
        )
        try:
            told = [await person.read(), await person.write()]
        finally:
            await superuser.execute("alter role orgraph_api login")

    assert [(one.status, one.code, one.is_honest) for one in told] == [(503, "DB_UNAVAILABLE", True)] * 2
    assert "sqlstate=28000" in caplog.text
    await person.recovered()


async def test_sessions_are_ended_one_after_the_other_under_load(person: Person, database: Database) -> None:
    load = Load(person)

    async def ends_them() -> None:
        async with as_superuser(database) as superuser:
            for _ in range(20):
                await superuser.execute(
                    """select pg_terminate_backend(pid) from pg_stat_activity where usename = 'orgraph_api'
                    order by random() limit 1"""
                )
                await asyncio.sleep(0.02)

    await load.during(asyncio.create_task(ends_them()))

    assert [told.body for told in (*load.reads, *load.writes.values()) if not told.is_honest] == []
    for slug, told in load.writes.items():
        if told.code != "COMMIT_UNKNOWN":
            assert await person.stored(slug) == (told.status == 200), told.body
