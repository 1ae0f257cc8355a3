"""Who is asking: a person, perhaps in an organization, a machine, or nobody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. What they may see is not here: the database decides it."""

    kind: Literal["user", "api_key", "guest"]
    user_id: str | None  # WorkOS user id, user_…
    organization_id: str | None  # WorkOS organization id, org_…, that the credential names
    session_id: str | None  # WorkOS session id, session_…
    impersonator_id: str | None = None  # who acts as this person: the `act` claim


GUEST = Principal("guest", None, None, None)


@dataclass(frozen=True, slots=True)
class ActiveMembership:
    """One organization that a person may act in now."""

    organization_id: str  # the id our API shows
    workos_organization_id: str
    name: str
    slug: str
    role: str


MembershipsOf: TypeAlias = Callable[[Principal], Awaitable[Sequence[ActiveMembership]]]
