"""Profiles: how hosts present themselves."""

from enum import Enum
from typing import Annotated

import strawberry

from db.tables import ProfileRow
from graph.fields import to_many, to_one
from graph.inputs import any_of, id_of, idempotency_key, none_of
from graph.mutation import mutation
from graph.resolvers import profiles as resolve
from graph.scalars import DateTime, Url
from graph.schema.categories import Category
from graph.schema.connection import Connection
from graph.schema.failures import Conflict, InvalidInput, NotAllowed, NotFound
from graph.schema.lazy import LazyOrganization, LazyUser
from graph.schema.node import Node, node


@strawberry.enum(description="Where a host can be followed.")
class SocialPlatform(Enum):
    INSTAGRAM = strawberry.enum_value("instagram", description="instagram.com")
    TWITTER = strawberry.enum_value("twitter", description="x.com")
    LINKEDIN = strawberry.enum_value("linkedin", description="linkedin.com")
    YOUTUBE = strawberry.enum_value("youtube", description="youtube.com")
    TIKTOK = strawberry.enum_value("tiktok", description="tiktok.com")


@strawberry.enum(description="How profiles are ordered.")
class ProfileOrder(Enum):
    POSITION_ASC = strawberry.enum_value("POSITION_ASC", description="As the platform has arranged them.")
    LAST_NAME_ASC = strawberry.enum_value("LAST_NAME_ASC", description="By last name.")
    CREATED_AT_DESC = strawberry.enum_value("CREATED_AT_DESC", description="Newest first.")


@strawberry.input(description="Which profiles: those that match all of this.")
class ProfileFilter:
    user_id: strawberry.ID | None = id_of("User", default=strawberry.UNSET, description="Of this person.")
    published: bool | None = strawberry.field(default=strawberry.UNSET, description="Published, or not.")
    category_id: strawberry.ID | None = id_of(
        "Category", default=strawberry.UNSET, description="In this category, as the first or the second."
    )
    or_: list["ProfileFilter"] | None = any_of()
    not_: list["ProfileFilter"] | None = none_of()


@strawberry.type(description="Where a host can be followed.")
class SocialLink:
    name: SocialPlatform = strawberry.field(description="Which platform.")
    url: Url = strawberry.field(description="The host's page there.")


@node(ProfileRow, description="How a host presents themselves in one organization.")
class Profile(Node):
    first_name: str = strawberry.field(description="As guests read it.")
    last_name: str = strawberry.field(description="As guests read it.")
    profile_picture: Url | None = strawberry.field(description="As guests see it.")
    headline: str | None = strawberry.field(description="One line.")
    short_bio: str | None = strawberry.field(description="At most 160 characters.")
    long_bio: str | None = strawberry.field(description="At most 2 000 characters.")
    is_verified: bool = strawberry.field(description="Whether the platform has checked who they are.")
    is_top_expert: bool = strawberry.field(description="Whether the platform recommends them.")
    published: bool = strawberry.field(description="Whether the public sees it.")
    published_at: DateTime | None = strawberry.field(description="Since when, if it does.")
    created_at: DateTime = strawberry.field(description="When it was made.")
    updated_at: DateTime = strawberry.field(description="When it last changed.")
    organization: LazyOrganization = to_one(ProfileRow.organization, description="Where they practise.")
    user: LazyUser = to_one(ProfileRow.user, description="Whose it is.")
    primary_category: Category | None = to_one(ProfileRow.primary_category, description="Their field, once chosen.")
    secondary_category: Category | None = to_one(ProfileRow.secondary_category, description="A second one, if any.")

    @strawberry.field(description="Where they can be followed.")
    def social_links(profile: strawberry.Parent[ProfileRow]) -> list[SocialLink]:
        return [SocialLink(name=link["name"], url=link["url"]) for link in profile.social_links]


@strawberry.input(description="Where a host can be followed.")
class SocialLinkInput:
    name: SocialPlatform = strawberry.field(description="Which platform; each at most once.")
    url: str = strawberry.field(description="The page there, or a user name on it.")


@strawberry.input(description="What changes of a profile; what is left out stays.")
class UpdateProfileInput:
    user_id: strawberry.ID | None = id_of(
        "User", default=strawberry.UNSET, description="Whose; oneself where nothing is said."
    )
    first_name: str | None = strawberry.field(default=strawberry.UNSET, description="1 to 100 characters.")
    last_name: str | None = strawberry.field(default=strawberry.UNSET, description="1 to 100 characters.")
    profile_picture: Url | None = strawberry.field(default=strawberry.UNSET, description="Null takes it away.")
    headline: str | None = strawberry.field(default=strawberry.UNSET, description="2 to 200 characters.")
    short_bio: str | None = strawberry.field(default=strawberry.UNSET, description="At most 160 characters.")
    long_bio: str | None = strawberry.field(default=strawberry.UNSET, description="At most 2 000 characters.")
    primary_category_id: strawberry.ID | None = id_of("Category", default=strawberry.UNSET, description="Their field.")
    secondary_category_id: strawberry.ID | None = id_of("Category", default=strawberry.UNSET, description="A second.")
    social_links: list[SocialLinkInput] | None = strawberry.field(
        default=strawberry.UNSET, description="All of them: what is not here is taken away."
    )
    idempotency_key: str | None = idempotency_key()


UpdateProfileResult = Annotated[
    Profile | NotFound | NotAllowed | InvalidInput | Conflict,
    strawberry.union("UpdateProfileResult", description="The profile, or why it did not change."),
]


@strawberry.type
class ProfileQueries:
    profiles: Connection[Profile] | None = to_many(
        resolve.PROFILES, filter=ProfileFilter, order=ProfileOrder, description="The organization's hosts."
    )


@strawberry.type
class ProfileMutations:
    update_profile: UpdateProfileResult | None = mutation(
        resolve.change_profile,
        input=UpdateProfileInput,
        violations=resolve.VIOLATIONS,
        description="Change one's own profile, or a member's with `profiles:manage`; the first change makes it.",
    )
