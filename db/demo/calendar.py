"""The demo's meetings: when they are and what became of them, as plain values. Nothing here knows a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from db.demo.guests import GUESTS, NOTES, REASONS
from db.demo.people import ORGANIZATIONS, PEOPLE, Membership, Person, Service

WEEKS = range(-10, 5)  # around the week of `now`
HOURS = (9, 10, 11, 14, 15, 16, 17)  # local; nothing lasts longer than an hour, so no two of a host overlap
SUSPENDED_SINCE = -3  # weeks
PAST = {3: "cancelled", 8: "no_show", 14: "cancelled", 19: "no_show"}  # of every 23
FUTURE = {5: "cancelled", 11: "pending_payment"}  # of every 23
CYCLE = 23


@dataclass(frozen=True, slots=True)
class Meeting:
    """One booking; times are aware UTC. `number` tells it from all others, in the order of their making."""

    number: int
    person: Person
    membership: Membership
    service: Service
    start: datetime
    end: datetime
    status: str
    guest: tuple[str, str, str]
    notes: str | None
    reason: str | None

    @property
    def paid(self) -> bool:
        return self.service.cents > 0 and self.status != "pending_payment"


def meetings(now: datetime) -> Iterator[Meeting]:
    """Ten weeks back to four ahead; this week always has some."""
    numbers = count()
    zones = {organization.slug: ZoneInfo(organization.timezone) for organization in ORGANIZATIONS}
    for week in WEEKS:
        for person in PEOPLE:
            for membership in person.memberships:
                if not membership.services or (membership.status != "active" and week >= SUSPENDED_SINCE):
                    continue
                zone = zones[membership.organization]
                monday = now.astimezone(zone).date() - timedelta(days=now.astimezone(zone).weekday())
                for day in membership.days:
                    date = monday + timedelta(weeks=week, days=day)
                    for hour in HOURS[(week + day) % 3 :: 3]:
                        start = datetime.combine(date, time(hour), zone)
                        yield _meeting(next(numbers), person, membership, start, now)


def _meeting(number: int, person: Person, membership: Membership, start: datetime, now: datetime) -> Meeting:
    bookable = [service for service in membership.services if service.state != "closed"]
    service = bookable[number % len(bookable)]
    begins = start.astimezone(now.tzinfo)
    ends = begins + timedelta(minutes=service.minutes)
    turn = number % CYCLE
    status = PAST.get(turn, "completed") if ends <= now else FUTURE.get(turn, "confirmed")
    if status == "pending_payment" and not service.cents:
        status = "confirmed"
    return Meeting(
        number=number,
        person=person,
        membership=membership,
        service=service,
        start=begins,
        end=ends,
        status=status,
        guest=GUESTS[number * 7 % len(GUESTS)],
        notes=NOTES[number // 4 % len(NOTES)] if number % 4 == 0 else None,
        reason=REASONS[number % len(REASONS)] if status == "cancelled" else None,
    )
