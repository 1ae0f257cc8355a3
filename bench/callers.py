"""Who asks: seeded people, known from the numbers of their data set, and the tokens they carry."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from auth.local import IssuerKey, sign_access_token
from bench.queries import Sight
from db.directory import PersonEntry
from db.seed.plan import SeededOrganization, SeededPerson

LASTS_S = 24 * 3600


@dataclass(frozen=True)
class Caller:
    """A person who acts in an organization."""

    person: SeededPerson
    workos_org_id: str


def caller(organization: SeededOrganization, sight: Sight) -> Caller:
    """The owner, who sees everything of the organization, or the member who hosts the fewest meetings."""
    if sight == "manager":
        return Caller(organization.people[0], organization.workos_org_id)
    hosted = Counter({host.workos_user_id: 0 for host in organization.hosts})
    for event in organization.events:
        hosted[event.host] += event.meetings
    fewest = min(organization.hosts, key=lambda host: hosted[host.workos_user_id])
    return Caller(fewest, organization.workos_org_id)


@dataclass(frozen=True)
class Tokens:
    """Signs in the local issuer's name, once for each caller: a signature costs milliseconds."""

    key: IssuerKey
    issuer: str
    signed: dict[Caller, str] = field(default_factory=dict)

    def of(self, who: Caller) -> str:
        if who not in self.signed:
            self.signed[who] = self._token(who)
        return self.signed[who]

    def _token(self, who: Caller) -> str:
        person = PersonEntry(who.person.workos_user_id, who.person.email, None, None)
        return sign_access_token(
            self.key,
            issuer=self.issuer,
            person=person,
            workos_org_id=who.workos_org_id,
            expires_in=LASTS_S,
        )
