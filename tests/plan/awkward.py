"""Two organizations as every test has them, with rows beside theirs that are as awkward as the tables allow.

Written by the superuser, from one seed. There are nulls wherever they may be, and lists with nothing in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_interface
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from tests import make
from tests.personas import Connection, Database, Organization, World, as_superuser
from tests.plan.scraps import ADDRESSES, Inventing

ZONES = ("UTC", "Europe/Lisbon", "America/St_Johns", "Asia/Kathmandu", "Pacific/Chatham")
OPEN = ("held", "pending_payment", "confirmed")
CLOSED = ("completed", "cancelled", "no_show", "expired", "conflict")
TRANSFERS = ("PENDING", "APPROVED", "READY", "COMPLETED", "FAILED", "REFUNDED", "DISPUTED", "PAID_OUT")
DAYS = ("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
AMOUNTS = (0, 1, 7_000, 2**53 + 1, 2**63 - 1)
PLACES = (-(2**31), -1, 0, 0, 2**31 - 1)
EMAILS = ("Ana@Guests.Test", "ana@guests.test", "ß@b.test", "'\"\\@x")


class Hosted(NamedTuple):
    """Something that a host has."""

    id: UUID
    host: str
    event: UUID


async def world(database: Database, seed: int) -> World:
    """Two organizations full of such rows."""
    rows = await make.world(database)
    inventing = Inventing(Random(seed))  # noqa: S311 - reproducible, and nobody's secret
    async with as_superuser(database) as superuser:
        await superuser.execute("begin")
        categories = await _categories(superuser, inventing)
        for year, org in ((2100, rows.acme), (2110, rows.globex)):
            await _Filling(superuser, inventing, org, rows.both, year).all(categories)
        await a_deleted_organization(superuser, rows.both, rows.acme.owner, rows.globex.owner)
        await superuser.execute("commit")
    return rows


async def _categories(superuser: Connection, inventing: Inventing) -> list[UUID]:
    """Some at the top, some below another, all the way down."""
    found: list[UUID] = []
    for _ in range(9):
        found.append(
            await make.insert(
                superuser,
                "categories",
                parent_id=inventing.chance.choice([None, *found]),
                slug=make.unique(),
                name=inventing.text(80, 1) + make.unique(),
                description=inventing.perhaps_text(300),
                image=inventing.perhaps_text(40),
                created_at=inventing.moment(),
            )
        )
    return found


async def a_deleted_organization(superuser: Connection, *people: str) -> None:
    """Their membership there is seen, and the organization that it promises is not: a null where none may be."""
    names = {"workos_org_id": f"org_{make.unique()}", "slug": make.unique(), "name": "Gone"}
    gone = await make.insert(superuser, "organizations", **names, deleted_at=datetime(2026, 1, 1, tzinfo=UTC))
    for person in people:
        standing = {"workos_user_id": person, "role": "member", "status": "active"}
        await make.insert(superuser, "user_org_memberships", org_id=gone, **standing)


class _Filling:
    """Fills one organization."""

    def __init__(self, superuser: Connection, inventing: Inventing, org: Organization, both: str, year: int) -> None:
        self.superuser = superuser
        self.inventing = inventing
        self.chance = inventing.chance
        self.org = org
        self.hosts = [*org.people.values(), both]
        self.year = year

    async def all(self, categories: Sequence[UUID]) -> None:
        """Every table that an answer is made of."""
        await self._organization()
        for host in self.hosts:
            await self._person(host)
            await self._profile(host, categories)
            await self._week(host)
        await self._who_is_not_here()
        events = [await self._event() for _ in range(36)]
        meetings = [await self._meeting(self.chance.choice(events), at) for at in range(60)]
        for meeting in self.chance.sample(meetings, 14):
            await self._record(meeting)
        for meeting in self.chance.choices(meetings, k=40):
            await self._transfer(meeting)
        things = [one.id for one in (*events, *meetings)]
        for _ in range(70):
            await self._entry(things)

    async def _add(self, table: str, **values: Any) -> UUID:
        added: UUID = await make.insert(self.superuser, table, org_id=self.org.id, **values)
        return added

    async def _change(self, table: str, where: str, key: Any, **values: Any) -> None:
        sets = ", ".join(f"{name} = ${at}" for at, name in enumerate(values, start=3))
        here = "id" if table == "organizations" else "org_id"
        scope = "$1::uuid is not null" if table == "users" else f"{here} = $1"
        statement = f"update app.{table} set {sets} where {scope} and {where} = $2"
        await self.superuser.execute(statement, self.org.id, key, *values.values())

    async def _organization(self) -> None:
        values = {"name": self.inventing.text(200, 1), "billing_email": self.inventing.perhaps_text(300)}
        await self._change("organizations", "id", self.org.id, **values, created_at=self.inventing.moment())

    async def _person(self, person: str) -> None:
        names = ("first_name", "last_name", "image_url")
        values = {name: self.inventing.perhaps_text(80) for name in names}
        values["username"] = self.inventing.perhaps(make.unique)
        await self._change("users", "workos_user_id", person, **values, created_at=self.inventing.moment())

    async def _profile(self, host: str, categories: Sequence[UUID]) -> None:
        inventing, chance = self.inventing, self.chance
        links = [{"name": "instagram", "url": inventing.text(40)} for _ in range(chance.randrange(3))]
        await self._change(
            "profiles",
            "workos_user_id",
            host,
            first_name=inventing.text(100, 1),
            last_name=inventing.text(100, 1),
            headline=inventing.perhaps_text(200, 2),
            short_bio=inventing.perhaps_text(160),
            long_bio=inventing.perhaps_text(2_000),
            profile_picture=inventing.perhaps_text(60),
            primary_category_id=inventing.perhaps(lambda: chance.choice(categories)),
            secondary_category_id=inventing.perhaps(lambda: chance.choice(categories)),
            social_links=orjson.dumps(links).decode(),
            is_verified=chance.random() < 0.5,
            is_top_expert=chance.random() < 0.5,
            published_at=inventing.perhaps(inventing.moment),
            position=chance.choice(PLACES),
            created_at=inventing.moment(),
        )

    async def _week(self, host: str) -> None:
        moment = self.inventing.moment
        zone = self.chance.choice(ZONES)
        await self._change("schedules", "workos_user_id", host, timezone=zone, created_at=moment())
        await self._change("scheduling_settings", "workos_user_id", host, created_at=moment())
        schedule = self.org.rows["schedules"][host]
        for day in DAYS:
            for start in (0, 61, 1_380):
                if self.chance.random() < 0.3:
                    window = {"start_minute": start, "end_minute": start + self.chance.choice((1, 59, 60))}
                    await self._add("schedule_availabilities", schedule_id=schedule, day_of_week=day, **window)

    async def _who_is_not_here(self) -> None:
        """Members of former times and times to come, with every kind of list of permissions."""
        awkward: list[str | None] = [self.inventing.text(30) for _ in range(3)]
        granted: tuple[list[str | None] | None, ...] = (
            None,
            [],
            ["appointments:view"],
            awkward,
            ["\\", '"', "", "{a,b}", "null"],
        )
        others = await make.users(self.superuser, len(granted))
        for person, permissions in zip(others, granted, strict=True):
            await self._person(person)
            await self._add(
                "user_org_memberships",
                workos_user_id=person,
                role=self.chance.choice(("owner", "member", "billing_admin")),
                status=self.chance.choice(("pending", "inactive", "suspended")),
                permissions=permissions,
                joined_at=self.inventing.moment(),
            )

    async def _event(self) -> Hosted:
        host = self.chance.choice(self.hosts)
        archived = self.chance.random() < 0.2
        event = await self._add(
            "events",
            workos_user_id=host,
            name=self.inventing.text(200, 1),
            slug=make.unique(),
            description=self.inventing.perhaps_text(5_000),
            duration_in_minutes=self.chance.choice((1, 60, 720)),
            is_active=not archived and self.chance.random() < 0.8,
            position=self.chance.choice(PLACES),
            price_cents=self.chance.choice((0, 0, 7_000, 100_000_000)),
            archived_at=self.inventing.moment() if archived else None,
            created_at=self.inventing.moment(),
        )
        return Hosted(event, host, event)

    async def _meeting(self, event: Hosted, at: int) -> Hosted:
        """Open ones lie far apart, since a host is never booked twice, not even in two organizations."""
        inventing, chance = self.inventing, self.chance
        status = chance.choice((*OPEN, *CLOSED))
        apart = datetime(self.year, 1, 1, tzinfo=UTC) + timedelta(days=at, microseconds=chance.randrange(10**9))
        start = apart if status in OPEN else inventing.moment()
        meeting = await self._add(
            "meetings",
            event_id=event.id,
            workos_user_id=event.host,
            status=status,
            guest_email=chance.choice(EMAILS),
            guest_name=inventing.text(200, 1),
            guest_notes=inventing.perhaps_text(5_000),
            guest_timezone=chance.choice(ZONES),
            start_time=start,
            end_time=start + timedelta(microseconds=chance.choice((1, 999, 1_800_000_000, 43_200_000_000))),
            meeting_url=inventing.perhaps_text(60),
            hold_expires_at=inventing.moment() if status == "held" else None,
            cancelled_at=inventing.moment() if status == "cancelled" else None,
            cancellation_reason=inventing.perhaps_text(1_000),
            amount_cents=chance.choice(AMOUNTS),
            created_at=inventing.moment(),
        )
        return Hosted(meeting, event.host, event.id)

    async def _record(self, meeting: Hosted) -> None:
        sealed = {"encrypted_content": b"", "key_id": "k", "content_sha256": b"", "guest_email": "a@b.test"}
        await self._add(
            "records",
            meeting_id=meeting.id,
            expert_id=meeting.host,
            version=self.chance.choice((1, 7, 2**31 - 1)),
            last_modified_at=self.inventing.moment(),
            created_at=self.inventing.moment(),
            **sealed,
        )

    async def _transfer(self, meeting: Hosted) -> None:
        amount = self.chance.choice(AMOUNTS)
        await self._add(
            "payment_transfers",
            meeting_id=self.inventing.perhaps(lambda: meeting.id),
            event_id=meeting.event,
            expert_workos_user_id=meeting.host,
            expert_connect_account_id="acct",
            payment_intent_id=make.unique(),
            amount_cents=amount,
            platform_fee_cents=self.chance.choice((0, amount)),
            session_start_time=self.inventing.moment(),
            scheduled_transfer_time=self.inventing.moment(),
            status=self.chance.choice(TRANSFERS),
            requires_approval=self.chance.random() < 0.5,
            created_at=self.inventing.moment(),
        )

    async def _entry(self, things: Sequence[UUID]) -> None:
        inventing, chance = self.inventing, self.chance

        def json() -> str:
            return orjson.dumps(inventing.json()).decode()

        await self._add(
            "audit_logs",
            actor_type=chance.choice(("user", "api_key", "guest", "system")),
            actor_id=chance.choice([None, "job", *self.hosts]),
            impersonator_id=inventing.perhaps_text(30),
            action=chance.choice(("EVENT_CREATED", "EVENT_UPDATED", "APPOINTMENT_VIEWED", "A_B")),
            resource_type=chance.choice(("event", "appointment", "profile", "security")),
            resource_id=chance.choice([None, inventing.text(20), *map(str, chance.choices(things, k=6))]),
            outcome=chance.choice(("success", "denied", "failed")),
            old_values=inventing.perhaps(json),
            new_values=inventing.perhaps(json),
            # One has the key under which a plan hides what it reads of health data.
            metadata=chance.choice((json(), json(), '{"#Meeting.guestNotes": "nothing"}')),
            ip=inventing.perhaps(lambda: ip_interface(chance.choice(ADDRESSES))),
            user_agent=inventing.perhaps_text(90),
            request_id=inventing.perhaps(lambda: UUID(int=chance.getrandbits(128))),
            operation_name=inventing.perhaps_text(30),
            created_at=inventing.moment(),
        )
