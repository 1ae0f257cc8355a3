"""Whatever the schema allows is asked of every root field, with seeded values: no answer is a fault of ours.

`EXAMPLES` says how often each field is asked, and `SEED` what.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from graph.schema import build, sdl
from tests import make
from tests.personas import Database, World
from tests.server.site import Site

EXAMPLES = int(os.environ.get("EXAMPLES", "5"))
SEED = int(os.environ.get("SEED", "2026"))
# Codes that say it was not the document's fault. An owner is refused nothing that the schema offers.
FAULTS = {"INTERNAL", "FORBIDDEN", "TIMEOUT", "OVERLOADED", "DB_UNAVAILABLE", "COMMIT_UNKNOWN"}
FIELDS = [
    f"{root.name}.{field}" for root in (build().query_type, build().mutation_type) if root for field in root.fields
]
# The API's own scalars, mostly as they should be: a value that is refused at the door tests nothing behind it.
TEXTS = {
    "DateTime": st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
    "EmailAddress": st.from_regex(r"[a-z.'+]{1,20}@[a-z-]{1,20}\.test", fullmatch=True),
    "LocalTime": st.from_regex(r"([01][0-9]|2[0-4]):[0-5][0-9]", fullmatch=True),
    "Slug": st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True),
    "TimeZone": st.sampled_from(["Europe/Lisbon", "UTC", "America/Sao_Paulo", "Mars/Olympus"]),
    "Url": st.from_regex(r"https?://[a-z.]{1,20}/[!-~]{0,20}", fullmatch=True),
    "JSON": st.text(max_size=20),
}
seen: Counter[str] = Counter()


@pytest.fixture(scope="module")
def world(database: Database) -> World:
    return asyncio.run(make.world(database))


@pytest.fixture(scope="module")
def strategies() -> Mapping[str, st.SearchStrategy[Any]]:
    """Documents for each root field."""
    # Late: it takes two seconds, which whoever runs other tests need not wait.
    from schemathesis import graphql  # noqa: PLC0415

    for name, texts in TEXTS.items():
        graphql.scalar(name, texts.map(graphql.nodes.String))
    graphql.scalar("Cents", st.integers(-1, 2**53).map(graphql.nodes.Int))
    found: list[Any] = [one.ok() for one in graphql.from_file(sdl()).get_all_operations()]  # type: ignore[union-attr]
    return {one.label: one.as_strategy() for one in found}


@pytest.mark.parametrize("field", FIELDS)
def test_no_document_of_the_schema_meets_a_fault(
    real: Site, world: World, strategies: Mapping[str, st.SearchStrategy[Any]], field: str
) -> None:
    acme = world.acme
    headers = {"authorization": f"Bearer {real.token(acme.people['owner'], acme.workos_id)}"}

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategies[field])
    def is_answered(case: Any) -> None:
        answer = case.call(base_url=f"{real.url}/graphql", headers=headers)
        told = answer.json()
        assert answer.status_code < 500, f"{case.body}\n{answer.text}"
        codes = {error["extensions"]["code"] for error in told.get("errors", [])}
        assert not codes & FAULTS, f"{case.body}\n{answer.text}"
        seen["errors" if codes else "data"] += 1

    is_answered()


def test_enough_of_them_came_past_the_door() -> None:
    """Or the test above asks nothing but how documents are refused."""
    assert seen.total() >= EXAMPLES * len(FIELDS) / 2
    assert seen["data"] >= seen.total() / 4, seen
