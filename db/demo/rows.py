"""The rows that one demo meeting leaves, and how a demo row gets its id."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from db.demo.calendar import Meeting
from db.demo.people import Membership, Person
from db.demo.transfers import FEE_BPS

KEY = "demo"  # names no real key: nothing decrypts the demo's notes


def demo_id(*names: object) -> UUID:
    """The same row has the same id in every demo, so that a link into one opens in the next."""
    return uuid5(NAMESPACE_URL, ":".join(("orgraph:demo", *map(str, names))))


def key_of(meeting: Meeting, kind: str) -> dict[str, UUID]:
    return {"org_id": demo_id(meeting.membership.organization), "id": demo_id(kind, meeting.number)}


def host_of(person: Person, place: Membership) -> dict[str, Any]:
    return {"org_id": demo_id(place.organization), "workos_user_id": person.workos_user_id}


def event_of(meeting: Meeting) -> UUID:
    return demo_id(meeting.person.email, meeting.membership.organization, meeting.service.slug)


def booking(meeting: Meeting, now: datetime) -> dict[str, Any]:
    name, email, timezone = meeting.guest
    booked_at = min(meeting.start - timedelta(days=3 + meeting.number % 18), now - timedelta(hours=meeting.number % 40))
    cents = meeting.service.cents
    refunded = meeting.status == "cancelled" and meeting.paid
    return {
        **key_of(meeting, "meeting"),
        "event_id": event_of(meeting),
        "workos_user_id": meeting.person.workos_user_id,
        "status": meeting.status,
        "guest_name": name,
        "guest_email": email,
        "guest_timezone": timezone,
        "guest_notes": meeting.notes,
        "start_time": meeting.start,
        "end_time": meeting.end,
        "meeting_url": f"https://meet.example.com/demo-{meeting.number}" if meeting.number % 2 else None,
        "cancelled_at": max(booked_at, min(meeting.start, now) - timedelta(hours=20)) if meeting.reason else None,
        "cancelled_by": meeting.person.workos_user_id if meeting.reason else None,
        "cancellation_reason": meeting.reason,
        "amount_cents": cents,
        "platform_fee_bps": FEE_BPS,
        "platform_fee_cents": cents * FEE_BPS // 10_000,
        "stripe_payment_intent_id": f"pi_demo_{meeting.number}" if meeting.paid else None,
        "stripe_payment_status": "refunded" if refunded else "succeeded" if meeting.paid else "pending",
        "created_at": booked_at,
    }


def note(meeting: Meeting) -> dict[str, Any]:
    sealed = secrets.token_bytes(200 + meeting.number % 300)
    return {
        **key_of(meeting, "record"),
        "meeting_id": demo_id("meeting", meeting.number),
        "expert_id": meeting.person.workos_user_id,
        "guest_email": meeting.guest[1],
        "encrypted_content": sealed,
        "key_id": KEY,
        "content_sha256": hashlib.sha256(sealed).digest(),
        "created_at": meeting.end,
        "last_modified_at": meeting.end,
    }
