"""Categories: the same for everyone in an organization, in a tree, by name."""

from __future__ import annotations

import pytest

from graph.ids import global_id
from tests.graph.asking import Acting, World
from tests.graph.lists import every_filter, every_order
from tests.make import insert, unique
from tests.personas import as_worker


async def a_category(acme: Acting, name: str, slug: str | None = None, parent: str | None = None) -> str:
    """A new category; its global id."""
    async with as_worker(acme.database) as worker:
        above = None
        if parent is not None:
            above = await worker.fetchval("select id from app.categories where slug = $1", parent)
        return global_id(
            "Category", await insert(worker, "categories", name=name, slug=slug or unique(), parent_id=above)
        )


async def another_top(acme: Acting) -> str:
    """A new category at the top; its slug."""
    slug = unique()
    await a_category(acme, f"AAA {slug}", slug)
    return slug


@pytest.mark.parametrize("part", ["owner", "member", "billing", "receptionist", "restricted", "both"])
async def test_everyone_sees_every_category(world: World, part: str) -> None:
    slug = unique()
    made = await a_category(world.acme, f"Orthopaedics {slug}", slug)

    for acting in (world.acme, world.globex):
        assert await acting.askers[part].listed("categories", filter={"slug": slug}) == [made]


async def test_a_category_leads_up_down_and_to_the_profiles_that_chose_it(acme: Acting) -> None:
    slug = unique()
    top = await a_category(acme, f"Joints {slug}", slug)
    below = [await a_category(acme, f"{name} {slug}", None, slug) for name in ("Knees", "Hips")]
    await acme.member.do("updateProfile", primaryCategoryId=top)
    fields = """id name description image parent { id } profiles { nodes { id } }
        children { totalCount nodes { id parent { id } } }"""

    [found] = await acme.owner.listed("categories", fields, filter={"slug": slug})

    assert found == {
        "id": top,
        "name": f"Joints {slug}",
        "description": None,
        "image": None,
        "parent": None,
        "children": {"totalCount": 2, "nodes": [{"id": one, "parent": {"id": top}} for one in reversed(below)]},
        "profiles": {"nodes": [{"id": acme.id_of("Profile", "profiles")}]},
    }


async def test_the_profiles_of_a_category_are_those_of_ones_own_organization(world: World) -> None:
    slug = unique()
    category = await a_category(world.acme, f"Joints {slug}", slug)
    for acting in (world.acme, world.globex):
        await acting.member.do("updateProfile", primaryCategoryId=category)

    for acting in (world.acme, world.globex):
        [found] = await acting.owner.listed("categories", "profiles { nodes { id } }", filter={"slug": slug})
        seen = found["nodes"] if "nodes" in found else found["profiles"]["nodes"]
        assert seen == [{"id": acting.id_of("Profile", "profiles")}]


async def test_every_filter_alone_and_all_of_them_together(acme: Acting) -> None:
    top, slug = unique(), unique()
    parent = await a_category(acme, f"AAA {top}", top)
    rows = {
        "match": await a_category(acme, f"AAB {top}", slug, top),
        "sibling": await a_category(acme, f"AAC {top}", None, top),
        "cousin": await a_category(acme, f"AAD {top}", None, await another_top(acme)),
        "top": parent,
    }
    await every_filter(
        acme.member,
        "categories",
        {"parentId": parent, "topLevel": False, "slug": slug},
        rows,
        {"parentId": {"cousin", "top"}, "topLevel": {"top"}, "slug": {"sibling", "cousin", "top"}},
    )
    assert await acme.member.listed("categories", filter={"topLevel": True, "slug": top}) == [parent]


async def test_every_order(acme: Acting) -> None:
    for name in ("Bones", "Ankles", "Cartilage"):
        await a_category(acme, f"{name} {unique()}")

    await every_order(acme.member, "categories", {"NAME_ASC": "name"}, default="NAME_ASC")


async def test_nobody_and_a_person_without_organization_are_told_so(world: World) -> None:
    for asker, code in ((world.nobody, "UNAUTHENTICATED"), (world.stranger, "ORGANIZATION_REQUIRED")):
        body = await asker.body("{ categories { nodes { id } } }")
        assert body["data"] == {"categories": None}
        assert [error["extensions"]["code"] for error in body["errors"]] == [code]
