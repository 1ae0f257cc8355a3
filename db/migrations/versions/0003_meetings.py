"""What was booked and what came of it: meetings, clinical records, payment transfers.

Nothing here cascades: an event, a meeting or a person that is referenced cannot be deleted.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
create table app.meetings (
    org_id uuid not null default app.current_org_id(),
    id uuid not null default uuidv7(),
    event_id uuid not null,
    workos_user_id text not null,
    status text not null default 'confirmed',
    guest_email text not null,
    guest_email_lower text not null generated always as (lower(guest_email)) stored,
    guest_name text not null,
    guest_notes text,
    guest_timezone text not null,
    guest_workos_user_id text,
    guest_org_id uuid,
    start_time timestamptz not null,
    end_time timestamptz not null,
    meeting_url text,
    hold_expires_at timestamptz,
    cancelled_at timestamptz,
    cancelled_by text,
    cancellation_reason text,
    calendar_event_id text,
    calendar_claimed_at timestamptz,
    amount_cents bigint not null default 0,
    currency text not null default 'eur',
    platform_fee_cents bigint not null default 0,
    platform_fee_bps integer not null default 0,
    stripe_payment_intent_id text,
    stripe_session_id text,
    stripe_payment_status text not null default 'pending',
    stripe_application_fee_id text,
    stripe_refund_id text,
    stripe_metadata jsonb,
    stripe_transfer_id text,
    stripe_transfer_amount_cents bigint,
    stripe_transfer_status text not null default 'pending',
    stripe_transfer_scheduled_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint meetings_pkey primary key (org_id, id),
    constraint meetings_host_key unique (org_id, id, workos_user_id),
    constraint meetings_payment_intent_key unique (org_id, stripe_payment_intent_id),
    constraint meetings_session_key unique (org_id, stripe_session_id),
    constraint meetings_application_fee_key unique (org_id, stripe_application_fee_id),
    constraint meetings_refund_key unique (org_id, stripe_refund_id),
    constraint meetings_transfer_key unique (org_id, stripe_transfer_id),
    constraint meetings_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    -- The host is the event's host, and a member of this organization.
    constraint meetings_event_fkey foreign key (org_id, event_id, workos_user_id)
        references app.events (org_id, id, workos_user_id) on delete restrict,
    constraint meetings_host_fkey foreign key (org_id, workos_user_id)
        references app.user_org_memberships (org_id, workos_user_id) on delete restrict,
    constraint meetings_guest_fkey foreign key (guest_workos_user_id)
        references app.users (workos_user_id) on delete restrict,
    constraint meetings_guest_org_fkey foreign key (guest_org_id)
        references app.organizations (id) on delete restrict,
    constraint meetings_status_check check (status in
        ('held', 'pending_payment', 'confirmed', 'completed', 'cancelled', 'no_show', 'expired', 'conflict')),
    constraint meetings_time_check check (start_time < end_time and end_time <= start_time + interval '12 hours'),
    constraint meetings_hold_check check ((status = 'held') <= (hold_expires_at is not null)),
    constraint meetings_cancelled_check check ((status = 'cancelled') = (cancelled_at is not null)),
    constraint meetings_guest_name_check check (char_length(guest_name) between 1 and 200),
    constraint meetings_guest_email_check check (char_length(guest_email) between 3 and 320),
    constraint meetings_guest_notes_check check (char_length(guest_notes) <= 5000),
    constraint meetings_reason_check check (char_length(cancellation_reason) <= 1000),
    constraint meetings_money_check check (amount_cents >= 0 and platform_fee_cents between 0 and amount_cents),
    constraint meetings_currency_check check (currency ~ '^[a-z]{3}$'),
    constraint meetings_payment_status_check check (stripe_payment_status in
        ('pending', 'processing', 'succeeded', 'failed', 'refunded')),
    constraint meetings_transfer_status_check check (stripe_transfer_status in
        ('pending', 'processing', 'succeeded', 'failed')),
    -- A host is never booked twice, across organizations too: org_id is left out on purpose.
    constraint meetings_no_overlap exclude using gist (
        workos_user_id extensions.gist_text_ops with =,
        tstzrange(start_time, end_time) with &&)
        where (status in ('held', 'pending_payment', 'confirmed'))
)""")
    op.execute("comment on table app.meetings is 'One booking of an event by a guest. Never deleted.'")
    op.execute("""comment on column app.meetings.guest_notes is
'Health data: what the guest told the host. Every read is audited.'""")
    op.execute("create index meetings_start_idx on app.meetings (org_id, start_time desc, id desc)")
    op.execute("create index meetings_host_idx on app.meetings (org_id, workos_user_id, start_time desc, id desc)")
    op.execute("create index meetings_event_idx on app.meetings (org_id, event_id, start_time desc, id desc)")
    op.execute("create index meetings_guest_idx on app.meetings (org_id, guest_email_lower, start_time desc, id desc)")
    op.execute("""
create index meetings_guest_user_idx on app.meetings (guest_workos_user_id) where guest_workos_user_id is not null""")
    op.execute("create index meetings_guest_org_idx on app.meetings (guest_org_id) where guest_org_id is not null")

    op.execute("""
create table app.records (
    org_id uuid not null default app.current_org_id(),
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    expert_id text not null,
    guest_email text not null,
    encrypted_content bytea not null,
    encrypted_metadata bytea,
    key_id text not null,
    content_sha256 bytea not null,
    version integer not null default 1,
    last_modified_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    deleted_at timestamptz,
    constraint records_pkey primary key (org_id, id),
    constraint records_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    -- The author is the meeting's host.
    constraint records_meeting_fkey foreign key (org_id, meeting_id, expert_id)
        references app.meetings (org_id, id, workos_user_id) on delete restrict,
    constraint records_version_check check (version >= 1)
)""")
    op.execute("comment on table app.records is 'Clinical notes of a meeting, encrypted. Health data.'")
    op.execute("create index records_meeting_idx on app.records (org_id, meeting_id, created_at desc, id desc)")
    op.execute("create index records_expert_idx on app.records (org_id, expert_id, created_at desc, id desc)")
    op.execute("create index records_created_idx on app.records (org_id, created_at desc, id desc)")

    op.execute("""
create table app.payment_transfers (
    org_id uuid not null,
    id uuid not null default uuidv7(),
    legacy_source text,
    legacy_id integer,
    meeting_id uuid,
    event_id uuid not null,
    expert_workos_user_id text not null,
    expert_connect_account_id text not null,
    payment_intent_id text not null,
    checkout_session_id text,
    amount_cents bigint not null,
    currency text not null default 'eur',
    platform_fee_cents bigint not null,
    session_start_time timestamptz not null,
    scheduled_transfer_time timestamptz not null,
    status text not null default 'PENDING',
    transfer_id text,
    payout_id text,
    stripe_error_code text,
    stripe_error_message text,
    retry_count integer not null default 0,
    requires_approval boolean not null default false,
    admin_user_id text,
    admin_notes text,
    notified_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint payment_transfers_pkey primary key (org_id, id),
    constraint payment_transfers_intent_key unique (org_id, payment_intent_id),
    constraint payment_transfers_session_key unique (org_id, checkout_session_id),
    constraint payment_transfers_legacy_key unique (org_id, legacy_source, legacy_id),
    constraint payment_transfers_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    constraint payment_transfers_expert_fkey foreign key (org_id, expert_workos_user_id)
        references app.user_org_memberships (org_id, workos_user_id) on delete restrict,
    constraint payment_transfers_event_fkey foreign key (org_id, event_id)
        references app.events (org_id, id) on delete restrict,
    constraint payment_transfers_meeting_fkey foreign key (org_id, meeting_id)
        references app.meetings (org_id, id) on delete restrict,
    constraint payment_transfers_money_check
        check (amount_cents >= 0 and platform_fee_cents between 0 and amount_cents),
    constraint payment_transfers_currency_check check (currency ~ '^[a-z]{3}$'),
    constraint payment_transfers_status_check check (status in
        ('PENDING', 'APPROVED', 'READY', 'COMPLETED', 'FAILED', 'REFUNDED', 'DISPUTED', 'PAID_OUT')),
    constraint payment_transfers_retry_check check (retry_count >= 0)
)""")
    op.execute(
        "comment on table app.payment_transfers is 'Money owed to a host for a meeting. Written by the worker only.'"
    )
    op.execute("""
create index payment_transfers_scheduled_idx
on app.payment_transfers (org_id, scheduled_transfer_time desc, id desc)""")
    op.execute("""
create index payment_transfers_expert_idx
on app.payment_transfers (org_id, expert_workos_user_id, scheduled_transfer_time desc, id desc)""")
    op.execute("create index payment_transfers_event_idx on app.payment_transfers (org_id, event_id)")
    op.execute("create index payment_transfers_meeting_idx on app.payment_transfers (org_id, meeting_id)")
    op.execute("""
create trigger t20_time before update of start_time, end_time on app.meetings
for each row execute function app.guard_meeting_time()""")
    op.execute("""
create trigger t20_status before update of status on app.payment_transfers
for each row execute function app.guard_transfer_status()""")
    for table in ("meetings", "payment_transfers"):
        op.execute(f"""
create trigger t10_touch before update on app.{table} for each row execute function app.touch_updated_at()""")


def downgrade() -> None:
    for table in ("payment_transfers", "records", "meetings"):
        op.execute(f"drop table app.{table}")
