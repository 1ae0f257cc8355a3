"""Profiles: whose are seen, who writes which, what is refused and how, what the trail keeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from graph.ids import global_id, parsed
from tests.graph.asking import Acting, World
from tests.graph.lists import every_filter, every_order
from tests.make import TOMORROW, insert, unique
from tests.personas import as_worker

PROFILE = """... on Profile {
    id firstName lastName headline shortBio longBio profilePicture isVerified isTopExpert published
    primaryCategory { id } secondaryCategory { id } socialLinks { name url } user { id }
}"""
NOT_ALLOWED = {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}
EVERYONE = ("owner", "admin", "member", "billing", "receptionist", "restricted", "both")
HOSTS = ("member", "billing", "receptionist", "restricted", "both")


async def category(acme: Acting) -> UUID:
    """A new category, which is everyone's."""
    async with as_worker(acme.database) as worker:
        made: UUID = await insert(worker, "categories", slug=unique(), name=unique())
    return made


@pytest.mark.parametrize("part", EVERYONE)
async def test_everyone_sees_the_profiles_of_their_organization_published_or_not(world: World, part: str) -> None:
    everyones = {global_id("Profile", one) for one in world.acme.rows.rows["profiles"].values()}

    assert set(await world.acme.askers[part].listed("profiles")) == everyones
    assert world.globex.id_of("Profile", "profiles") in await world.globex.owner.listed("profiles")


async def test_every_filter_alone_and_all_of_them_together(acme: Acting) -> None:
    field, other = await category(acme), await category(acme)
    chosen = {"member": (field, other), "colleague": (other, field), "owner": (other, None), "admin": (None, None)}
    for part, (first, second) in chosen.items():
        await acme.put("profiles", acme.row("profiles", part), primary_category_id=first, secondary_category_id=second)
    rows = {part: acme.id_of("Profile", "profiles", part) for part in chosen}

    # colleague's is the one that is published, and has the category as its second.
    await every_filter(
        acme.member,
        "profiles",
        {
            "userId": await acme.user_id_of("colleague"),
            "published": True,
            "categoryId": global_id("Category", field),
        },
        rows,
        {
            "userId": {"member", "owner", "admin"},
            "published": {"member", "owner", "admin"},
            "categoryId": {"owner", "admin"},
        },
    )
    assert acme.id_of("Profile", "profiles") in await acme.member.listed("profiles", filter={"published": False})


async def test_every_order(acme: Acting) -> None:
    for place, (part, name) in enumerate((("owner", "Costa"), ("member", "Alves"), ("admin", "Braga"))):
        made = TOMORROW + timedelta(hours=place)
        await acme.put("profiles", acme.row("profiles", part), last_name=name, position=place + 1, created_at=made)
    three = [acme.id_of("Profile", "profiles", part) for part in ("owner", "member", "admin")]

    await every_order(
        acme.member,
        "profiles",
        {"POSITION_ASC": None, "LAST_NAME_ASC": "lastName", "CREATED_AT_DESC": "createdAt"},
        default="POSITION_ASC",
    )
    # Where a profile stands on the platform is no field of it: those with no place of their own come first.
    assert (await acme.member.listed("profiles", orderBy=["POSITION_ASC"]))[-3:] == three


