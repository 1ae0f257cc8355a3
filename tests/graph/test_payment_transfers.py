"""Payment transfers: who sees which, how they are filtered and ordered. Nobody changes one here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.ids import global_id
from tests.graph.asking import Acting, World
from tests.graph.lists import every_filter, every_order
from tests.make import TOMORROW, unique

EVERYONES = ("owner", "admin", "billing")
OWN = ("member", "colleague", "both", "receptionist", "restricted")


@pytest.mark.parametrize("part", [*EVERYONES, *OWN])
async def test_each_part_in_the_organization_sees_what_it_may(world: World, part: str) -> None:
    everyones = {global_id("PaymentTransfer", one) for one in world.acme.rows.rows["payment_transfers"].values()}
    own = {world.acme.id_of("PaymentTransfer", "payment_transfers", part)}
    seen = everyones if part in EVERYONES else own
    asker = world.acme.askers[part]

    assert set(await asker.listed("paymentTransfers")) == seen
    counted = await asker.ask("{ paymentTransfers(first: 1) { totalCount } }")
    assert counted == {"paymentTransfers": {"totalCount": len(seen)}}
    assert len(await world.acme.owner.listed("paymentTransfers")) == len(everyones)


async def test_the_host_reads_what_is_owed_and_for_what(acme: Acting) -> None:
    fields = """amountCents platformFeeCents currency status requiresApproval sessionStartTime scheduledTransferTime
        meeting { id } event { id } expert { id } organization { id }"""

    [transfer] = await acme.member.listed("paymentTransfers", fields)

    at = f"{TOMORROW:%Y-%m-%dT%H:%M:%S}.000Z"
    assert transfer == {
        "amountCents": 7_000,
        "platformFeeCents": 700,
        "currency": "eur",
        "status": "PENDING",
        "requiresApproval": False,
        "sessionStartTime": at,
        "scheduledTransferTime": at,
        "meeting": {"id": acme.id_of("Meeting", "meetings")},
        "event": {"id": acme.id_of("Event", "events")},
        "expert": {"id": await acme.user_id_of("member")},
        "organization": {"id": acme.id},
    }


async def test_who_sees_the_payment_but_not_the_meeting_reads_null_for_it(acme: Acting) -> None:
    transfers = await acme.billing.listed("paymentTransfers", "meeting { id } expert { id } event { id }")
    seen = {node["expert"]["id"]: node["meeting"] for node in transfers}

    own = {await acme.user_id_of("billing"): {"id": acme.id_of("Meeting", "meetings", "billing")}}
    assert {expert: meeting for expert, meeting in seen.items() if meeting is not None} == own
    assert len(seen) == len(acme.rows.rows["payment_transfers"])


async def a_transfer(acme: Acting, whose: str = "member", hours: int = 1, **values: Any) -> str:
    """One more transfer, due so many hours after TOMORROW; its global id."""
    made = await acme.add(
        "payment_transfers",
        expert_workos_user_id=acme.askers[whose].user_id,
        **{
            "event_id": acme.row("events", whose),
            "expert_connect_account_id": "acct_1",
            "payment_intent_id": f"pi_{unique()}",
            "amount_cents": 5_000,
            "platform_fee_cents": 500,
            "session_start_time": TOMORROW,
            "scheduled_transfer_time": TOMORROW + timedelta(hours=hours),
            **values,
        },
    )
    return global_id("PaymentTransfer", made)


async def test_every_filter_alone_and_all_of_them_together(acme: Acting) -> None:
    second = await acme.add(
        "events", workos_user_id=acme.member.user_id, name="Second", slug=unique(), duration_in_minutes=30
    )
    rows = {
        "match": await a_transfer(acme, hours=3),
        "disputed": await a_transfer(acme, hours=3, status="DISPUTED"),
        "other expert": await a_transfer(acme, "colleague", hours=3),
        "other event": await a_transfer(acme, hours=3, event_id=second),
        "too early": await a_transfer(acme, hours=1),
        "too late": await a_transfer(acme, hours=5),
    }
    await every_filter(
        acme.owner,
        "paymentTransfers",
        {
            "status": ["PENDING", "READY"],
            "expertId": await acme.user_id_of("member"),
            "eventId": acme.id_of("Event", "events"),
            "scheduledFrom": (TOMORROW + timedelta(hours=2)).isoformat(),
            "scheduledBefore": (TOMORROW + timedelta(hours=5)).isoformat(),
        },
        rows,
        {
            "status": {"disputed"},
            "expertId": {"other expert"},
            "eventId": {"other event", "other expert"},
            "scheduledFrom": {"too early"},
            "scheduledBefore": {"too late"},
        },
    )


async def test_every_order(acme: Acting) -> None:
    for hours, cents, status in ((3, 300, "READY"), (1, 500, "FAILED"), (2, 400, "COMPLETED")):
        session = TOMORROW - timedelta(hours=hours)
        await a_transfer(
            acme, hours=hours, amount_cents=cents, platform_fee_cents=0, status=status, session_start_time=session
        )
    await every_order(
        acme.owner,
        "paymentTransfers",
        {
            "SCHEDULED_DESC": "scheduledTransferTime",
            "SCHEDULED_ASC": "scheduledTransferTime",
            "SESSION_DESC": "sessionStartTime",
            "AMOUNT_DESC": "amountCents",
            "CREATED_AT_DESC": "createdAt",
            "STATUS_ASC": "status",
        },
        default="SCHEDULED_DESC",
    )
