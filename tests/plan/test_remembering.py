"""What a process remembers of plans: shapes and never values, so many and no more, and nothing about who sees what."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from graph.operation import Graph
from graph.plan import plan
from tests.graph.asking import Acting, Asker, World
from tests.personas import as_superuser, as_worker


@pytest.fixture
def anew(graph: Graph) -> Graph:
    """A graph that has planned nothing yet."""
    return Graph.over(graph.schema, graph.engine)


async def test_the_same_shape_is_compiled_once(world: World, anew: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    original = plan._compiled

    def counted(*arguments: Any) -> Any:
        found = original(*arguments)
        compiled.append(found.text)
        return found

    monkeypatch.setattr(plan, "_compiled", counted)
    query = """query($host: ID, $from: DateTime, $after: String) {
        meetings(first: 2, after: $after, filter: {hostId: $host, startsFrom: $from}) { nodes { id }
        pageInfo { endCursor } } }"""
    for acting in (world.acme, world.globex):
        for who in ("owner", "admin", "member"):
            asker = Asker(anew, acting.askers[who].principal)
            host = await acting.user_id_of(who)
            for moment in ("2026-01-01T00:00:00Z", "2020-01-01T00:00:00+02:00"):
                await asker.ask(query, host=host, **{"from": moment})
    assert len(compiled) == 1

    given_nothing = await Asker(anew, world.acme.owner.principal).ask(query)
    assert len(compiled) == 2, "another filter is another shape"
    cursor = given_nothing["meetings"]["pageInfo"]["endCursor"]
    for _ in range(2):
        await Asker(anew, world.acme.owner.principal).ask(query, after=cursor)
    assert len(compiled) == 3, "and so is a page after another"


async def test_what_a_directive_leaves_out_of_one_request_is_in_the_next(acme: Acting, anew: Graph) -> None:
    asker = Asker(anew, acme.owner.principal)
    query = "query($brief: Boolean!) { organization { id name @skip(if: $brief) ... @include(if: $brief) { slug } } }"
    for brief in (True, False, True):
        found = (await asker.ask(query, brief=brief))["organization"]
        assert list(found) == (["id", "slug"] if brief else ["id", "name"])


async def test_a_node_may_be_of_another_type_in_the_next_request(acme: Acting, anew: Graph) -> None:
    asker = Asker(anew, acme.owner.principal)
    query = "query($id: ID!) { node(id: $id) { id __typename ... on Event { slug } ... on Meeting { guestName } } }"
    for type_name, table in (("Event", "events"), ("Meeting", "meetings"), ("Event", "events")):
        wanted = acme.id_of(type_name, table)
        found = (await asker.ask(query, id=wanted))["node"]
        assert list(found) == ["id", "__typename", "slug" if type_name == "Event" else "guestName"]
        assert (found["id"], found["__typename"]) == (wanted, type_name)


WRITTEN = """{ events(first: 2, after: %s, filter: {slug: "%s", isActive: true}, orderBy: [NAME_ASC]) { totalCount
    nodes { id name } edges { cursor } } organization { id } fixed: events { edges { cursor } nodes { name } } }"""
PASSED = """query($after: String, $slug: Slug) { events(first: 2, after: $after, filter: {slug: $slug, isActive: true},
    orderBy: [NAME_ASC]) { totalCount nodes { id name } edges { cursor } } organization { id }
    fixed: events { edges { cursor } nodes { name } } }"""


async def test_nobody_is_answered_with_the_values_of_another(world: World, anew: Graph, interpreter: Graph) -> None:
    """Two organizations ask the same documents in turn, with filters and cursors of their own and of each other's."""
    slugs = {}
    for word, acting in (("acme", world.acme), ("globex", world.globex)):
        slugs[word] = await acting.truth("select slug from app.events where org_id = $1 limit 1", acting.rows.id)
        async with as_worker(acting.database) as worker:
            await worker.execute("update app.events set name = $2 where org_id = $1", acting.rows.id, f"{word}'s own")
    owners = {"acme": world.acme.owner, "globex": world.globex.owner}
    cursors: dict[str, str | None] = {"none": None}
    for who, asker in owners.items():
        answered = await Asker(anew, asker.principal).ask(PASSED, slug=slugs[who])
        cursors[who] = answered["events"]["edges"][0]["cursor"]

    refused = 0
    for _ in range(2):
        for who, asker in owners.items():
            for of, cursor in cursors.items():
                for slug in slugs.values():
                    written = WRITTEN % (orjson.dumps(cursor).decode() if cursor else "null", slug)
                    for query, variables in ((written, {}), (PASSED, {"after": cursor, "slug": slug})):
                        body = await Asker(anew, asker.principal).body(query, **variables)
                        reference = await Asker(interpreter, asker.principal).body(query, **variables)
                        assert body["data"] == reference["data"]
                        assert {event["name"] for event in body["data"]["fixed"]["nodes"]} == {f"{who}'s own"}
                        # Their own cursor, in the list that it was given for, is the only one that leads anywhere.
                        good = of == "none" or (of == who and slug == slugs[who])
                        assert ("errors" in body) is not good
                        refused += not good
    assert refused > 0


async def test_what_is_remembered_is_bounded(acme: Acting, anew: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_REMEMBERED", 5)
    graph = Graph.over(anew.schema, anew.engine)
    asker = Asker(graph, acme.owner.principal)
    for size in range(1, 21):
        await asker.ask(f"{{ events(first: {size}) {{ totalCount nodes {{ id }} }} }}")
        await asker.ask("query($size: Int) { events(first: $size) { totalCount nodes { id } } }", size=size)

    assert graph.plans is not None
    kept = [len(one) for name, one in vars(graph.plans).items() if isinstance(one, dict)]
    assert kept
    assert all(0 < count <= 5 for count in kept)
    assert graph.plans._inputs.cache_info().maxsize == 5


async def test_a_role_that_changes_changes_the_next_answer(acme: Acting) -> None:
    """The statement is remembered; who sees what is asked of the database each time."""
    query = "{ meetings(first: 100) { totalCount nodes { host { email } } } }"
    membership = await acme.truth(
        "select id from app.user_org_memberships where org_id = $1 and workos_user_id = $2",
        acme.rows.id,
        acme.admin.user_id,
    )
    seen = []
    for role in ("admin", "member", "admin"):
        await acme.put("user_org_memberships", membership, role=role)
        answered = await acme.admin.answer(query)
        assert answered.way == "planned"
        seen.append(orjson.loads(answered.body)["data"]["meetings"]["totalCount"])

    assert seen[0] == seen[2] > seen[1] == 1


async def test_a_policy_that_changes_changes_the_next_answer(acme: Acting) -> None:
    """Prepared statements are on the connection, and planned anew by Postgres."""
    query = "{ categories(first: 100) { totalCount } }"
    before = [(await acme.owner.ask(query))["categories"]["totalCount"] for _ in range(8)]
    async with as_superuser(acme.database) as superuser:
        await superuser.execute("create policy test_none on app.categories as restrictive for select using (false)")
        try:
            answered = await acme.owner.answer(query)
        finally:
            await superuser.execute("drop policy test_none on app.categories")

    assert answered.way == "planned"
    assert orjson.loads(answered.body)["data"] == {"categories": {"totalCount": 0}}
    assert (await acme.owner.ask(query))["categories"]["totalCount"] == before[0] > 0