async def test_a_profile_is_what_its_person_says_of_themselves(acme: Acting) -> None:
    first, second = [global_id("Category", await category(acme)) for _ in range(2)]
    said = {
        "firstName": "Ana",
        "lastName": "de Souza",
        "headline": "Knees",
        "shortBio": "x" * 160,
        "longBio": "line\n" * 400,
        "profilePicture": "https://img.test/ana.png",
    }

    answer = await acme.member.do(
        "updateProfile",
        PROFILE,
        **said,
        primaryCategoryId=first,
        secondaryCategoryId=second,
        socialLinks=[
            {"name": "INSTAGRAM", "url": "@ana.knees"},
            {"name": "LINKEDIN", "url": "https://linkedin.com/in/ana"},
        ],
    )

    assert answer == {
        "__typename": "Profile",
        "id": acme.id_of("Profile", "profiles"),
        **said,
        "isVerified": False,
        "isTopExpert": False,
        "published": False,
        "primaryCategory": {"id": first},
        "secondaryCategory": {"id": second},
        "socialLinks": [
            {"name": "INSTAGRAM", "url": "https://www.instagram.com/ana.knees"},
            {"name": "LINKEDIN", "url": "https://linkedin.com/in/ana"},
        ],
        "user": {"id": await acme.user_id_of("member")},
    }


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("INSTAGRAM", "https://www.instagram.com/ana"),
        ("TWITTER", "https://x.com/ana"),
        ("LINKEDIN", "https://www.linkedin.com/in/ana"),
        ("YOUTUBE", "https://www.youtube.com/@ana"),
        ("TIKTOK", "https://www.tiktok.com/@ana"),
    ],
)
async def test_a_user_name_stands_for_the_page_of_its_platform(acme: Acting, name: str, url: str) -> None:
    for given in ("ana", "@ana", url):
        answer = await acme.member.do("updateProfile", PROFILE, socialLinks=[{"name": name, "url": given}])
        assert answer["socialLinks"] == [{"name": name, "url": url}]


ELSEWHERE = [
    "https://evil.test/@ana",
    "https://evil.test/www.tiktok.com/@ana",
    "https://www.tiktok.com.evil.test/@ana",
    "https://eviltiktok.com/@ana",
    "https://tiktok.com@evil.test/@ana",
    "https://tiktok.com:443@evil.test/",
    "https://ana:word@tiktok.com/",
    "https://tiktok.com:8443/@ana",
    "https://tiktok.com\\@evil.test/",
    "https://tiktok.com\n.evil.test/",
    "https://tiktok\u3002com/@ana",
    "https://t\u0456ktok.com/@ana",
    "//tiktok.com/@ana",
    "ftp://tiktok.com/@ana",
    "https://www.instagram.com/ana",
]


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_a_link_leads_to_its_platforms_own_host(acme: Acting, url: str) -> None:
    answer = await acme.member.do("updateProfile", PROFILE, socialLinks=[{"name": "TIKTOK", "url": url}])

    assert answer["fields"] == [{"path": "input.socialLinks.0.url"}]
    for page in ("https://tiktok.com/@ana", "http://vm.tiktok.com/@ana?lang=pt", "https://www.tiktok.com"):
        answer = await acme.member.do("updateProfile", PROFILE, socialLinks=[{"name": "TIKTOK", "url": page}])
        assert answer["socialLinks"] == [{"name": "TIKTOK", "url": page}]


async def test_the_trail_has_what_differs_before_and_after(acme: Acting) -> None:
    await acme.member.do("updateProfile", firstName="Ana", headline="Knees")
    await acme.member.do("updateProfile", headline=None, shortBio="Since 1999")

    rows = await acme.audited("PROFILE_UPDATED", acme.row("profiles"))
    assert [(row["old_values"], row["new_values"]) for row in rows] == [
        ({"headline": None}, {"headline": "Knees"}),
        ({"headline": "Knees", "short_bio": None}, {"headline": None, "short_bio": "Since 1999"}),
    ]


async def test_the_first_change_makes_a_profile_and_needs_both_names(acme: Acting) -> None:
    person = acme.member.user_id
    await acme.truth("delete from app.profiles where org_id = $1 and workos_user_id = $2", acme.rows.id, person)

    nameless = await acme.member.do("updateProfile", headline="Knees")
    made = await acme.member.do("updateProfile", PROFILE, firstName="Ana", lastName="Alves", headline="Knees")

    assert nameless["fields"] == [{"path": "input.firstName"}, {"path": "input.lastName"}]
    assert (made["lastName"], made["published"]) == ("Alves", False)
    [row] = await acme.audited("PROFILE_UPDATED", parsed(made["id"])[1])
    assert row["old_values"] is None
    assert row["new_values"]["headline"] == "Knees"


