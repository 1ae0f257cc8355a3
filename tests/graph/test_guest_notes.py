"""A guest's notes, which are health data: every read is in the trail before the answer leaves."""

from __future__ import annotations

from typing import Any

import pytest

from db import scope
from tests.graph.asking import Acting, Asker, World

TWICE = """query Twice($id: ID!) {
    meeting(id: $id) { id guestNotes again: guestNotes event { meetings { nodes { id guestNotes } } } }
    node(id: $id) { ... on Meeting { guestNotes } }
}"""


async def viewed(acting: Acting) -> list[tuple[str, str]]:
    """Who read whose notes."""
    return [(row["actor_id"], row["resource_id"]) for row in await acting.audited("APPOINTMENT_VIEWED")]


async def test_reading_notes_leaves_one_row_per_meeting_however_often_they_are_selected(acme: Acting) -> None:
    meeting = acme.id_of("Meeting", "meetings")

    data = await acme.member.ask(TWICE, id=meeting)

    assert data["meeting"]["guestNotes"] == data["meeting"]["again"] == data["node"]["guestNotes"] == "knee"
    assert data["meeting"]["event"]["meetings"]["nodes"] == [{"id": meeting, "guestNotes": "knee"}]
    [row] = await acme.audited("APPOINTMENT_VIEWED")
    told = ("actor_type", "actor_id", "resource_type", "resource_id", "outcome", "operation_name", "metadata")
    assert {name: row[name] for name in told} == {
        "actor_type": "user",
        "actor_id": acme.member.user_id,
        "resource_type": "appointment",
        "resource_id": str(acme.row("meetings")),
        "outcome": "success",
        "operation_name": "Twice",
        "metadata": {"fields": ["guestNotes"]},
    }
    assert (row["old_values"], row["new_values"], str(row["ip"])) == (None, None, "192.0.2.7")
    assert "knee" not in str(row)


async def test_a_page_of_notes_leaves_a_row_for_each_meeting_and_a_second_operation_another(acme: Acting) -> None:
    everyones = sorted((acme.owner.user_id, str(one)) for one in acme.rows.rows["meetings"].values())

    await acme.owner.listed("meetings", "guestNotes")
    assert sorted(await viewed(acme)) == everyones

    await acme.owner.listed("meetings", "guestNotes")
    assert sorted(await viewed(acme)) == sorted(everyones * 2)


async def test_who_does_not_see_the_meeting_reads_nothing_and_leaves_no_row(world: World) -> None:
    meeting = world.acme.id_of("Meeting", "meetings")
    query = "query($id: ID!) { meeting(id: $id) { guestNotes } }"

    for asker in (world.acme.colleague, world.acme.restricted, world.globex.owner):
        assert await asker.ask(query, id=meeting) == {"meeting": None}
    assert await viewed(world.acme) == []
    assert await world.acme.member.ask(query, id=meeting) == {"meeting": {"guestNotes": "knee"}}


async def test_a_query_without_notes_cannot_write_and_leaves_no_row(
    acme: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = frames_of(acme.member, monkeypatch)

    await acme.member.listed("meetings", "id guestName event { name }")
    await acme.member.listed("meetings", "id guestNotes")
    await acme.member.ask("{ meetings { nodes { ...M } } } fragment M on Meeting { ... { n: guestNotes } }")

    assert frames == [
        "begin isolation level repeatable read read only",
        "begin isolation level repeatable read read write",
        "begin isolation level repeatable read read write",
    ]
    assert len(await viewed(acme)) == 2


def frames_of(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How each operation begins, from now on."""
    frames: list[str] = []
    begin = scope._begin

    async def told(engine: Any, frame: str) -> Any:
        frames.append(frame.partition(";")[0])
        return await begin(engine, frame)

    monkeypatch.setattr(scope, "_begin", told)
    return frames


async def test_notes_that_cannot_be_recorded_as_read_are_not_answered(
    acme: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> None:
        raise RuntimeError("the trail cannot be written: knee")

    query = "query($id: ID!) { meeting(id: $id) { id guestNotes } }"
    meeting = acme.id_of("Meeting", "meetings")
    with monkeypatch.context() as patched:
        patched.setattr("graph.audit.Trail.write", fails)
        answer = await acme.member.answer(query, id=meeting)

    assert b"knee" not in answer.body
    assert (answer.outcome, answer.code) == ("unavailable", "INTERNAL")
    assert b'"data"' not in answer.body
    assert await viewed(acme) == []


async def test_notes_are_not_answered_when_the_database_refuses_the_row(acme: Acting) -> None:
    """The same by real means: for this while, nobody may execute the function that writes the trail."""
    query = "query($id: ID!) { meeting(id: $id) { id guestNotes } }"
    meeting = acme.id_of("Meeting", "meetings")
    function = "execute on function app.record_audit(jsonb)"
    await acme.truth(f"revoke {function} from orgraph_member")
    try:
        answer = await acme.member.answer(query, id=meeting)
    finally:
        await acme.truth(f"grant {function} to orgraph_member")

    assert b"knee" not in answer.body
    assert (answer.outcome, answer.code) == ("unavailable", "FORBIDDEN")
    assert await acme.member.ask(query, id=meeting) == {"meeting": {"id": meeting, "guestNotes": "knee"}}


async def test_a_mutation_that_answers_notes_records_both(acme: Acting) -> None:
    meeting = acme.id_of("Meeting", "meetings")

    answer = await acme.member.do("cancelMeeting", "... on Meeting { guestNotes }", id=meeting)

    assert answer["guestNotes"] == "knee"
    assert await viewed(acme) == [(acme.member.user_id, str(acme.row("meetings")))]
    assert len(await acme.audited("APPOINTMENT_CANCELLED")) == 1
