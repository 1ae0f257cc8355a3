"""Every mapped row, imported so that relations can be named before their class is read."""

from __future__ import annotations

from db.tables.audit_logs import AuditLogRow
from db.tables.categories import CategoryRow
from db.tables.events import EventRow
from db.tables.idempotency_keys import IdempotencyKeyRow
from db.tables.meetings import MeetingRow
from db.tables.organizations import OrganizationRow
from db.tables.payment_transfers import PaymentTransferRow
from db.tables.profiles import ProfileRow
from db.tables.records import RecordRow
from db.tables.schedule_availabilities import AvailabilityRow
from db.tables.schedules import ScheduleRow
from db.tables.scheduling_settings import SchedulingSettingsRow
from db.tables.user_org_memberships import MembershipRow
from db.tables.users import UserRow

__all__ = [
    "AuditLogRow",
    "AvailabilityRow",
    "CategoryRow",
    "EventRow",
    "IdempotencyKeyRow",
    "MeetingRow",
    "MembershipRow",
    "OrganizationRow",
    "PaymentTransferRow",
    "ProfileRow",
    "RecordRow",
    "ScheduleRow",
    "SchedulingSettingsRow",
    "UserRow",
]
