"""What is sent: the requests of a measurement, in a contender's own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import orjson

from bench.callers import Tokens, caller
from bench.queries import Dialect, Query
from db.seed.plan import Plan, SeededEvent, SeededOrganization
from graph.ids import global_id

START, END = "@START@", "@END@"
# The seed reaches a quarter of a year ahead, and bookings are taken for two years.
FIRST_DAY, LAST_DAY = 130, 720


@dataclass(frozen=True)
class Request:
    """One POST. A booking's body names no time: whoever sends it puts in a free one and, `minutes` later, its end."""

    token: str
    body: str
    minutes: int = 0

    def at(self, start: datetime) -> Request:
        """This request with its times."""
        end = start + timedelta(minutes=self.minutes)
        return Request(self.token, self.body.replace(START, _written(start)).replace(END, _written(end)))

    def line(self) -> str:
        """For bench/load.lua."""
        return f"{self.token}\t{self.minutes}\t{self.body}"


def first_time(now: datetime) -> datetime:
    """From when on every host is free."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=FIRST_DAY)


def times(requests: Sequence[Request]) -> int:
    """How many bookings there are times for: each request once an hour."""
    return len(requests) * (LAST_DAY - FIRST_DAY) * 24


def reading(
    query: Query, dialect: Dialect, tokens: Tokens, organizations: Sequence[SeededOrganization]
) -> list[Request]:
    """The query, asked in each of these organizations in turn."""
    body = _json({"query": query.text(dialect)})
    return [Request(tokens.of(caller(organization, query.sight)), body) for organization in organizations]


def booking(query: Query, dialect: Dialect, tokens: Tokens, plan: Plan) -> list[Request]:
    """One booking with each host, organization after organization, so that two at once rarely meet in one diary."""
    turns: dict[int, list[Request]] = {}
    for number in plan.numbers:
        organization = plan.organization(number)
        token = tokens.of(caller(organization, "manager"))
        for turn, (_, events) in enumerate(groupby(organization.events, key=lambda event: event.host)):
            event = min(events, key=lambda event: event.minutes)
            body = _json({"query": query.text(dialect), "variables": _booked(event, dialect)})
            turns.setdefault(turn, []).append(Request(token, body, event.minutes))
    return [request for turn in turns.values() for request in turn]


def _booked(event: SeededEvent, dialect: Dialect) -> dict[str, Any]:
    guest = {"guestName": "Olga Ribeiro", "guestEmail": "olga.ribeiro@example.com", "guestTimezone": "Europe/Lisbon"}
    if dialect == "orgraph":
        return {"input": {"eventId": global_id("Event", event.id), "startTime": START, **guest}}
    meeting = {"eventId": str(event.id), "workosUserId": event.host, "startTime": START, "endTime": END, **guest}
    return {"meeting": {**meeting, "amountCents": str(event.cents), "currency": "eur"}}


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
