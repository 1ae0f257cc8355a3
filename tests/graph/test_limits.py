"""Every limit of a document: what reaches it is answered, what passes it is refused by its own code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from graphql import get_introspection_query, parse

from bench.queries import READS
from graph.documents import Documents, InvalidDocument, health_data_of
from graph.limits.limits import DEFAULTS, Limits
from graph.limits.measure import measured
from graph.schema import build
from tests.graph.asking import Acting

NESTED = ("organization {", "events { nodes {")


def nested(depth: int) -> str:
    """Fields of this depth: `organization`, then `events`, `nodes`, and `organization` again."""
    names = ["organization", *["events", "nodes", "organization"] * depth][: depth - 1]
    leaf = "id" if names[-1] in {"organization", "nodes"} else "totalCount"
    return "{ " + " { ".join(names) + " { " + leaf + " }" * depth


def types(depth: int) -> str:
    return "{ __schema { types { " + "ofType { " * (depth - 3) + "name" + " }" * depth


def one_after_another(text: str) -> Callable[[int], str]:
    return lambda number: "{ " + " ".join(text.replace("#", str(at)) for at in range(number)) + " }"


# By limit: a document that has so much of it, and the code that it is told for one more.
AT: dict[str, tuple[Callable[[int], str], str]] = {
    "fragments": (
        lambda number: (
            "{ "
            + " ".join(f"...F{at}" for at in range(number))
            + " }"
            + " ".join(f" fragment F{at} on Query {{ __typename }}" for at in range(number))
        ),
        "DOCUMENT_TOO_LARGE",
    ),
    "depth": (nested, "TOO_DEEP"),
    "introspection_depth": (types, "TOO_DEEP"),
    "aliases": (one_after_another("a#: __typename"), "TOO_MANY_ALIASES"),
    "repeats": (one_after_another("__typename"), "TOO_MANY_ALIASES"),
    "mutations": (
        lambda number: "mutation " + one_after_another('a#: archiveEvent(input: {id: "x"}) { __typename }')(number),
        "TOO_MANY_MUTATIONS",
    ),
    "directives": (one_after_another("a#: __typename @include(if: true)"), "TOO_MANY_DIRECTIVES"),
    "directives_at_one": (
        lambda number: "{ __typename " + "@include(if: true) " * number + "}",
        "TOO_MANY_DIRECTIVES",
    ),
    "fields": (
        lambda number: "{ viewer { " + " ".join(f"a{at}: role" for at in range(number - 1)) + " } }",
        "TOO_EXPENSIVE",
    ),
}
# What stands in the way of one limit is out of the way of the others.
SMALL = replace(
    DEFAULTS, fragments=7, depth=7, introspection_depth=7, aliases=40, repeats=40, directives=9, directives_at_one=3
)


def told(text: str, limits: Limits) -> str | None:
    """The code that the document is refused with by its size; None if it has a size that is allowed."""
    excess = measured(parse(text), limits).excess(limits)
    return None if excess is None else excess[0]


@pytest.mark.parametrize("name", AT)
def test_as_much_as_is_allowed_is_answered_and_one_more_is_not(name: str) -> None:
    made, code = AT[name]
    limits = replace(SMALL, **{name: 6})  # type: ignore[arg-type]  # none of these is a word
    assert told(made(6), limits) is None
    assert told(made(7), limits) == code


def test_every_limit_of_a_size_is_tried_here() -> None:
    sizes = {one.name for one in fields(measured(parse("{ a }"), DEFAULTS))} & {one.name for one in fields(Limits)}
    assert sizes == set(AT)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ ...A } fragment A on Query { organization { events { nodes { organization { id } } } } }", "TOO_DEEP"),
        (
            "{ ...A ...A } fragment A on Query { ...B ...B } fragment B on Query { a: x x }",
            "TOO_MANY_ALIASES",
        ),
        ("{ ... { __typename } ... { __typename ... { __typename } } }", "TOO_MANY_ALIASES"),
        ("{ a: viewer { role } b: viewer { role } c: viewer { role } }", "TOO_MANY_ALIASES"),
        (
            "{ ...A } fragment A on Query { __schema { ...B } } fragment B on X { types { a { b } } }",
            "TOO_DEEP",
        ),
        (
            "mutation { ...A } fragment A on Mutation { a: x b: x ...B } fragment B on Mutation { c: y }",
            "TOO_MANY_MUTATIONS",
        ),
        ("query ($a: Int @b @b @b) { viewer { role } }", "TOO_MANY_DIRECTIVES"),
        ("{ ...A @b @b @b }", "TOO_MANY_DIRECTIVES"),
        ("query @b @b @b { viewer { role } }", "TOO_MANY_DIRECTIVES"),
        ("{ viewer @b { role @b } ... @b { __typename @b } }", "TOO_MANY_DIRECTIVES"),
    ],
)
def test_nothing_hides_in_a_fragment_or_beside_the_fields(text: str, code: str) -> None:
    limits = replace(
        DEFAULTS, depth=4, introspection_depth=3, aliases=3, repeats=2, mutations=2, directives=3, directives_at_one=2
    )
    assert told(text, limits) == code


def test_what_is_asked_at_several_levels_is_no_repetition() -> None:
    limits = replace(DEFAULTS, repeats=1)
    assert told("{ organization { id events { nodes { id organization { id } } } } }", limits) is None


def test_introspection_has_a_depth_of_its_own() -> None:
    assert told("{ organization { id } __schema { types { fields { name } } } }", replace(DEFAULTS, depth=2)) is None


def test_what_a_frontend_asks_is_far_from_every_limit() -> None:
    schema = build()
    documents = Documents(schema, health_data_of(schema))
    for query in READS:
        document = documents.read(query.text("orgraph"))
        size = measured(document.ast, DEFAULTS)
        assert size.depth <= 10
        assert max(size.aliases, size.repeats, size.fragments) <= 1
        assert max(cost.estimate({}) for cost in document.costs.values()) <= DEFAULTS.cost / 10


def test_the_explorers_introspection_is_within_the_limits() -> None:
    schema = build()
    text = get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    assert Documents(schema, health_data_of(schema)).read(text).introspects


# --- cost


@pytest.mark.parametrize(
    ("text", "variables", "points"),
    [
        ("{ __typename }", {}, 1),
        ("{ viewer { role } }", {}, 1),
        ("{ events { nodes { id } } }", {}, 25),
        ("{ events(first: 3) { nodes { id } } }", {}, 3),
        ("{ events(last: 3) { nodes { id } } }", {}, 3),
        ("{ events(first: null) { nodes { id } } }", {}, 25),
        ("{ events(first: 3) { edges { cursor node { id } } pageInfo { hasNextPage } } }", {}, 3),
        ("{ events(first: 3) { edges { node { host { id } } } } }", {}, 6),
        ("{ events(first: 3) { nodes { id } edges { cursor } } }", {}, 6),
        ("{ events(first: 3) { totalCount } }", {}, 10),
        ("{ events(first: 3) { totalCount nodes { meetings(first: 4) { totalCount nodes { id } } } } }", {}, 55),
        ("query($n: Int) { events(first: $n) { nodes { id } } }", {"n": 7}, 7),
        ("query($n: Int) { events(first: $n) { nodes { id } } }", {}, 25),
        ("query($n: Int = 9) { events(first: $n) { nodes { id } } }", {}, 9),
        ("query($n: Int) { events(first: $n) { nodes { id } } }", {"n": None}, 25),
        ("query($n: Int) { events(first: $n) { nodes { id } } }", {"n": 10**6}, 100),
        ("query($n: Int) { events(first: $n) { nodes { id } } }", {"n": -5}, 1),
        ("query($n: Int) { events(last: $n, first: null) { nodes { id } } }", {"n": 7}, 7),
        ('{ nodes(ids: ["a", "b"]) { id } }', {}, 2),
        ("query($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["a", "b", "c"]}, 3),
        ("query($y: Boolean!) { events(first: 3) @include(if: $y) { nodes { id } } }", {"y": True}, 3),
        ("query($y: Boolean!) { events(first: 3) @include(if: $y) { nodes { id } } }", {"y": False}, 1),
        (
            "query($y: Boolean!) { ...A @skip(if: $y) } fragment A on Query { events { nodes { id } } }",
            {"y": True},
            1,
        ),
        ("{ events(first: 3) { nodes { id } } events(first: 3) { nodes { host { id } } } }", {}, 6),
        (
            "{ ...A viewer { user { email } } } fragment A on Query { viewer { user { id } } }",
            {},
            2,
        ),
        ('mutation { archiveEvent(input: {id: "x"}) { __typename } }', {}, 11),
        ("{ __schema { types { fields { name } } } }", {}, 1),
    ],
)
def test_an_operation_costs_a_point_for_each_object_that_it_could_return(
    text: str, variables: dict[str, object], points: int
) -> None:
    schema = build()
    documents = Documents(schema, health_data_of(schema))
    document = documents.read(text)
    given = documents.variables(document.operation(None), variables)
    assert not isinstance(given, list)
    assert document.costs[""].estimate(given.coerced) == points


async def test_what_could_return_more_than_5000_objects_is_refused_before_it_runs(acme: Acting) -> None:
    text = "query($n: Int) { events(first: 100) { nodes { meetings(first: $n) { nodes { id } } } } }"
    assert "errors" not in await acme.owner.body(text, n=49)
    refused = await acme.owner.body(text, n=50)
    assert refused["errors"][0]["extensions"]["code"] == "TOO_EXPENSIVE"
    assert "5100 points" in refused["errors"][0]["message"]


async def test_a_document_that_is_too_large_says_so_in_one_error(acme: Acting) -> None:
    answered = await acme.owner.answer("{ " + "viewer { role } " * 21 + "nothing }")
    assert answered.outcome == "invalid"
    assert b"TOO_MANY_ALIASES" in answered.body
    with pytest.raises(InvalidDocument) as refused:
        acme.graph.documents.read("{ " + "viewer { role } " * 21 + "}")
    assert len(refused.value.errors) == 1
