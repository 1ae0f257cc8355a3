"""What happened: audit logs by month, their exports, their daily counts; and the keys of retried mutations.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Months are made by app.ensure_audit_partitions(), called at every migration; the default one
    # keeps a forgotten month from failing every mutation.
    op.execute("""
create table app.audit_logs (
    org_id uuid not null,
    id uuid not null default uuidv7(),
    target_org_id uuid,
    actor_type text not null,
    actor_id text,
    impersonator_id text,
    action text not null,
    resource_type text not null,
    resource_id text,
    outcome text not null default 'success',
    old_values jsonb,
    new_values jsonb,
    metadata jsonb not null default '{}',
    ip inet,
    user_agent text,
    request_id uuid,
    operation_name text,
    document_id text,
    org_seq bigint,
    prev_hash bytea,
    row_hash bytea,
    created_at timestamptz not null default clock_timestamp(),
    constraint audit_logs_pkey primary key (org_id, id, created_at),
    constraint audit_logs_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    constraint audit_logs_actor_type_check check (actor_type in ('user', 'api_key', 'guest', 'system')),
    constraint audit_logs_outcome_check check (outcome in ('success', 'denied', 'failed')),
    constraint audit_logs_action_check check (action ~ '^[A-Z]+(_[A-Z]+)+$'),
    constraint audit_logs_resource_type_check check (resource_type in (
        'medical_record', 'appointment', 'payment', 'prescription', 'health_data', 'lab_result', 'profile',
        'organization', 'user', 'subscription', 'security', 'compliance', 'event', 'schedule', 'calendar',
        'api_key', 'transfer', 'session', 'operation'))
) partition by range (created_at)""")
    op.execute("comment on table app.audit_logs is 'Who did what to what, when, from where. Append-only.'")
    op.execute("create index audit_logs_created_idx on app.audit_logs (org_id, created_at desc, id desc)")
    op.execute("""
create index audit_logs_resource_idx
on app.audit_logs (org_id, resource_type, resource_id, created_at desc, id desc)""")
    op.execute("create index audit_logs_actor_idx on app.audit_logs (org_id, actor_id, created_at desc, id desc)")
    op.execute("""
create trigger t00_append_only before update or delete on app.audit_logs
for each row execute function app.refuse_audit_change()""")
    op.execute("alter table app.audit_logs enable always trigger t00_append_only")
    op.execute("""
create trigger t00_no_truncate before truncate on app.audit_logs
for each statement execute function app.refuse_audit_change()""")
    op.execute("alter table app.audit_logs enable always trigger t00_no_truncate")
    op.execute("create table app.audit_logs_default partition of app.audit_logs default")

    op.execute("""
create table app.audit_log_exports (
    org_id uuid not null default app.current_org_id(),
    id uuid not null default uuidv7(),
    workos_user_id text not null,
    start_date timestamptz not null,
    end_date timestamptz not null,
    actions text[] not null default '{}',
    resource_types text[] not null default '{}',
    reason text not null,
    format text not null default 'ndjson',
    status text not null default 'pending',
    record_count bigint,
    file_size bigint,
    sha256 bytea,
    storage_key text,
    expires_at timestamptz,
    created_at timestamptz not null default now(),
    constraint audit_log_exports_pkey primary key (org_id, id),
    constraint audit_log_exports_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    constraint audit_log_exports_person_fkey foreign key (org_id, workos_user_id)
        references app.user_org_memberships (org_id, workos_user_id) on delete restrict,
    constraint audit_log_exports_span_check
        check (start_date < end_date and end_date <= start_date + interval '400 days'),
    constraint audit_log_exports_format_check check (format in ('json', 'csv', 'ndjson', 'parquet')),
    constraint audit_log_exports_status_check check (status in ('pending', 'running', 'ready', 'failed', 'expired')),
    constraint audit_log_exports_reason_check check (char_length(reason) between 1 and 1000)
)""")
    op.execute("comment on table app.audit_log_exports is 'Who took the audit trail out, why, and what came out.'")
    op.execute("create index audit_log_exports_created_idx on app.audit_log_exports (org_id, created_at desc, id desc)")
    op.execute("create index audit_log_exports_person_idx on app.audit_log_exports (org_id, workos_user_id)")

    op.execute("""
create table app.audit_stats (
    org_id uuid not null,
    id uuid not null default uuidv7(),
    date date not null,
    medical_record_access integer not null default 0,
    appointment_events integer not null default 0,
    payment_events integer not null default 0,
    security_events integer not null default 0,
    after_hours_access integer not null default 0,
    mass_exports integer not null default 0,
    suspicious_activity boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint audit_stats_pkey primary key (org_id, id),
    constraint audit_stats_day_key unique (org_id, date),
    constraint audit_stats_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    constraint audit_stats_counts_check check (
        least(medical_record_access, appointment_events, payment_events, security_events,
              after_hours_access, mass_exports) >= 0)
)""")
    op.execute(
        "comment on table app.audit_stats is 'Counts of the audit trail per day of the organization''s time zone.'"
    )

    op.execute("""
create table app.idempotency_keys (
    org_id uuid not null default app.current_org_id(),
    actor_id text not null default app.current_actor_id(),
    mutation text not null,
    key text not null,
    request_hash bytea not null,
    result jsonb,
    created_at timestamptz not null default now(),
    constraint idempotency_keys_pkey primary key (org_id, actor_id, mutation, key),
    constraint idempotency_keys_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    constraint idempotency_keys_key_check check (key ~ '^[ -~]{8,255}$')
)""")
    op.execute("""comment on table app.idempotency_keys is
'The outcome of a mutation that carried a key: what it answered, by type and id, never its contents. Kept 48 hours.'""")
    op.execute("create index idempotency_keys_created_idx on app.idempotency_keys (created_at)")
    op.execute("""
create trigger t10_touch before update on app.audit_stats for each row execute function app.touch_updated_at()""")


def downgrade() -> None:
    for table in ("idempotency_keys", "audit_stats", "audit_log_exports", "audit_logs"):
        op.execute(f"drop table app.{table}")
