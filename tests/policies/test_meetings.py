"""Who sees, books and moves meetings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.make import TOMORROW
from tests.personas import (
    Connection,
    Database,
    Organization,
    World,
    as_partner,
    as_person,
    ids,
    really,
    refused,
)

FREE = TOMORROW + timedelta(days=30)
COLUMNS = "event_id, workos_user_id, guest_email, guest_name, guest_timezone, start_time, end_time"
HIDDEN = (
    "stripe_payment_intent_id",
    "stripe_session_id",
    "stripe_application_fee_id",
    "stripe_refund_id",
    "stripe_metadata",
    "stripe_transfer_id",
)


async def book(connection: Connection, org: Organization, host: str, *, at: Any = FREE, clash: str = "") -> Any:
    """As `bookMeeting` does; None where the host is busy."""
    return await connection.fetchval(
        f"insert into app.meetings ({COLUMNS}) values ($1, $2, 'g@guests.test', 'G', 'UTC', $3, $4) {clash} "
        "returning id",
        org.rows["events"][host],
        host,
        at,
        at + timedelta(hours=1),
    )


async def exists(database: Database, meeting: UUID) -> bool:
    return bool(await really(database, "select exists (select from app.meetings where id = $1)", meeting))


async def test_a_member_sees_their_own_meetings_and_no_colleagues(database: Database, world: World) -> None:
    acme = world.acme
    async with as_person(database, acme.member, acme) as member:
        assert await ids(member, "meetings") == {acme.rows["meetings"][acme.member]}
    assert await exists(database, acme.rows["meetings"][acme.colleague])


async def test_an_owner_sees_every_meeting_of_the_organization_and_no_other(database: Database, world: World) -> None:
    acme, globex = world.acme, world.globex
    async with as_person(database, acme.owner, acme) as owner:
        assert await ids(owner, "meetings") == set(acme.rows["meetings"].values())
        assert not await owner.fetch(
            "select from app.meetings where id = any ($1)", [*globex.rows["meetings"].values()]
        )
    assert await exists(database, globex.rows["meetings"][globex.owner])


async def test_a_member_who_may_view_appointments_sees_every_meeting(database: Database, world: World) -> None:
    async with as_person(database, world.acme.receptionist, world.acme) as receptionist:
        assert await ids(receptionist, "meetings") == set(world.acme.rows["meetings"].values())


async def test_a_billing_admin_sees_their_own_meetings_only(database: Database, world: World) -> None:
    acme = world.acme
    async with as_person(database, acme.billing, acme) as billing:
        assert await ids(billing, "meetings") == {acme.rows["meetings"][acme.billing]}
    assert await exists(database, acme.rows["meetings"][acme.member])


async def test_a_member_of_two_organizations_sees_one_at_a_time(database: Database, world: World) -> None:
    both = world.both
    async with as_person(database, both, world.acme) as here:
        assert await ids(here, "meetings") == {world.acme.rows["meetings"][both]}
    async with as_person(database, both, world.globex) as there:
        assert await ids(there, "meetings") == set(world.globex.rows["meetings"].values())


async def test_a_partner_sees_meetings_if_the_key_may_view_appointments(database: Database, world: World) -> None:
    acme = world.acme
    async with as_partner(database, acme.key, acme) as partner:
        assert await ids(partner, "meetings") == set(acme.rows["meetings"].values())
    async with as_partner(database, acme.bare_key, acme) as partner:
        assert await ids(partner, "meetings") == set()
    assert await exists(database, acme.rows["meetings"][acme.member])


async def test_a_partner_books_nothing(database: Database, world: World) -> None:
    async with as_partner(database, world.acme.key, world.acme) as partner, refused(partner):
        await book(partner, world.acme, world.acme.member)


async def test_a_guest_has_no_right_on_meetings(database: Database, world: World) -> None:
    for person in (world.both, None):
        async with as_person(database, person, None) as guest, refused(guest):
            await guest.fetch("select id from app.meetings")


async def test_stripes_ids_are_granted_to_nobody(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for column in HIDDEN:
            async with refused(owner):
                await owner.fetch(f"select {column} from app.meetings")


async def test_a_host_books_their_own_event(database: Database, world: World) -> None:
    async with as_person(database, world.acme.member, world.acme) as member:
        meeting = await book(member, world.acme, world.acme.member)
    assert await really(database, "select org_id from app.meetings where id = $1", meeting) == world.acme.id


async def test_a_member_books_nobody_else(database: Database, world: World) -> None:
    async with as_person(database, world.acme.member, world.acme) as member, refused(member):
        await book(member, world.acme, world.acme.colleague)


async def test_who_may_view_appointments_books_for_nobody_else(database: Database, world: World) -> None:
    async with as_person(database, world.acme.receptionist, world.acme) as receptionist, refused(receptionist):
        await book(receptionist, world.acme, world.acme.colleague)


async def test_an_admin_books_for_a_member(database: Database, world: World) -> None:
    async with as_person(database, world.acme.admin, world.acme) as admin:
        assert await exists_inside(admin, await book(admin, world.acme, world.acme.member))


async def exists_inside(connection: Connection, meeting: UUID) -> bool:
    return bool(await connection.fetchval("select exists (select from app.meetings where id = $1)", meeting))


async def test_nobody_books_a_suspended_host(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner, refused(owner):
        await book(owner, world.acme, world.acme.suspended)


async def test_a_host_elsewhere_cannot_be_probed_for_being_busy(database: Database, world: World) -> None:
    """The constraint spans organizations, so the policy must answer first, and the same either way."""
    stranger = world.globex.owner
    async with as_person(database, world.acme.owner, world.acme) as owner:
        async with refused(owner) as busy:
            await book_stranger(owner, world, stranger, TOMORROW + timedelta(hours=3))
        async with refused(owner) as free:
            await book_stranger(owner, world, stranger, FREE)
    assert busy.words == free.words


async def book_stranger(connection: Connection, world: World, stranger: str, at: Any) -> None:
    await connection.execute(
        f"insert into app.meetings ({COLUMNS}) values ($1, $2, 'g@guests.test', 'G', 'UTC', $3, $4) "
        "on conflict do nothing",
        world.acme.rows["events"][world.acme.member],
        stranger,
        at,
        at + timedelta(hours=1),
    )


async def test_a_host_is_not_booked_twice_across_their_organizations(database: Database, world: World) -> None:
    busy = TOMORROW + timedelta(hours=3)
    async with as_person(database, world.both, world.acme) as both:
        assert await book(both, world.acme, world.both, at=busy, clash="on conflict do nothing") is None
        async with refused(both, "23P01") as clash:
            await book(both, world.acme, world.both, at=busy)
    assert clash.error is not None
    assert clash.error.detail == "Key conflicts with existing key."


async def test_a_taken_slot_answers_no_row(database: Database, world: World) -> None:
    async with as_person(database, world.acme.member, world.acme) as member:
        assert await book(member, world.acme, world.acme.member, clash="on conflict do nothing") is not None
        assert await book(member, world.acme, world.acme.member, clash="on conflict do nothing") is None


async def test_a_booking_cannot_name_the_constraint(database: Database, world: World) -> None:
    """Its range is an expression, for which Postgres demands every column, Stripe's too: hence `on conflict` alone."""
    async with as_person(database, world.acme.member, world.acme) as member, refused(member):
        clash = "on conflict on constraint meetings_no_overlap do nothing"
        await book(member, world.acme, world.acme.member, clash=clash)


