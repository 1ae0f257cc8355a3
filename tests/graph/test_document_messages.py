"""What is said of a document or a variable that is wrong: where and what was expected, never a value that was sent."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import GraphQLError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graph.documents import Documents, InvalidDocument, health_data_of
from graph.schema import build

SCHEMA = build()
SHARED, DEVELOPING = [Documents(SCHEMA, health_data_of(SCHEMA), development) for development in (False, True)]

# Everything that a value may be spelled as, with a word in it that must not come back.
SECRET = "maria"
NUMBER = 98_765_432_109
WORDS = st.sampled_from(
    [
        SECRET,
        SECRET.upper(),
        f"a, found: {SECRET}",
        f'x" does not exist {SECRET}',
        f"'{SECRET}'; ",
        f"value: {SECRET}",
        f"a\n{SECRET}",
        f"{SECRET}; got invalid value ",
    ]
)
VALUES = st.recursive(
    WORDS | st.sampled_from([NUMBER, -NUMBER, NUMBER + 0.5, True, None]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["eventId", "status", "startsFrom", "guestEmail", "not", "or", "action", "unknown"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
PLACES = [
    ("meetings", "filter"), ("meetings", "first"), ("meetings", "orderBy"), ("meetings", "after"), ("node", "id"),
    ("nodes", "ids"), ("auditLogs", "filter"), ("__type", "name"),
]  # fmt: skip
PLACE = st.sampled_from(PLACES)


def literal(value: Any, *, bare: bool) -> str:
    """As it would be written in a document; `bare`: without the quotes that were forgotten."""
    if isinstance(value, dict):
        inside = ", ".join(f"{name}: {literal(one, bare=bare)}" for name, one in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list):
        return f"[{', '.join(literal(one, bare=bare) for one in value)}]"
    if bare and isinstance(value, str) and value.isalpha():
        return value
    return orjson.dumps(value).decode()


def asked(field: str, argument: str, value: str, head: str = "") -> str:
    leaf = {"node": "id", "nodes": "id", "__type": "name"}.get(field, "totalCount")
    return f"{head} {{ {field}({argument}: {value}) {{ {leaf} }} }}"


def silent(errors: list[GraphQLError]) -> None:
    for error in errors:
        assert SECRET not in error.message.lower()
        assert str(NUMBER)[:6] not in error.message


@settings(max_examples=400, deadline=None)
@given(place=PLACE, value=VALUES, bare=st.booleans(), development=st.booleans())
@example(place=("meetings", "first"), value=SECRET, bare=True, development=False)
@example(place=("meetings", "filter"), value={"unknown": SECRET}, bare=True, development=True)
def test_no_message_repeats_a_value_of_the_document(
    place: tuple[str, str], value: Any, bare: bool, development: bool
) -> None:
    documents = DEVELOPING if development else SHARED
    written = literal(value, bare=bare)
    for text in (
        asked(*place, written),
        asked(*place, "$v", f"query($v: {type_of(*place)} = {written})"),
        f"{{ viewer @include(if: {written}) {{ role }} }}",
    ):
        try:
            documents.read(text)
        except InvalidDocument as invalid:
            silent(invalid.errors)


@settings(max_examples=400, deadline=None)
@given(place=PLACE, value=VALUES, development=st.booleans())
@example(place=("meetings", "filter"), value={"status": [f"x; {SECRET}"]}, development=True)
def test_no_message_repeats_a_value_of_a_variable(place: tuple[str, str], value: Any, development: bool) -> None:
    documents = DEVELOPING if development else SHARED
    document = documents.read(asked(*place, "$v", f"query($v: {type_of(*place)})"))

    found = documents.variables(document.operation(None), {"v": value})

    silent(found if isinstance(found, list) else [])


def type_of(field: str, argument: str) -> str:
    if field == "__type":
        return "String!"
    assert SCHEMA.query_type is not None
    return str(SCHEMA.query_type.fields[field].args[argument].type)
