"""What is measured on: sets of seeded data, each a database that its numbers name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from db.seed import Plan
from db.seed.plan import SeededOrganization

_WRITTEN = re.compile(r"\A(\d{1,5})x(\d{1,4})x(\d{1,6})(?:\+(\d{1,8}))?\Z")


@dataclass(frozen=True)
class DataSet:
    """So many organizations, events in each, meetings of each event; `large` is one more organization's meetings."""

    organizations: int
    events: int
    meetings: int
    large: int = 0

    @classmethod
    def read(cls, text: str) -> DataSet:
        """`100x10x50`, or with a large organization `2000x4x10+500000`. Raises ValueError."""
        written = _WRITTEN.match(text)
        if written is None:
            raise ValueError(f"{text!r}: expected organizations x events x meetings, such as 100x10x50 or 9x2x5+1000")
        organizations, events, meetings, large = (int(number or 0) for number in written.groups())
        if not organizations or not events or not meetings:
            raise ValueError(f"{text!r}: none of the three may be 0")
        return cls(organizations, events, meetings, large)

    def __str__(self) -> str:
        more = f"+{self.large}" if self.large else ""
        return f"{self.organizations}x{self.events}x{self.meetings}{more}"

    @property
    def database(self) -> str:
        """Other numbers are another database, so what is there is always what was asked for."""
        return f"bench_{self}".replace("+", "_")

    @property
    def plan(self) -> Plan:
        return Plan(self.organizations, self.events, self.meetings, large_organization=self.large)

    @property
    def middle(self) -> SeededOrganization:
        """One of the ordinary organizations, neither the first nor the last made."""
        return self.plan.organization((self.organizations + 1) // 2)


SMALL = DataSet(100, 10, 50)
LARGE = DataSet(2_000, 10, 50)
SKEW = DataSet(2_000, 4, 10, large=500_000)
