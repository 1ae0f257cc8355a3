"""What each credential may still spend, told by all workers to each other.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Unlogged: after a crash every bucket is full, and settling four times a second waits for no disk.
    op.execute("""
create unlogged table app.budgets (
    name text not null,
    remaining double precision not null,
    counted_at timestamptz not null default clock_timestamp(),
    constraint budgets_pkey primary key (name),
    constraint budgets_name_check check (name ~ '^[0-9a-f]{64}$')
)""")
    op.execute(
        "comment on table app.budgets is 'How many points are left in each bucket. A name is a digest of an "
        "organization and a credential, or of an address.'"
    )


def downgrade() -> None:
    op.execute("drop table app.budgets")