async def test_a_host_moves_and_cancels_their_own_meeting(database: Database, world: World) -> None:
    meeting = world.acme.rows["meetings"][world.acme.member]
    async with as_person(database, world.acme.member, world.acme) as member:
        moved = "update app.meetings set start_time = $2, end_time = $3 where id = $1 returning id"
        assert await member.fetchval(moved, meeting, FREE, FREE + timedelta(hours=1)) == meeting
        cancelled = """update app.meetings set status = 'cancelled', cancelled_at = now(), cancelled_by = 'host',
            cancellation_reason = 'ill' where id = $1 returning status"""
        assert await member.fetchval(cancelled, meeting) == "cancelled"
    assert await really(database, "select status from app.meetings where id = $1", meeting) == "cancelled"


@pytest.mark.parametrize("who", ["member", "billing", "receptionist"])
async def test_a_colleagues_meeting_is_not_changed(database: Database, world: World, who: str) -> None:
    meeting = world.acme.rows["meetings"][world.acme.colleague]
    async with as_person(database, getattr(world.acme, who), world.acme) as caller:
        assert await caller.execute("update app.meetings set status = 'no_show' where id = $1", meeting) == "UPDATE 0"
    assert await really(database, "select status from app.meetings where id = $1", meeting) == "confirmed"


async def test_an_owner_changes_no_meeting_of_another_organization(database: Database, world: World) -> None:
    meeting = world.globex.rows["meetings"][world.globex.member]
    async with as_person(database, world.acme.owner, world.acme) as owner:
        assert await owner.execute("update app.meetings set status = 'no_show' where id = $1", meeting) == "UPDATE 0"
        await owner.execute("update app.meetings set meeting_url = 'https://blind.test'")
    assert await really(database, "select meeting_url from app.meetings where id = $1", meeting) is None


async def test_what_a_meeting_is_about_is_never_updated(database: Database, world: World) -> None:
    fixed = ("org_id", "id", "workos_user_id", "event_id", "guest_email", "amount_cents", "created_at", *HIDDEN)
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for column in fixed:
            async with refused(owner):
                await owner.execute(f"update app.meetings set {column} = default")


async def test_what_a_meeting_is_given_by_itself_is_never_inserted(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner:
        for column in ("org_id", "id", "created_at", "stripe_payment_status", "guest_workos_user_id", *HIDDEN):
            async with refused(owner):
                await owner.execute(f"insert into app.meetings ({column}) values (null)")


async def test_no_meeting_is_deleted_by_anyone_who_serves_requests(database: Database, world: World) -> None:
    async with as_person(database, world.acme.owner, world.acme) as owner, refused(owner):
        await owner.execute("delete from app.meetings")
    assert await exists(database, world.acme.rows["meetings"][world.acme.owner])
