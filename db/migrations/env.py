"""How Alembic reaches the database: over the connection that db.migrate hands it, or not at all (`--sql`)."""

from __future__ import annotations

from alembic import context

# Alembic's own table lives apart from app, so that the rules for app's tables need no exception for it.
VERSIONS = "migration"


def offline() -> None:
    context.configure(dialect_name="postgresql", literal_binds=True, version_table_schema=VERSIONS)
    with context.begin_transaction():
        # What the migrator's login sets, for whoever runs the printed SQL by hand.
        context.execute("set local lock_timeout = '2s'")
        context.execute("set local statement_timeout = '1h'")
        context.run_migrations()


def online() -> None:
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        on_version_apply=attributes["on_version_apply"],
        version_table_schema=VERSIONS,
    )
    # The transaction is db.migrate's: functions, tables and policies land together or not at all.
    context.run_migrations()


if context.is_offline_mode():
    offline()
else:
    online()
