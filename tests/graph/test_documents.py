"""Documents: read once, kept within bounds, and understood before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLSchema

from graph import documents as module
from graph.documents import Documents, InvalidDocument, health_data_of
from graph.limits.limits import DEFAULTS
from graph.schema import build

SCHEMA: GraphQLSchema = build()
QUERY = "{ viewer { role } }"


@pytest.fixture
def documents() -> Documents:
    return of(SCHEMA)


def of(schema: GraphQLSchema, *, development: bool = False) -> Documents:
    return Documents(schema, health_data_of(schema), development)


def refused(text: str, documents: Documents | None = None) -> list[GraphQLError]:
    """What is said of a document that cannot run."""
    with pytest.raises(InvalidDocument) as caught:
        (documents or SHARED).read(text)
    return caught.value.errors


def codes(errors: list[GraphQLError]) -> set[Any]:
    return {(error.extensions or {})["code"] for error in errors}


SHARED = of(SCHEMA)
DEVELOPING = of(SCHEMA, development=True)


# --- what is kept


def test_a_document_is_read_once(documents: Documents) -> None:
    assert documents.read(QUERY) is documents.read(QUERY)
    assert documents.read(QUERY) is not documents.read(f"{QUERY} ")


def test_of_many_documents_those_asked_last_are_kept(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 3)
    texts = [f"query Q{number} {QUERY}" for number in range(4)]
    first, second, *_ = [documents.read(text) for text in texts[:3]]

    assert documents.read(texts[0]) is first  # asked again, so the second is now the oldest
    documents.read(texts[3])

    assert documents.read(texts[0]) is first
    assert documents.read(texts[1]) is not second


def test_a_thousand_and_more_documents_take_the_place_of_a_thousand(documents: Documents) -> None:
    for number in range(1_050):
        documents.read(f"{{ a{number}: __typename }}")

    assert len(documents._known) == 1_000


@pytest.mark.parametrize(("length", "kept"), [(20_000, True), (20_001, False)])
def test_a_long_text_is_understood_and_not_kept(length: int, kept: bool, documents: Documents) -> None:
    text = f"{QUERY} #".ljust(length, "x")

    document = documents.read(text)

    assert set(document.operations) == {""}
    assert (documents.read(text) is document) is kept


@pytest.mark.parametrize("text", ["{ viewer {", "{ nothing }"])
def test_a_document_that_cannot_run_is_not_kept(text: str, documents: Documents) -> None:
    refused(text, documents)

    assert not documents._known


# --- what is too much


def tokens(number: int) -> str:
    """A valid document of that many tokens."""
    text = "{ nodes(ids: [%s]) { id } }"
    return text % ('"a" ' * (number - 12))


def test_a_document_has_at_most_a_thousand_tokens(documents: Documents) -> None:
    assert documents.read(tokens(DEFAULTS.tokens))

    with pytest.raises(InvalidDocument) as caught:
        documents.read(tokens(DEFAULTS.tokens + 1))

    assert not caught.value.syntax, "it was not read to its end, so nobody knows"
    assert codes(caught.value.errors) == {"DOCUMENT_TOO_LARGE"}
    assert [error.message for error in caught.value.errors] == ["The document is too large: at most 1000 tokens."]


SHAPES: dict[str, Callable[[int], str]] = {
    "fields": lambda depth: "{a" * depth + "}" * depth,
    "inline fragments": lambda depth: "{ viewer " + "{ ... " * depth + "{ role }" + "}" * depth + "}",
    "lists": lambda depth: "{ nodes(ids: " + "[" * depth + "]" * depth + ") { id } }",
    "objects": lambda depth: "{ meetings(filter: " + "{not:[" * depth + "]}" * depth + ") { totalCount } }",
    "types": lambda depth: "query($a: " + "[" * depth + "Int" + "]" * depth + ") { viewer { role } }",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("depth", [10, 100, 199, 200, 201, 330])
def test_however_deep_it_nests_a_document_is_read_or_refused(shape: str, depth: int) -> None:
    try:
        read = SHARED.read(SHAPES[shape](depth))
    except InvalidDocument as invalid:
        assert 0 < len(invalid.errors) <= DEFAULTS.errors  # noqa: PT017 - either is right, and nothing else is
        assert depth < 199 or codes(invalid.errors) <= {"TOO_DEEP", "GRAPHQL_VALIDATION_FAILED"}  # noqa: PT017
        assert depth < 201 or codes(invalid.errors) == {"TOO_DEEP"}  # noqa: PT017
    else:
        assert depth < 201
        assert list(read.operations) == [""]


def test_fragments_that_double_each_other_are_counted_and_not_walked() -> None:
    """Walked, this one of three thousand letters would be two to the thirtieth fields."""
    doubled = "".join(
        f"fragment F{at} on Event {{ a: organization {{ events {{ nodes {{ ...F{at + 1} }} }} }}"
        f" b: host {{ events {{ nodes {{ ...F{at + 1} }} }} }} }} "
        for at in range(30)
    )
    text = f"{{ events {{ nodes {{ ...F0 }} }} }} {doubled} fragment F30 on Event {{ id }}"

    assert codes(refused(text)) == {"TOO_EXPENSIVE"}


def test_of_many_mistakes_five_are_told() -> None:
    names = " ".join(f"nothing{number}" for number in range(50))

    assert len(refused(f"{{ {names} }}")) == DEFAULTS.errors


@pytest.mark.parametrize(
    "text", ["tokens", "{ tokens", "nested too deeply", "{ viewer { role } } tokens. Parsing aborted."]
)
def test_a_syntax_error_is_told_from_what_is_too_much_whatever_its_words(text: str) -> None:
    assert codes(refused(text)) == {"GRAPHQL_PARSE_FAILED"}


# --- which operation


TWO = "query A { viewer { role } } mutation B { updateProfile(input: {}) { __typename } }"


def test_an_operation_is_chosen_by_its_name_or_by_being_the_only_one(documents: Documents) -> None:
    two, one, nameless = documents.read(TWO), documents.read(f"query A {QUERY}"), documents.read(QUERY)

    assert two.operation("A").name.value == "A"  # type: ignore[union-attr]
    assert two.operation("B").operation.value == "mutation"
    assert one.operation(None) is one.operation("A")
    assert nameless.operation(None) is nameless.operations[""]


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        (TWO, None, "OPERATION_NAME_REQUIRED"),
        (TWO, "maria", "OPERATION_NOT_FOUND"),
        (f"query A {QUERY}", "maria", "OPERATION_NOT_FOUND"),
        (f"query A {QUERY}", "a", "OPERATION_NOT_FOUND"),
        (QUERY, "maria", "OPERATION_NOT_FOUND"),
    ],
)
def test_a_name_that_chooses_nothing_is_refused_and_not_repeated(text: str, name: str | None, code: str) -> None:
    with pytest.raises(GraphQLError) as caught:
        SHARED.read(text).operation(name)

    assert codes([caught.value]) == {code}
    assert "maria" not in caught.value.message


# --- what is said of it


MISSPELLED = [
    ("{ viewer { rol } }", "role"),
    ("{ meetings(filtr: {}) { totalCount } }", "filter"),
    ("query($a: MeetingFiltr) { meetings(filter: $a) { totalCount } }", "MeetingFilter"),
    ("{ meetings(filter: {eventI: 1}) { totalCount } }", "eventId"),
    ("{ meetings(filter: {status: [CONFIRMD]}) { totalCount } }", "CONFIRMED"),
]


@pytest.mark.parametrize(("text", "meant"), MISSPELLED)
def test_a_name_that_was_meant_is_suggested_in_development_alone(text: str, meant: str) -> None:
    [ours], [theirs] = refused(text, DEVELOPING), refused(text)

    assert "Did you mean" in ours.message
    assert meant in ours.message
    assert "Did you mean" not in theirs.message


def test_a_suggestion_for_a_variable_is_made_in_development_alone() -> None:
    said = [
        told(documents, "query($v: MeetingFilter) { meetings(filter: $v) { totalCount } }", {"eventI": "1"})
        for documents in (DEVELOPING, SHARED)
    ]

    assert ["eventId" in message for message in said] == [True, False]


def told(documents: Documents, text: str, value: Any) -> str:
    """What is said of this value of the only variable, `v`."""
    operation = documents.read(text).operation(None)
    found = documents.variables(operation, {"v": value})
    assert isinstance(found, list), "the value fits"
    assert codes(found) <= {"BAD_USER_INPUT"}
    return "\n".join(error.message for error in found)


# --- health data


READS = {
    "plain": "{ meetings { nodes { guestNotes } } }",
    "by another name": "{ meetings { nodes { id: guestNotes } } }",
    "inside an inline fragment": "{ meetings { nodes { ... { guestNotes } } } }",
    "inside an inline fragment of a type": "query($id: ID!) { node(id: $id) { ... on Meeting { guestNotes } } }",
    "in a fragment": "{ meetings { nodes { ...M } } } fragment M on Meeting { guestNotes }",
    "in a fragment of a fragment": """{ meetings { nodes { ...A } } } fragment A on Meeting { event { ...B } }
        fragment B on Event { meetings { edges { node { ...C } } } } fragment C on Meeting { x: guestNotes }""",
    "in an interface's fragment": """query($id: ID!) { node(id: $id) { ...N } }
        fragment N on Node { id ... on Meeting { guestNotes } }""",
    "in the answer of a mutation": """mutation($id: ID!) { cancelMeeting(input: {id: $id}) {
        ... on Meeting { guestNotes } } }""",
    "in a part that is left out": "query($yes: Boolean!) { meetings { nodes { guestNotes @skip(if: $yes) } } }",
    "in another operation": f"query A {QUERY} query B {{ meetings {{ nodes {{ guestNotes }} }} }}",
}
READS_NOT = {
    "another field": "{ meetings { nodes { id guestName } } }",
    "another field by that name": "{ meetings { nodes { guestNotes: guestName } } }",
    "the notes that are given": """mutation($notes: String) { bookMeeting(input: {eventId: "x", guestName: "A",
        startTime: "2026-01-01T00:00:00Z", guestEmail: "a@b.test", guestTimezone: "UTC", guestNotes: $notes}) {
        __typename } }""",
}


@pytest.mark.parametrize("how", READS)
def test_a_document_that_reads_health_data_is_known_for_it(how: str) -> None:
    assert SHARED.read(READS[how]).reads_health_data


@pytest.mark.parametrize("what", READS_NOT)
def test_a_document_that_reads_none_is_not(what: str) -> None:
    assert not SHARED.read(READS_NOT[what]).reads_health_data


def test_the_fields_that_are_health_data_are_those_that_the_schema_marks() -> None:
    assert health_data_of(SCHEMA) == {("Meeting", "guestNotes")}
