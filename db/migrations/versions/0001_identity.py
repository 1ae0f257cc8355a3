"""Who there is: organizations, users, memberships, API keys. All four mirror WorkOS, which is their source.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
create table app.organizations (
    id uuid not null default uuidv7(),
    workos_org_id text not null,
    external_id text,
    slug text not null,
    name text not null,
    type text not null default 'clinic',
    timezone text not null default 'UTC',
    metadata jsonb not null default '{}',
    billing_email text,
    subscription_tier text,
    subscription_status text,
    stripe_subscription_id text,
    workos_updated_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    constraint organizations_pkey primary key (id),
    constraint organizations_workos_org_id_key unique (workos_org_id),
    constraint organizations_external_id_key unique (external_id),
    constraint organizations_slug_key unique (slug),
    constraint organizations_workos_org_id_check check (workos_org_id ~ '^org_[A-Za-z0-9_]{1,60}$'),
    constraint organizations_slug_check check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 100),
    constraint organizations_name_check check (char_length(name) between 1 and 200),
    constraint organizations_type_check
        check (type in ('patient_personal', 'expert_individual', 'clinic', 'educational_institution', 'platform')),
    constraint organizations_tier_check check (subscription_tier in
        ('free', 'professional', 'clinic_starter', 'clinic_growth', 'enterprise'))
)""")
    op.execute(
        "comment on table app.organizations is 'A clinic, a practice or one person: who owns what is scheduled.'"
    )
    op.execute("create index organizations_name_idx on app.organizations (name, id)")
    # What has no organization (a sign-in, a refused stranger) is audited under this one, which no tenant sees.
    op.execute("""
insert into app.organizations (id, workos_org_id, slug, name, type)
values ('00000000-0000-7000-8000-000000000000', 'org_platform', 'platform', 'Platform', 'platform')""")

    op.execute("""
create table app.users (
    id uuid not null default uuidv7(),
    workos_user_id text not null,
    email text not null,
    email_lower text not null generated always as (lower(email)) stored,
    first_name text,
    last_name text,
    image_url text,
    username text,
    username_lower text generated always as (lower(username)) stored,
    platform_role text not null default 'user',
    country text not null default 'PT',
    locale text not null default 'en',
    stripe_customer_id text,
    stripe_connect_account_id text,
    stripe_connect_details_submitted boolean not null default false,
    stripe_connect_charges_enabled boolean not null default false,
    stripe_connect_payouts_enabled boolean not null default false,
    stripe_connect_onboarding_complete boolean not null default false,
    stripe_bank_account_last4 text,
    stripe_bank_name text,
    stripe_identity_verification_id text,
    stripe_identity_verified boolean not null default false,
    stripe_identity_verification_status text,
    stripe_identity_verification_last_checked timestamptz,
    welcome_email_sent_at timestamptz,
    onboarding_completed_at timestamptz,
    workos_updated_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    constraint users_pkey primary key (id),
    constraint users_workos_user_id_key unique (workos_user_id),
    constraint users_stripe_customer_id_key unique (stripe_customer_id),
    constraint users_stripe_connect_account_id_key unique (stripe_connect_account_id),
    constraint users_workos_user_id_check check (workos_user_id ~ '^user_[A-Za-z0-9_]{1,60}$'),
    constraint users_email_check check (char_length(email) between 3 and 320),
    constraint users_username_check check (username ~ '^[A-Za-z0-9._-]{1,64}$'),
    constraint users_platform_role_check check (platform_role in ('user', 'expert', 'admin', 'superadmin')),
    constraint users_country_check check (country ~ '^[A-Z]{2}$')
)""")
    op.execute(
        "comment on table app.users is 'A person, mirrored from WorkOS. Global: seen by oneself and one''s colleagues.'"
    )
    op.execute("create unique index users_email_key on app.users (email_lower) where deleted_at is null")
    op.execute("create unique index users_username_key on app.users (username_lower) where deleted_at is null")

    op.execute("""
create table app.user_org_memberships (
    org_id uuid not null,
    id uuid not null default uuidv7(),
    workos_user_id text not null,
    workos_org_membership_id text,
    role text not null,
    permissions text[],
    status text not null,
    joined_at timestamptz not null default now(),
    invited_at timestamptz,
    invited_by text,
    workos_updated_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint user_org_memberships_pkey primary key (org_id, id),
    constraint user_org_memberships_person_key unique (org_id, workos_user_id),
    constraint user_org_memberships_workos_key unique (org_id, workos_org_membership_id),
    constraint user_org_memberships_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    constraint user_org_memberships_user_fkey foreign key (workos_user_id)
        references app.users (workos_user_id) on delete restrict,
    constraint user_org_memberships_role_check check (role in ('owner', 'admin', 'member', 'billing_admin')),
    constraint user_org_memberships_status_check check (status in ('active', 'pending', 'inactive', 'suspended'))
)""")
    op.execute("""comment on column app.user_org_memberships.permissions is
'What WorkOS granted this person here; null means the defaults of the role (app.default_permissions).'""")
    # The path of every policy: who is this person here, from the index alone.
    op.execute("""
create index user_org_memberships_scope_idx on app.user_org_memberships (workos_user_id, status)
include (org_id, role)""")
    op.execute("create index user_org_memberships_joined_idx on app.user_org_memberships (org_id, joined_at, id)")

    op.execute("""
create table app.api_keys (
    org_id uuid not null,
    id uuid not null default uuidv7(),
    workos_api_key_id text not null,
    name text not null,
    permissions text[] not null default '{}',
    status text not null,
    workos_updated_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint api_keys_pkey primary key (org_id, id),
    constraint api_keys_workos_key unique (org_id, workos_api_key_id),
    constraint api_keys_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    constraint api_keys_status_check check (status in ('active', 'revoked')),
    constraint api_keys_workos_check check (workos_api_key_id ~ '^[A-Za-z0-9_]{1,64}$')
)""")
    op.execute(
        "comment on table app.api_keys is 'A partner''s key, mirrored from WorkOS: its active row opens the scope.'"
    )
    for table in ("organizations", "users", "user_org_memberships", "api_keys"):
        op.execute(f"""
create trigger t10_touch before update on app.{table} for each row execute function app.touch_updated_at()""")


def downgrade() -> None:
    for table in ("api_keys", "user_org_memberships", "users", "organizations"):
        op.execute(f"drop table app.{table}")
