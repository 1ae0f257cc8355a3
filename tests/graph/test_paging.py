"""Pages: walked in any way they give the list exactly, whatever is written meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.ids import uuid_of
from graph.operation import Graph
from tests import make
from tests.graph.asking import Acting, Asker
from tests.graph.said import said, statements
from tests.personas import as_worker

ORDERS = ("POSITION_ASC", "NAME_ASC", "PRICE_ASC", "CREATED_AT_DESC")
FILTERS: tuple[dict[str, Any] | None, ...] = (
    None,
    {"isActive": True},
    {"archived": True},
    {"isActive": True, "archived": False},
    {"not": [{"isActive": True}]},
    {"or": [{"slug": "e-1"}, {"slug": "e-2"}, {"isActive": False}]},
)
PAGE = """query(
    $first: Int, $after: String, $last: Int, $before: String, $filter: EventFilter, $orderBy: [EventOrder!]
) {
    events(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
        totalCount nodes { id } edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


async def add_events(acting: Acting, numbers: range) -> None:
    """Events that are alike in every order, so that only the id tells them apart."""
    async with as_worker(acting.database) as worker:
        await worker.execute(
            """insert into app.events (org_id, workos_user_id, name, slug, duration_in_minutes, position, price_cents,
                is_active, archived_at)
            select $1, $2, 'Event ' || n % 3, 'e-' || n, 30, n % 4, 100 * (n % 2), n % 3 > 0 and n % 7 > 0,
                case when n % 7 = 0 then now() end
            from unnest($3::int[]) n""",
            acting.rows.id,
            acting.owner.user_id,
            list(numbers),
        )


async def whole(acting: Acting, **arguments: Any) -> list[str]:
    found = (await acting.owner.ask(PAGE, first=100, **arguments))["events"]
    assert not found["pageInfo"]["hasNextPage"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["id"] for node in found["nodes"]]


async def walked(acting: Acting, size: int, *, backward: bool, between: Any = None, **arguments: Any) -> list[str]:
    """All ids, page by page; `between` happens after each page."""
    ids: list[str] = []
    cursor: str | None = None
    count, from_, has, at = (
        ("last", "before", "hasPreviousPage", "startCursor")
        if backward
        else ("first", "after", "hasNextPage", "endCursor")
    )
    for _ in range(1_000):
        given = {count: size} if cursor is None else {count: size, from_: cursor}
        found = (await acting.owner.ask(PAGE, **given, **arguments))["events"]
        page = [node["id"] for node in found["nodes"]]
        assert page == [edge["node"]["id"] for edge in found["edges"]]
        assert len(page) <= size
        ids = [*page, *ids] if backward else [*ids, *page]
        info = found["pageInfo"]
        other = info["hasNextPage" if backward else "hasPreviousPage"]
        assert other is (cursor is not None)
        if not info[has]:
            return ids
        assert len(page) == size
        cursor = info[at]
        if between is not None:
            await between()
    raise AssertionError("the walk does not end")


@pytest.fixture
async def many(acme: Acting) -> Acting:
    await add_events(acme, range(40))
    return acme


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.lists(st.sampled_from(ORDERS), max_size=3, unique=True),
    chosen=st.sampled_from(FILTERS),
    size=st.sampled_from([1, 2, 3, 7, 10, 41, 100]),
    backward=st.booleans(),
)
async def test_all_pages_together_are_exactly_the_list(
    order: list[str], chosen: dict[str, Any] | None, size: int, backward: bool, many: Acting
) -> None:
    arguments: dict[str, Any] = {"orderBy": order or None, "filter": chosen}
    expected = await whole(many, **arguments)
    assert len(expected) > 1

    assert await walked(many, size, backward=backward, **arguments) == expected


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize(
    "order", [*([one] for one in ORDERS), ["PRICE_ASC", "NAME_ASC"], ["NAME_ASC", "CREATED_AT_DESC"]]
)
async def test_what_is_inserted_meanwhile_neither_repeats_nor_loses_a_row(
    order: list[str], backward: bool, many: Acting
) -> None:
    old = await whole(many, orderBy=order)
    numbers = iter(range(100, 1_000))

    async def another() -> None:
        number = next(numbers)
        await add_events(many, range(number, number + 1))

    found = await walked(many, 8, backward=backward, between=another, orderBy=order)

    assert len(found) == len(set(found))
    assert [one for one in found if one in set(old)] == old


async def test_a_row_that_was_a_pages_last_may_vanish_and_the_next_page_is_the_same(many: Acting) -> None:
    first = (await many.owner.ask(PAGE, first=5))["events"]
    after = first["pageInfo"]["endCursor"]
    before = (await many.owner.ask(PAGE, first=5, after=after))["events"]["nodes"]

    await many.truth(
        "update app.events set archived_at = now(), is_active = false where id = $1",
        uuid_of("Event", first["nodes"][-1]["id"]),
    )

    assert len(await whole(many)) == first["totalCount"] - 1
    assert (await many.owner.ask(PAGE, first=5, after=after))["events"]["nodes"] == before


async def test_cursors_are_the_same_whenever_they_are_asked_for(many: Acting) -> None:
    once, twice = [(await many.owner.ask(PAGE, first=10))["events"]["edges"] for _ in range(2)]
    single = [(await many.owner.ask(PAGE, first=1))["events"]["edges"]]

    assert once == twice
    assert single[0] == once[:1]


async def test_between_two_cursors_lies_what_is_between_them(many: Acting) -> None:
    edges = (await many.owner.ask(PAGE, first=20))["events"]["edges"]

    found = (await many.owner.ask(PAGE, after=edges[3]["cursor"], before=edges[9]["cursor"]))["events"]

    assert found["edges"] == edges[4:9]


async def test_an_empty_page_has_no_cursors(acme: Acting) -> None:
    found = (await acme.owner.ask(PAGE, filter={"slug": "nowhere"}))["events"]

    assert found == {
        "totalCount": 0,
        "nodes": [],
        "edges": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }


async def test_without_a_size_a_page_has_25(many: Acting) -> None:
    assert len((await many.owner.ask(PAGE))["events"]["nodes"]) == 25


async def test_the_same_page_of_every_parent_is_one_statement(many: Acting, graph: Graph) -> None:
    query = """query($n: Int!) { memberships(first: $n) { nodes { user { events(first: 3) {
        totalCount nodes { id } pageInfo { hasNextPage } } } } } }"""
    interpreted = Asker(Graph.over(graph.schema, graph.engine, plans=False), many.owner.principal)
    with said(graph.engine) as heard:
        few = await interpreted.ask(query, n=1)
    with said(graph.engine) as heard_later:
        all_of_them = await interpreted.ask(query, n=20)

    assert len(few["memberships"]["nodes"]) == 1
    assert len(all_of_them["memberships"]["nodes"]) == 9
    # Memberships, users, a page of each, a count of each.
    assert len(statements(heard_later)) == len(statements(heard)) == 4
    pages = {len(node["user"]["events"]["nodes"]) for node in all_of_them["memberships"]["nodes"]}
    assert pages == {1, 3}


async def test_the_page_of_a_parent_is_the_page_that_its_rows_have_alone(many: Acting) -> None:
    query = """query($after: String) { organization { events(first: 4, after: $after, orderBy: [NAME_ASC]) {
        nodes { id } pageInfo { endCursor hasNextPage hasPreviousPage } } } }"""
    first = (await many.owner.ask(query))["organization"]["events"]
    second = (await many.owner.ask(query, after=first["pageInfo"]["endCursor"]))["organization"]["events"]

    expected = await whole(many, orderBy=["NAME_ASC"])
    assert [node["id"] for node in (*first["nodes"], *second["nodes"])] == expected[:8]
    assert second["pageInfo"]["hasPreviousPage"] is True


async def test_moments_that_differ_by_a_microsecond_are_told_apart(acme: Acting) -> None:
    async with as_worker(acme.database) as worker:
        [event_id] = [
            row[0]
            for row in await worker.fetch(
                "select id from app.events where org_id = $1 and workos_user_id = $2", acme.rows.id, acme.owner.user_id
            )
        ]
        await worker.execute(
            """insert into app.meetings (org_id, event_id, workos_user_id, guest_email, guest_name, guest_timezone,
                start_time, end_time, status, cancelled_at)
            select $1, $2, $3, 'ana@guests.test', 'Ana', 'UTC', at, at + interval '1 hour', 'cancelled', now()
            from generate_series(0, 9) n,
                lateral (values ($4::timestamptz + n * interval '1 microsecond')) moment (at)""",
            acme.rows.id,
            event_id,
            acme.owner.user_id,
            make.TOMORROW + timedelta(days=9),
        )
    query = """query($after: String) { meetings(first: 3, after: $after, filter: {status: [CANCELLED]}) {
        totalCount nodes { id } pageInfo { endCursor hasNextPage } } }"""

    ids: list[str] = []
    after = None
    for _ in range(4):
        found = (await acme.owner.ask(query, after=after))["meetings"]
        ids += [node["id"] for node in found["nodes"]]
        after = found["pageInfo"]["endCursor"]

    assert not found["pageInfo"]["hasNextPage"]
    assert len(ids) == len(set(ids)) == found["totalCount"] == 10
