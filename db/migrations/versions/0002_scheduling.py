"""What can be booked, by whom and when: categories, events, schedules, settings, profiles.

A host is a member: each of these points at a membership of its own organization, so nobody can be
made bookable where they do not belong.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
create table app.categories (
    id uuid not null default uuidv7(),
    parent_id uuid,
    slug text not null,
    name text not null,
    description text,
    image text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint categories_pkey primary key (id),
    constraint categories_slug_key unique (slug),
    constraint categories_name_key unique (name),
    constraint categories_parent_fkey foreign key (parent_id) references app.categories (id) on delete restrict,
    constraint categories_parent_check check (parent_id <> id),
    constraint categories_name_check check (char_length(name) between 1 and 100)
)""")
    op.execute("comment on table app.categories is 'Fields of practice, the same for everyone.'")
    op.execute("create index categories_parent_idx on app.categories (parent_id)")

    op.execute("""
create table app.events (
    org_id uuid not null default app.current_org_id(),
    id uuid not null default uuidv7(),
    workos_user_id text not null,
    name text not null,
    slug text not null,
    description text,
    duration_in_minutes integer not null,
    is_active boolean not null default true,
    position integer not null default 0,
    price_cents bigint not null default 0,
    currency text not null default 'eur',
    stripe_product_id text,
    stripe_price_id text,
    archived_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint events_pkey primary key (org_id, id),
    -- A meeting's host is its event's host: meetings reference this key.
    constraint events_host_key unique (org_id, id, workos_user_id),
    constraint events_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    constraint events_host_fkey foreign key (org_id, workos_user_id)
        references app.user_org_memberships (org_id, workos_user_id) on delete restrict,
    constraint events_name_check check (char_length(name) between 1 and 200),
    constraint events_slug_check check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 100),
    constraint events_description_check check (char_length(description) <= 5000),
    constraint events_duration_check check (duration_in_minutes between 1 and 720),
    constraint events_price_check check (price_cents between 0 and 100000000),
    constraint events_currency_check check (currency in ('eur')),
    constraint events_archived_check check (archived_at is null or not is_active)
)""")
    op.execute("comment on table app.events is 'A bookable service of one host.'")
    # A public address is /{username}/{slug}: one per host, whatever the organization.
    op.execute("create unique index events_public_key on app.events (workos_user_id, slug) where archived_at is null")
    op.execute("create index events_position_idx on app.events (org_id, position, id)")
    op.execute("create index events_host_idx on app.events (org_id, workos_user_id, position, id)")

    op.execute("""
create table app.schedules (
    org_id uuid not null default app.current_org_id(),
    id uuid not null default uuidv7(),
    workos_user_id text not null,
    timezone text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint schedules_pkey primary key (org_id, id),
    constraint schedules_person_key unique (org_id, workos_user_id),
    constraint schedules_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    constraint schedules_host_fkey foreign key (org_id, workos_user_id)
        references app.user_org_memberships (org_id, workos_user_id) on delete restrict,
    constraint schedules_timezone_check check (char_length(timezone) between 1 and 64)
)""")
    op.execute("comment on table app.schedules is 'The working hours of one host in one organization.'")

    op.execute("""
create table app.schedule_availabilities (
    org_id uuid not null default app.current_org_id(),
    id uuid not null default uuidv7(),
    schedule_id uuid not null,
    day_of_week text not null,
    start_minute smallint not null,
    end_minute smallint not null,
    constraint schedule_availabilities_pkey primary key (org_id, id),
    constraint schedule_availabilities_schedule_fkey foreign key (org_id, schedule_id)
        references app.schedules (org_id, id) on delete cascade,
    constraint schedule_availabilities_day_check check (day_of_week in
        ('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday')),
    constraint schedule_availabilities_minutes_check
        check (start_minute >= 0 and end_minute <= 1440 and start_minute < end_minute),
    -- Two windows of a day may touch and never overlap.
    constraint schedule_availabilities_no_overlap exclude using gist (
        org_id extensions.gist_uuid_ops with =,
        schedule_id extensions.gist_uuid_ops with =,
        day_of_week extensions.gist_text_ops with =,
        int4range(start_minute, end_minute) with &&)
)""")
    op.execute("""comment on column app.schedule_availabilities.start_minute is
'Minutes after local midnight of the schedule''s time zone, 0 to 1440.'""")
    op.execute("""
create index schedule_availabilities_schedule_idx
on app.schedule_availabilities (org_id, schedule_id, day_of_week, start_minute)""")

    op.execute("""
create table app.scheduling_settings (
    org_id uuid not null default app.current_org_id(),
    id uuid not null default uuidv7(),
    workos_user_id text not null,
    before_event_buffer integer not null default 10,
    after_event_buffer integer not null default 0,
    minimum_notice integer not null default 1440,
    time_slot_interval integer not null default 30,
    booking_window_days integer not null default 60,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint scheduling_settings_pkey primary key (org_id, id),
    constraint scheduling_settings_person_key unique (org_id, workos_user_id),
    constraint scheduling_settings_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    constraint scheduling_settings_host_fkey foreign key (org_id, workos_user_id)
        references app.user_org_memberships (org_id, workos_user_id) on delete restrict,
    constraint scheduling_settings_buffers_check
        check (before_event_buffer between 0 and 120 and after_event_buffer between 0 and 120),
    constraint scheduling_settings_notice_check
        check (minimum_notice in (60, 180, 360, 720, 1440, 2880, 4320, 7200, 10080, 20160)),
    constraint scheduling_settings_interval_check
        check (time_slot_interval between 5 and 120 and time_slot_interval % 5 = 0),
    constraint scheduling_settings_window_check check (booking_window_days between 7 and 365)
)""")
    op.execute(
        "comment on table app.scheduling_settings is 'How a host wants to be booked: buffers, notice, grid, window.'"
    )

    op.execute("""
create table app.profiles (
    org_id uuid not null default app.current_org_id(),
    id uuid not null default uuidv7(),
    workos_user_id text not null,
    profile_picture text,
    first_name text not null,
    last_name text not null,
    headline text,
    short_bio text,
    long_bio text,
    primary_category_id uuid,
    secondary_category_id uuid,
    social_links jsonb not null default '[]',
    is_verified boolean not null default false,
    is_top_expert boolean not null default false,
    published boolean not null default false,
    published_at timestamptz,
    practitioner_agreement_accepted_at timestamptz,
    practitioner_agreement_version text,
    practitioner_agreement_ip_address inet,
    practitioner_agreement_metadata jsonb,
    position integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint profiles_pkey primary key (org_id, id),
    constraint profiles_person_key unique (org_id, workos_user_id),
    constraint profiles_org_fkey foreign key (org_id) references app.organizations (id) on delete restrict,
    constraint profiles_host_fkey foreign key (org_id, workos_user_id)
        references app.user_org_memberships (org_id, workos_user_id) on delete restrict,
    constraint profiles_primary_category_fkey foreign key (primary_category_id)
        references app.categories (id) on delete restrict,
    constraint profiles_secondary_category_fkey foreign key (secondary_category_id)
        references app.categories (id) on delete restrict,
    constraint profiles_names_check
        check (char_length(first_name) between 1 and 100 and char_length(last_name) between 1 and 100),
    constraint profiles_headline_check check (char_length(headline) between 2 and 200),
    constraint profiles_short_bio_check check (char_length(short_bio) <= 160),
    constraint profiles_long_bio_check check (char_length(long_bio) <= 2000),
    constraint profiles_social_links_check check (jsonb_typeof(social_links) = 'array'),
    constraint profiles_published_check check (not published or practitioner_agreement_accepted_at is not null)
)""")
    op.execute("comment on table app.profiles is 'How a host presents themselves in one organization.'")
    op.execute("create index profiles_position_idx on app.profiles (org_id, position, id)")
    op.execute("create index profiles_primary_category_idx on app.profiles (primary_category_id)")
    op.execute("create index profiles_secondary_category_idx on app.profiles (secondary_category_id)")
    for table in ("categories", "events", "schedules", "scheduling_settings", "profiles"):
        op.execute(f"""
create trigger t10_touch before update on app.{table} for each row execute function app.touch_updated_at()""")


def downgrade() -> None:
    for table in ("profiles", "scheduling_settings", "schedule_availabilities", "schedules", "events", "categories"):
        op.execute(f"drop table app.{table}")
