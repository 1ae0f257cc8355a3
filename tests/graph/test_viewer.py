"""The viewer: who the caller is, where they act, and what they may there, as the database says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auth.principal import Principal
from tests.graph.asking import Acting, World

QUERY = """{ viewer {
    role permissions impersonatorId organization { id } user { id email }
    account { country locale stripeConnectOnboardingComplete stripeIdentityVerified bankAccountLast4 }
} }"""
EVERYTHING = [
    "appointments:manage",
    "appointments:view",
    "audit:view",
    "events:manage",
    "members:manage",
    "organization:manage",
    "payments:manage",
    "payments:view",
    "profiles:manage",
    "schedules:manage",
]


@pytest.mark.parametrize(
    ("part", "role", "permissions"),
    [
        ("owner", "OWNER", EVERYTHING),
        ("admin", "ADMIN", EVERYTHING),
        ("member", "MEMBER", []),
        ("billing", "BILLING_ADMIN", ["payments:manage", "payments:view"]),
        ("receptionist", "MEMBER", ["appointments:view"]),
        ("restricted", "ADMIN", []),
        ("both", "MEMBER", []),
    ],
)
async def test_the_viewer_is_who_they_are_here_and_may_what_they_may(
    acme: Acting, part: str, role: str, permissions: list[str]
) -> None:
    viewer = (await acme.askers[part].ask(QUERY))["viewer"]

    assert viewer == {
        "role": role,
        "permissions": permissions,
        "impersonatorId": None,
        "organization": {"id": acme.id},
        "user": {"id": await acme.user_id_of(part), "email": f"{acme.askers[part].user_id}@people.test"},
        "account": viewer["account"],
    }
    assert viewer["account"]["stripeIdentityVerified"] is False
    assert viewer["account"]["bankAccountLast4"] is None


async def test_the_same_person_is_something_else_elsewhere(world: World) -> None:
    here, there = [(await acting.both.ask(QUERY))["viewer"] for acting in (world.acme, world.globex)]

    assert (here["role"], there["role"]) == ("MEMBER", "OWNER")
    assert (here["permissions"], there["permissions"]) == ([], EVERYTHING)


async def test_without_an_organization_the_viewer_is_a_person_who_may_nothing_yet(world: World) -> None:
    viewer = (await world.stranger.ask(QUERY))["viewer"]

    assert (viewer["role"], viewer["permissions"], viewer["organization"]) == (None, [], None)
    assert viewer["user"]["id"] == await world.acme.user_id_of("both")
    assert viewer["account"]


async def test_nobody_has_no_viewer(world: World) -> None:
    assert await world.nobody.ask(QUERY) == {"viewer": None}


async def test_a_suspended_person_is_refused_whole_and_the_attempt_is_kept(acme: Acting) -> None:
    answer = await acme.suspended.answer(QUERY)

    assert (answer.outcome, answer.code) == ("refused", "FORBIDDEN")
    [denial] = await acme.audited("UNAUTHORIZED_ACCESS_ATTEMPT")
    assert (denial["outcome"], denial["actor_id"]) == ("denied", acme.suspended.user_id)


async def test_whoever_acts_in_anothers_place_is_named_here_and_in_the_trail(acme: Acting) -> None:
    principal = Principal("user", acme.owner.user_id, acme.rows.workos_id, "session_x", impersonator_id="user_support")
    impersonated = replace(acme.owner, principal=principal)

    assert (await impersonated.ask(QUERY))["viewer"]["impersonatorId"] == "user_support"
    await impersonated.do("updateOrganization", name="Acme & Sons")

    [row] = await acme.audited("ORG_SETTINGS_UPDATED")
    assert (row["actor_id"], row["impersonator_id"]) == (acme.owner.user_id, "user_support")
