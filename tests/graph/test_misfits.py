"""What is stored and does not fit the schema: a fault of ours, masked, logged, and never shown."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.embedded import Cluster
from db.engine import create_engine
from graph.operation import Graph
from graph.schema import build
from tests import make
from tests.conftest import at, prepare
from tests.graph.asking import Acting, world_of
from tests.personas import Database, as_superuser

SECRET = "maria-canary"
DAYS = "{ schedules { nodes { availabilities { nodes { dayOfWeek } } } } }"
LINKS = "{ profiles { nodes { socialLinks { name url } } } }"
# As after a mistake in a migration, a mirror, a hand.
UNCHECKED = """alter table app.meetings drop constraint meetings_status_check;
    alter table app.schedule_availabilities drop constraint schedule_availabilities_day_check"""


@pytest.fixture(scope="module")
async def apart(cluster: Cluster) -> Database:
    """A database that lets more be stored than ours."""
    await prepare(cluster, "misfits")
    there = at(cluster, "misfits")
    async with as_superuser(there) as superuser:
        await superuser.execute(UNCHECKED)
    return there


@pytest.fixture
async def acme(apart: Database) -> AsyncIterator[Acting]:
    engine = create_engine(apart.api, size=1)
    yield world_of(apart, Graph.over(build(), engine), await make.world(apart)).acme
    await engine.dispose()


@pytest.mark.parametrize(
    ("table", "column", "value", "query"),
    [
        ("meetings", "status", SECRET, "{ meetings { nodes { id status } } }"),
        ("meetings", "status", "CONFIRMED", "{ meetings { nodes { id status } } }"),
        ("schedule_availabilities", "day_of_week", SECRET, DAYS),
        ("profiles", "social_links", f'["{SECRET}"]', LINKS),
        ("profiles", "social_links", f'[{{"name": "{SECRET}", "url": "https://x.test"}}]', LINKS),
        ("profiles", "social_links", f'[{{"name": "tiktok", "href": "{SECRET}"}}]', LINKS),
    ],
)
async def test_a_stored_value_that_does_not_fit_is_a_fault_of_ours_and_is_never_shown(
    table: str, column: str, value: str, query: str, *, acme: Acting, caplog: pytest.LogCaptureFixture
) -> None:
    before = await acme.owner.body(query)
    await acme.put(table, acme.row(table), **{column: value})

    answered = await acme.owner.answer(query)
    body = await acme.owner.body(query)

    assert "errors" not in before
    assert [error["extensions"]["code"] for error in body["errors"]] == ["INTERNAL"]
    assert [error["message"].partition(".")[0] for error in body["errors"]] == ["Something went wrong on our side"]
    assert SECRET not in answered.body.decode()
    records = [one for one in caplog.records if one.name == "orgraph.errors"]
    assert [one.__dict__["request_id"] for one in records][1:] == [body["errors"][0]["extensions"]["requestId"]]
    assert SECRET not in caplog.text