@pytest.mark.parametrize("part", ["owner", "admin"])
async def test_who_manages_profiles_writes_everyones(acme: Acting, part: str) -> None:
    for whose in ("member", part):
        person = await acme.user_id_of(whose)
        answer = await acme.askers[part].do("updateProfile", PROFILE, userId=person, headline="Knees")
        assert (answer["user"], answer["headline"]) == ({"id": person}, "Knees")


@pytest.mark.parametrize("part", HOSTS)
async def test_a_host_writes_their_own_and_nobody_elses(acme: Acting, part: str) -> None:
    own = await acme.askers[part].do("updateProfile", PROFILE, headline="Knees")
    others = await acme.askers[part].do("updateProfile", userId=await acme.user_id_of("colleague"), headline="Knees")

    assert own["user"] == {"id": await acme.user_id_of(part)}
    assert others == NOT_ALLOWED
    [denial] = await acme.denied("updateProfile")
    assert (denial["outcome"], denial["actor_id"]) == ("denied", acme.askers[part].user_id)
    untouched = "select headline from app.profiles where id = $1"
    assert await acme.truth(untouched, acme.row("profiles", "colleague")) is None


async def test_what_somebody_is_in_one_organization_changes_nothing_in_the_other(world: World) -> None:
    stored = await world.globex.contents()

    await world.acme.both.do("updateProfile", headline="Knees")

    assert await world.globex.contents() == stored


async def test_a_category_that_does_not_exist_is_not_found_and_nothing_is_stored(acme: Acting) -> None:
    stored = await acme.contents()

    for field in ("primaryCategoryId", "secondaryCategoryId"):
        answer = await acme.member.do("updateProfile", headline="Knees", **{field: global_id("Category", uuid4())})
        assert answer == {"__typename": "NotFound", "code": "NOT_FOUND"}
    assert await acme.contents() == stored


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no first name": ({"firstName": ""}, "firstName"),
    "a null for a first name": ({"firstName": None}, "firstName"),
    "a null for a last name": ({"lastName": None}, "lastName"),
    "a last name of 101 characters": ({"lastName": "x" * 101}, "lastName"),
    "a last name with a line break": ({"lastName": "a\nb"}, "lastName"),
    "a headline of one character": ({"headline": "x"}, "headline"),
    "a headline of 201 characters": ({"headline": "x" * 201}, "headline"),
    "a short bio of 161 characters": ({"shortBio": "x" * 161}, "shortBio"),
    "a long bio of 2001 characters": ({"longBio": "x" * 2_001}, "longBio"),
    "a long bio with a NUL": ({"longBio": "a\0"}, "longBio"),
    "a platform twice": ({"socialLinks": [{"name": "TIKTOK", "url": "ana"}] * 2}, "socialLinks"),
    "a link to a script": ({"socialLinks": [{"name": "TIKTOK", "url": "javascript:1"}]}, "socialLinks.0.url"),
    "a link with a space": ({"socialLinks": [{"name": "TIKTOK", "url": "https://a b"}]}, "socialLinks.0.url"),
    "a category of another type": ({"primaryCategoryId": global_id("Event", uuid4())}, "primaryCategoryId"),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_not_acceptable_is_named_by_its_place_and_nothing_is_stored(acme: Acting, wrong: str) -> None:
    values, path = WRONG[wrong]
    stored = await acme.contents()

    answer = await acme.member.do("updateProfile", **values)

    assert answer == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "fields": [{"path": f"input.{path}"}]}
    assert await acme.contents() == stored


@pytest.mark.parametrize("field", ["isVerified", "isTopExpert", "published", "position"])
async def test_what_the_platform_decides_is_no_part_of_the_input(acme: Acting, field: str) -> None:
    document = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { __typename } }"

    body = await acme.member.body(document, input={field: True})

    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]
    assert "data" not in body
