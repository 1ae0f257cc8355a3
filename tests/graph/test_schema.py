"""The schema as text, and what every declaration in it owes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)

from db.scope import columns_of
from graph.fields import ToMany, ToOne
from graph.ids import global_id, parsed, uuid_of
from graph.paging import Collection
from graph.schema import build, sdl
from graph.schema.node import NODES
from tests.graph.asking import World

SCHEMA = build()
TYPES: dict[str, Any] = {name: type_ for name, type_ in SCHEMA.type_map.items() if not name.startswith("__")}
BUILT_IN = {"Int", "Float", "String", "Boolean", "ID"}


def test_the_printed_schema_is_committed() -> None:
    committed = Path(__file__).parents[2] / "schema.graphql"

    assert committed.read_text() == sdl(), "schema.graphql is old: print it anew with `make schema`"


def described() -> Iterator[tuple[str, str | None]]:
    """Everything that a client reads a description of, by its place."""
    for name, type_ in TYPES.items():
        if name not in BUILT_IN:
            yield name, type_.description
        if isinstance(type_, GraphQLEnumType):
            yield from ((f"{name}.{value}", one.description) for value, one in type_.values.items())
        for field, declared in getattr(type_, "fields", {}).items():
            yield f"{name}.{field}", declared.description
            for argument, given in getattr(declared, "args", {}).items():
                yield f"{name}.{field}({argument}:)", given.description
    for directive in SCHEMA.directives:
        yield f"@{directive.name}", directive.description


def test_everything_has_a_description() -> None:
    mute = [place for place, description in described() if not (description or "").strip()]

    assert mute == []
    assert sum(1 for _ in described()) > 500


def test_a_description_is_a_sentence() -> None:
    names = "SocialPlatform."  # said by their names
    unended = [
        place for place, text in described() if text and text.strip()[-1] not in ".…" and not place.startswith(names)
    ]

    assert unended == []


def connections() -> Iterator[tuple[str, Any, Collection[Any]]]:
    for name, type_ in TYPES.items():
        if isinstance(type_, GraphQLObjectType):
            for field, declared in type_.fields.items():
                made_of = metadata(declared).get("rows")
                if isinstance(made_of, ToMany):
                    yield f"{name}.{field}", declared, made_of.collection


def metadata(declared: Any) -> dict[str, Any]:
    definition = declared.extensions.get("strawberry-definition")
    return dict(getattr(definition, "metadata", None) or {})


@pytest.mark.parametrize(
    ("place", "declared", "collection"), list(connections()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_a_connection_offers_the_filters_and_orders_of_its_collection(
    place: str, declared: Any, collection: Collection[Any]
) -> None:
    orders = declared.args.get("orderBy")
    if orders is not None:
        enum = get_named_type(orders.type)
        assert isinstance(enum, GraphQLEnumType)
        assert {getattr(value.value, "value", value.value) for value in enum.values.values()} == set(collection.orders)
    filters = declared.args.get("filter")
    if filters is not None:
        input_ = get_named_type(filters.type)
        assert isinstance(input_, GraphQLInputObjectType)
        names = {field.python_name for field in input_.extensions["strawberry-definition"].fields}
        assert names - {"or_", "not_"} == set(collection.filters)
        assert {"or_", "not_"} <= names
    assert collection.default_order in collection.orders


def test_every_connection_of_the_schema_is_made_of_a_collection() -> None:
    by_hand = {
        f"{name}.{field}"
        for name, type_ in TYPES.items()
        if isinstance(type_, GraphQLObjectType)
        for field, declared in type_.fields.items()
        if get_named_type(declared.type).name.endswith("Connection")
    } - {place for place, *_ in connections()}

    assert by_hand == set()


@pytest.mark.parametrize("type_name", sorted(NODES))
def test_every_plain_field_names_an_attribute_of_its_row(type_name: str) -> None:
    """A field without a resolver is read from the row: what is not there would fail for the first who asks."""
    attributes = set(columns_of(NODES[type_name]))
    plain = {
        field.python_name
        for field in TYPES[type_name].extensions["strawberry-definition"].fields
        if field.base_resolver is None
    }

    assert plain - attributes == set()
    assert plain


@pytest.mark.parametrize("type_name", sorted(NODES))
def test_an_id_says_its_type_and_comes_back(type_name: str) -> None:
    uuid = uuid4()

    assert parsed(global_id(type_name, uuid)) == (type_name, uuid)
    assert uuid_of(type_name, global_id(type_name, uuid)) == uuid


def test_every_type_with_an_id_is_a_node_that_can_be_asked_for() -> None:
    interface = TYPES["Node"]
    assert isinstance(interface, GraphQLInterfaceType)

    assert {type_.name for type_ in SCHEMA.get_possible_types(interface)} == set(NODES)
    assert {
        name for name, type_ in TYPES.items() if isinstance(type_, GraphQLObjectType) and "id" in type_.fields
    } == set(NODES)


def test_root_fields_are_nullable_so_that_one_failure_does_not_blank_the_rest() -> None:
    for root in (SCHEMA.query_type, SCHEMA.mutation_type):
        assert root is not None
        assert [name for name, field in root.fields.items() if isinstance(field.type, GraphQLNonNull)] == []


def test_a_mutation_takes_one_input_and_answers_a_union_with_its_failures() -> None:
    assert SCHEMA.mutation_type is not None
    for name, field in SCHEMA.mutation_type.fields.items():
        assert list(field.args) == ["input"], name
        assert get_named_type(field.args["input"].type).name == f"{name[0].upper()}{name[1:]}Input"
        answer: Any = get_named_type(field.type)
        assert answer.name == f"{name[0].upper()}{name[1:]}Result"
        named = {type_.name for type_ in answer.types}
        assert {"InvalidInput", "NotAllowed", "NotFound", "Conflict"} <= named, name
        assert len([one for one in answer.types if TYPES["Failure"] not in one.interfaces]) == 1, name


def test_every_input_of_a_mutation_takes_an_idempotency_key() -> None:
    assert SCHEMA.mutation_type is not None
    for name, field in SCHEMA.mutation_type.fields.items():
        fields = get_named_type(field.args["input"].type).fields
        assert "idempotencyKey" in fields, name
        assert not any("org" in one.lower() for one in fields), f"{name}: the organization is the scope's"


def relations() -> Iterator[tuple[str, str, str]]:
    """Type and field of each relation to one row that promises never to be null, with what it leads to."""
    for name in sorted(NODES):
        for field, declared in TYPES[name].fields.items():
            if isinstance(metadata(declared).get("rows"), ToOne) and isinstance(declared.type, GraphQLNonNull):
                yield name, field, get_named_type(declared.type).name


LISTS = {"Membership": "memberships", "SchedulingSettings": "schedulingSettings", "AuditLog": "auditLogs"}


@pytest.mark.parametrize("who", ["owner", "admin", "member", "billing", "receptionist", "restricted"])
async def test_a_relation_that_is_never_null_never_is(who: str, world: World) -> None:
    """Whoever sees the source sees the target, in every role."""
    asker = world.acme.askers[who]
    seen = 0
    for source, field, target in relations():
        listed = LISTS.get(source, f"{source[0].lower()}{source[1:]}s")
        data = await asker.ask(f"{{ {listed}(first: 100) {{ nodes {{ {field} {{ __typename }} }} }} }}")
        for node in data[listed]["nodes"]:
            assert node[field] == {"__typename": target}, (source, field)
            seen += 1

    assert seen > 10


def test_lists_are_lists_of_things_and_never_of_holes() -> None:
    holes = [
        f"{name}.{field}"
        for name, type_ in TYPES.items()
        if isinstance(type_, GraphQLObjectType | GraphQLInputObjectType)
        for field, declared in type_.fields.items()
        if "[" in str(declared.type) and "!]" not in str(declared.type)
    ]

    assert holes == ["Query.nodes"]  # a null there is the answer


def test_every_scalar_of_ours_says_where_it_is_specified() -> None:
    mute = [
        name
        for name, type_ in TYPES.items()
        if is_leaf_type(type_)
        and hasattr(type_, "specified_by_url")
        and name not in BUILT_IN
        and not type_.specified_by_url
    ]

    assert mute == []
