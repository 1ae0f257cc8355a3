"""What a plan sends: one statement, that names what was asked and nothing else, and holds no value of anybody's."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.scope import Claims
from graph.operation import Graph
from graph.plan.shown import explained, shown
from tests.graph.asking import Acting, Asker
from tests.graph.said import hearing, said, statements
from tests.personas import Database
from tests.plan.scraps import SCRAPS

# Which role ran it last: of ours, and in front of the statement, so that each role has a prepared one of its own.
_ROLE = re.compile(r"\A/\* (?:orgraph_\w+)? ?\*/ ")
DEEP = """query($id: ID!) {
    organization { name memberships(first: 3) { totalCount nodes { role user { email events(last: 2) {
        edges { cursor node { name meetings(first: 2) { totalCount nodes { guestName } pageInfo { endCursor } } } }
    } } } } }
    node(id: $id) { __typename ... on Event { name host { email } } }
    events(filter: {isActive: true}, orderBy: [NAME_ASC]) { totalCount pageInfo { hasNextPage } }
}"""


@contextmanager
def planned(asker: Asker) -> Iterator[list[tuple[str, Sequence[Any]]]]:
    """The statements besides the scope that are sent while the block runs, with their values, without the role."""
    heard: list[tuple[str, Sequence[Any]]] = []

    def hear(text: str, values: Sequence[Any]) -> None:
        if statements([text]):
            heard.append((_ROLE.sub("", text), values))

    with hearing(asker.graph.engine, hear):
        yield heard


def columns_of(statement: str, table: str) -> set[str]:
    return set(re.findall(rf"\bapp\.{table}\.(\w+)", statement))


async def test_a_planned_query_is_one_statement_and_three_round_trips(acme: Acting, graph: Graph) -> None:
    with said(graph.engine) as heard:
        answered = await acme.owner.answer(DEEP, id=acme.id_of("Event", "events"))

    assert (answered.outcome, answered.way) == ("ok", "planned")
    begin, _, commit = heard
    assert begin.startswith("begin isolation level repeatable read read only; select set_config(")
    assert commit == "commit"


async def test_an_audited_read_is_one_statement_and_the_words_about_it(acme: Acting, graph: Graph) -> None:
    with said(graph.engine) as heard:
        answered = await acme.owner.answer("{ meetings(first: 3) { nodes { guestNotes } } }")

    assert answered.way == "planned"
    begin, _, audit, commit = heard
    assert begin.startswith("begin isolation level repeatable read read write; select set_config(")
    assert "app.record_audit(" in audit
    assert commit == "commit"
    notes = orjson.loads(answered.body)["data"]["meetings"]["nodes"]
    assert len(await acme.audited("APPOINTMENT_VIEWED")) == len(notes) == 3
    assert notes[0] == {"guestNotes": "knee"}


async def test_columns_that_are_not_asked_for_are_not_named(acme: Acting) -> None:
    query = "{ meetings(first: 2) { nodes { guestName event { name } } } }"
    with planned(acme.owner) as heard:
        await acme.owner.ask(query)

    [(statement, _)] = heard
    # What is shown, what it is ordered by, and what leads to the event.
    assert columns_of(statement, "meetings") == {"guest_name", "start_time", "id", "event_id"}
    assert columns_of(statement, "events") == {"name", "id"}


async def test_parts_of_a_list_that_are_not_asked_for_are_not_computed(acme: Acting) -> None:
    with planned(acme.owner) as heard:
        await acme.owner.ask("{ meetings(first: 2) { totalCount } }")
        await acme.owner.ask("{ meetings(first: 2) { nodes { guestName } } }")
        await acme.owner.ask("{ meetings(first: 2) { pageInfo { hasNextPage } } }")

    (count, _), (nodes, _), (info, _) = heard
    assert "count(*)" in count
    assert "LIMIT" not in count
    assert "LIMIT 2" in nodes
    assert nodes.count("count(*)") == 1  # of the page
    assert "base64" not in nodes, "no cursor"
    assert "LIMIT 3" in info, "one more, to tell whether there is one"
    assert columns_of(info, "meetings") == {"start_time", "id"}


async def test_a_row_that_many_lead_to_is_found_once(acme: Acting, database: Database) -> None:
    """Three meetings, each of an event of the one organization: what hangs from that is asked for once."""
    query = (
        "{ meetings(first: 3) { nodes { event { organization { slug memberships(first: 2) { nodes { role } } } } } } }"
    )
    asker = acme.owner.principal
    claims = Claims(user_id=asker.user_id, workos_org_id=asker.organization_id)
    found = shown(query, None, {}, claims)
    assert found.prepared is not None

    plan = await explained(database.api, claims, found.prepared)

    answer = (await acme.owner.ask(query))["meetings"]["nodes"]
    assert [one["event"]["organization"]["slug"] for one in answer] == [answer[0]["event"]["organization"]["slug"]] * 3
    [scan] = [line for line in plan if re.search(r"Scan.* on organizations(_\d+)? ", line)]
    assert "loops=1)" in scan, plan


HOSTILE = st.one_of(
    st.lists(st.sampled_from(SCRAPS), max_size=4).map("".join), st.text(st.characters(codec="utf-8"), max_size=30)
).map(lambda text: text.replace("\0", ""))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(action=HOSTILE, kinds=st.lists(HOSTILE, max_size=3), at=HOSTILE)
async def test_values_never_become_text_of_the_statement(
    action: str, kinds: list[str], at: str, acme: Acting, graph: Graph
) -> None:
    """In a variable, in the document itself, in a cursor: the statement is the same, and they travel beside it."""
    passed = """query($action: [String!], $kinds: [String!]) {
        auditLogs(filter: {action: $action, resourceType: $kinds}) { totalCount nodes { action } } }"""
    words = ", ".join(map(_quoted, kinds))
    written = f"""{{ auditLogs(filter: {{action: [{_quoted(action)}], resourceType: [{words}]}}) {{
        totalCount nodes {{ action }} }} }}"""
    paged = """query($after: String) { meetings(first: 2, orderBy: [GUEST_NAME_ASC], after: $after) {
        nodes { guestName } pageInfo { endCursor } } }"""
    plain = (await acme.owner.ask(paged))["meetings"]["pageInfo"]["endCursor"]

    async def sent(query: str, **variables: Any) -> tuple[str, Sequence[Any]]:
        with planned(acme.owner) as heard:
            answered = await acme.owner.answer(query, **variables)
        assert (answered.outcome, answered.way) == ("ok", "planned")
        [one] = heard
        return one

    expected, _ = await sent(passed, action=["A_B"], kinds=["event"])
    for statement, values in (await sent(passed, action=[action], kinds=kinds), await sent(written)):
        assert statement == expected
        assert [action] in values
        assert kinds in values
    expected, _ = await sent(paged, after=plain)
    statement, values = await sent(paged, after=_moved(plain, at))
    assert statement == expected
    assert at in values


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()


def _moved(cursor: str, to: str) -> str:
    """The same cursor after another name: it is no secret, and no signature holds it."""
    version, bound, _, identity = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return base64.urlsafe_b64encode(orjson.dumps([version, bound, to, identity])).decode().rstrip("=")


async def test_an_id_never_becomes_text_of_the_statement(acme: Acting) -> None:
    query = """query($id: ID!, $host: ID) {
        node(id: $id) { id } event(id: $id) { name } events(filter: {hostId: $host}) { totalCount } }"""
    texts = set()
    for whose in ("member", "owner"):
        host = await acme.user_id_of(whose)
        with planned(acme.owner) as heard:
            await acme.owner.ask(query, id=acme.id_of("Event", "events", whose), host=host)
        [(statement, values)] = heard
        assert values.count(str(acme.row("events", whose))) + values.count(acme.row("events", whose)) == 2
        texts.add(statement)

    assert len(texts) == 1
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", texts.pop())
