"""How hosts present themselves, and how they change it."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from db.tables import ProfileRow
from graph.audit import audited
from graph.change import add, change
from graph.context import Context
from graph.failures import Conflict, Failure, NotFound
from graph.paging import Collection
from graph.resolvers.users import person, workos_id_of
from graph.validation import Check, trimmed

PROFILES: Collection[ProfileRow] = Collection(
    entity=ProfileRow,
    default_order="POSITION_ASC",
    orders={
        "POSITION_ASC": ProfileRow.position.asc(),
        "LAST_NAME_ASC": ProfileRow.last_name.asc(),
        "CREATED_AT_DESC": ProfileRow.created_at.desc(),
    },
    filters={
        "user_id": lambda id: ProfileRow.workos_user_id == person(id),
        "published": lambda published: ProfileRow.published == published,
        "category_id": lambda id: (ProfileRow.primary_category_id == id) | (ProfileRow.secondary_category_id == id),
    },
)

# A category that does not exist: the foreign key says so, in the caller's words.
VIOLATIONS: dict[str, Failure] = {
    f"profiles_{which}_category_fkey": NotFound("There is no such category.") for which in ("primary", "secondary")
}

# What a bare user name stands for.
_PLATFORMS = {
    "instagram": "https://www.instagram.com/",
    "twitter": "https://x.com/",
    "linkedin": "https://www.linkedin.com/in/",
    "youtube": "https://www.youtube.com/@",
    "tiktok": "https://www.tiktok.com/@",
}
_USERNAME = re.compile(r"\A@?[A-Za-z0-9._-]{1,100}\Z")
_HOSTS = {
    "instagram": r"instagram\.com",
    "twitter": r"(?:x|twitter)\.com",
    "linkedin": r"linkedin\.com",
    "youtube": r"youtube\.com",
    "tiktok": r"tiktok\.com",
}
_PATH = r"(?:/[A-Za-z0-9@._~%/?&=#-]{0,300})?"


def by_id(id: UUID) -> Select[ProfileRow]:
    """The profile of this id, where the caller sees it."""
    return select(ProfileRow).where(ProfileRow.id == id)


@audited("PROFILE_UPDATED", "profile")
async def change_profile(
    context: Context, *, user_id: UUID | None = None, social_links: list[dict[str, str]] | None = None, **values: Any
) -> ProfileRow | Failure:
    """Change one's own profile, or a member's with `profiles:manage`; a first one needs both names."""
    trimmed(values, "first_name", "last_name", "headline")
    check = Check()
    _check_texts(check, values)
    if social_links is not None:
        values["social_links"] = _links(check, social_links)
    whose = context.principal.user_id if user_id is None else await workos_id_of(context, user_id)
    if whose is None:
        return NotFound()
    profile = await context.transaction.one(select(ProfileRow).where(ProfileRow.workos_user_id == whose))
    if profile is None:
        for name, path in (("first_name", "firstName"), ("last_name", "lastName")):
            check.that(name in values, path, "is needed for a first profile")
    if failure := check.failure():
        return failure
    if profile is None:
        added = await add(context, ProfileRow, {"workos_user_id": whose, **values})
        return Conflict() if added is None else added
    changed: ProfileRow | Failure = await change(context, profile, ProfileRow, values)
    return changed


def _check_texts(check: Check, values: dict[str, Any]) -> None:
    for name, path in (("first_name", "firstName"), ("last_name", "lastName")):
        if name in values:
            check.given(path, values[name])
            check.name(path, values[name], 100)
    check.name("headline", values.get("headline"), 200, shortest=2)
    check.text("shortBio", values.get("short_bio"), 160)
    check.text("longBio", values.get("long_bio"), 2_000)


def _links(check: Check, links: list[dict[str, str]]) -> list[dict[str, str]]:
    names = [link["name"] for link in links]
    check.that(len(set(names)) == len(names), "socialLinks", "must name each platform once")
    found = []
    for at, link in enumerate(links):
        url = link["url"]
        if _USERNAME.match(url):
            url = _PLATFORMS[link["name"]] + url.lstrip("@")
        page = rf"https?://(?:[a-z]{{2,10}}\.)?{_HOSTS[link['name']]}{_PATH}"
        theirs = re.fullmatch(page, url) is not None
        check.that(theirs, f"socialLinks.{at}.url", f"must be a page on {link['name']}, or a user name there")
        found.append({"name": link["name"], "url": url})
    return found
