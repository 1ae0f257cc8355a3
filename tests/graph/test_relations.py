"""Relations: whoever follows one there finds the way back, for every pair of fields of the schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType, get_named_type

from graph.fields import ToMany, ToOne
from graph.ids import global_id
from graph.loaders import relation_of
from graph.schema import build
from graph.schema.node import NODES
from tests.graph.asking import Acting, World
from tests.make import insert, unique
from tests.personas import as_worker

SCHEMA = build()

# Where only one direction is part of the API, and why.
ONE_WAY = {
    "Profile.secondaryCategory": "a category lists the profiles that name it first",
    "Schedule.availabilities": "a window is read with its schedule",
}


@dataclass(frozen=True)
class Pair:
    """A field that leads from many to one, and the connection that leads back."""

    many: str
    to_one: str
    one: str
    to_many: str

    def __str__(self) -> str:
        return f"{self.many}.{self.to_one}-{self.one}.{self.to_many}"


def declared(kind: type[ToOne | ToMany]) -> dict[tuple[str, str], Any]:
    """The relations of every object type, by type and field."""
    found = {}
    for type_name in NODES:
        type_ = SCHEMA.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items():
            rows = field.extensions["strawberry-definition"].metadata.get("rows")
            if isinstance(rows, kind) and rows.relation is not None:
                found[type_name, name] = rows.relation
    return found


def pairs() -> list[Pair]:
    """Every two fields that follow the same two columns in opposite directions."""
    found = []
    for (many, to_one), there in declared(ToOne).items():
        local, remote, _ = relation_of(there)
        for (one, to_many), back in declared(ToMany).items():
            if relation_of(back)[:2] == (remote, local):
                found.append(Pair(many, to_one, one, to_many))
    return found


def root_connection(type_name: str) -> str:
    """The root field that lists this type."""
    assert SCHEMA.query_type is not None
    of_this = f"{type_name}Connection"
    fields: dict[str, GraphQLField] = SCHEMA.query_type.fields
    return next(
        name for name, field in fields.items() if get_named_type(field.type).name == of_this and "orderBy" in field.args
    )


async def ids_of(type_name: str, acme: Acting) -> list[str]:
    """All of a type that the organization has; of the categories, which are everyone's, a tree of three."""
    if type_name != "Category":
        listed: list[str] = await acme.owner.listed(root_connection(type_name), first=100)
        return listed
    async with as_worker(acme.database) as worker:
        top = await insert(worker, "categories", slug=unique(), name=unique())
        below = [await insert(worker, "categories", slug=unique(), name=unique(), parent_id=top) for _ in range(2)]
        await worker.execute("update app.profiles set primary_category_id = $2 where org_id = $1", acme.rows.id, top)
    return [global_id("Category", one) for one in (top, *below)]


@pytest.mark.parametrize("pair", pairs(), ids=str)
async def test_the_way_back_leads_to_where_one_came_from(pair: Pair, world: World) -> None:
    acme = world.acme
    await ids_of("Category", acme)
    there = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ id ... on {pair.many} {{ to: {pair.to_one} {{ id }} }} }} }}"
    back = f"""query($ids: [ID!]!) {{
        nodes(ids: $ids) {{
            id ... on {pair.one} {{ from: {pair.to_many}(first: 100) {{ totalCount nodes {{ id }} }} }}
        }}
    }}"""

    many = (await acme.owner.ask(there, ids=await ids_of(pair.many, acme)))["nodes"]
    led = {(node["id"], node["to"]["id"]) for node in many if node["to"] is not None}
    one = (await acme.owner.ask(back, ids=sorted({target for _, target in led})))["nodes"]

    assert led, "no row leads anywhere, so nothing is proved"
    assert {(node["id"], found["id"]) for found in one for node in found["from"]["nodes"]} == led
    assert sum(found["from"]["totalCount"] for found in one) == len(led)


def test_every_relation_has_its_way_back_or_a_reason() -> None:
    paired = {f"{pair.many}.{pair.to_one}" for pair in pairs()} | {f"{pair.one}.{pair.to_many}" for pair in pairs()}
    every = {f"{type_name}.{field}" for kind in (ToOne, ToMany) for type_name, field in declared(kind)}

    assert every - paired == set(ONE_WAY)
