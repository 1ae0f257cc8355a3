"""What the seed makes, as plain values: every organization follows from the random seed and its own number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil
from random import Random
from uuid import UUID

from db.seed.names import FIRST_NAMES, HOUSES, KINDS, LAST_NAMES, SERVICES, ZONES, word

HOSTS = 4
FULL_DIARY = 5_000  # meetings of one host in two years and a quarter; above it an organization has more hosts
FEW = 50  # meetings of the one quiet host of the large organization
LARGE = 0  # the number of the large organization; the others count from one
ORGANIZATION, EVENT, MEETING, SCHEDULE = range(4)  # kinds of row, in their ids
# One person of each, before the members, who host.
OFFICE = ("owner", "admin", "billing_admin")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to make: events per organization, meetings per event, and beside them one large organization."""

    organizations: int
    events: int
    meetings: int
    random_seed: int = 1
    large_organization: int = 0

    @property
    def numbers(self) -> list[int]:
        return [*([LARGE] if self.large_organization else []), *range(1, self.organizations + 1)]

    @property
    def total_events(self) -> int:
        large = len(self.organization(LARGE).events) if self.large_organization else 0
        return self.organizations * self.events + large

    @property
    def total_meetings(self) -> int:
        return self.organizations * self.events * self.meetings + self.large_organization

    def organization(self, number: int) -> SeededOrganization:
        return SeededOrganization(self, number)


@dataclass(frozen=True, slots=True)
class SeededPerson:
    workos_user_id: str
    first_name: str
    last_name: str
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class SeededEvent:
    """`position` counts the events of one host, of which there are `siblings`; `first` numbers its first meeting."""

    id: UUID
    host: str
    name: str
    slug: str
    category: str
    minutes: int
    cents: int
    position: int
    siblings: int
    meetings: int
    first: int


@dataclass(frozen=True)
class SeededOrganization:
    """One organization of a plan. Its ids name where it comes from: random seed, number, kind of row, row."""

    plan: Plan
    number: int

    @property
    def workos_org_id(self) -> str:
        return f"org_seed{self.plan.random_seed}_{self.number}"

    @property
    def id(self) -> UUID:
        return self.row_id(ORGANIZATION, 0)

    def id_prefix(self, kind: int) -> str:
        """A row's uuid but for its last twelve digits, which are the row's number. Version 8: made by hand."""
        high, low = divmod(self.number, 1 << 12)
        return f"{self.plan.random_seed:08x}-{high:04x}-8{low:03x}-8{kind:03x}-"

    def row_id(self, kind: int, row: int) -> UUID:
        return UUID(f"{self.id_prefix(kind)}{row:012x}")

    @cached_property
    def name(self) -> str:
        return f"{self._pick(KINDS, 1)} {self._pick(HOUSES, 2)}"

    @property
    def slug(self) -> str:
        return f"seed{self.plan.random_seed}-{self.number}"

    @property
    def timezone(self) -> str:
        return self._pick(ZONES, 3)

    @cached_property
    def hosting(self) -> tuple[tuple[int, int], ...]:
        """For each host: how many events, and how many meetings in each."""
        if self.number == LARGE:
            few = min(FEW, self.plan.large_organization)
            rest = self.plan.large_organization - few
            busy = ceil(rest / FULL_DIARY)
            return ((1, few), *((1, rest // busy + (host < rest % busy)) for host in range(busy)))
        events, meetings = self.plan.events, self.plan.meetings
        hosts = max(1, min(events, max(HOSTS, ceil(events * meetings / FULL_DIARY))))
        return tuple((events // hosts + (host < events % hosts), meetings) for host in range(hosts))

    @cached_property
    def people(self) -> tuple[SeededPerson, ...]:
        """The office first, then the hosts in the order of `hosting`."""
        roles = [*OFFICE, *("member" for _ in self.hosting)]
        return tuple(self._person(index, role) for index, role in enumerate(roles))

    @property
    def hosts(self) -> tuple[SeededPerson, ...]:
        return self.people[len(OFFICE) :]

    @cached_property
    def events(self) -> tuple[SeededEvent, ...]:
        made: list[SeededEvent] = []
        first = 1
        for host, (siblings, meetings) in zip(self.hosts, self.hosting, strict=True):
            for position in range(siblings):
                row = len(made)
                category, name, minutes, cents = SERVICES[(self.number * 5 + row) % len(SERVICES)]
                made.append(
                    SeededEvent(
                        id=self.row_id(EVENT, row),
                        host=host.workos_user_id,
                        name=name,
                        slug=f"{word(name)}-{position + 1}",
                        category=category,
                        minutes=minutes,
                        cents=cents,
                        position=position,
                        siblings=siblings,
                        meetings=meetings,
                        first=first,
                    )
                )
                first += meetings
        return tuple(made)

    def _person(self, index: int, role: str) -> SeededPerson:
        return SeededPerson(
            workos_user_id=f"user_seed{self.plan.random_seed}_{self.number}_{index}",
            first_name=self._pick(FIRST_NAMES, 10 + 2 * index),
            last_name=self._pick(LAST_NAMES, 11 + 2 * index),
            email=f"person{index}@{self.slug}.example",
            role=role,
        )

    def _pick(self, options: tuple[str, ...], what: int) -> str:
        # Not a secret: the same numbers shall make the same names.
        return Random(f"{self.plan.random_seed}:{self.number}:{what}").choice(options)  # noqa: S311
