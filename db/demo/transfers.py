"""What became of the money of a demo meeting: mostly paid out, now and then not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from db.demo.calendar import Meeting

FEE_BPS = 1500  # the platform's share, in hundredths of a percent
HELD_BACK = timedelta(hours=24)  # after the session, in case somebody complains
PAID_OUT_AFTER = timedelta(days=14)


def transfer(meeting: Meeting, now: datetime) -> dict[str, Any]:
    """The columns that say how much is owed, since when, and how far it got."""
    due = meeting.end + HELD_BACK
    cents = meeting.service.cents
    status = _status(meeting, due, now)
    stuck = status == "FAILED"
    return {
        "expert_connect_account_id": f"acct_demo_{meeting.person.username}",
        "payment_intent_id": f"pi_demo_{meeting.number}",
        "checkout_session_id": f"cs_demo_{meeting.number}",
        "amount_cents": cents,
        "platform_fee_cents": cents * FEE_BPS // 10_000,
        "session_start_time": meeting.start,
        "scheduled_transfer_time": due,
        "status": status,
        "transfer_id": f"tr_demo_{meeting.number}" if status in ("COMPLETED", "PAID_OUT", "DISPUTED") else None,
        "stripe_error_code": "account_closed" if stuck else None,
        "stripe_error_message": "The bank account has been closed." if stuck else None,
        "retry_count": 3 if stuck else 0,
        "requires_approval": meeting.number % 10 == 1,
    }


def _status(meeting: Meeting, due: datetime, now: datetime) -> str:
    if meeting.status == "cancelled":
        return "REFUNDED"
    if due > now:
        return "APPROVED" if meeting.number % 10 == 1 else "PENDING"
    if meeting.number % 41 == 0:
        return "FAILED"
    if meeting.number % 53 == 0:
        return "DISPUTED"
    return "PAID_OUT" if now - due > PAID_OUT_AFTER else "COMPLETED"
