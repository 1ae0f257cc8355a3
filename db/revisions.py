"""The tables' history: Alembic revisions, each a file of plain SQL that runs once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

FOLDER = Path(__file__).parent / "migrations"


def config(output: TextIO | None = None) -> Config:
    made = Config(output_buffer=output)
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return made


def head() -> str:
    """The newest revision. Alembic raises when there are two."""
    newest = ScriptDirectory.from_config(config()).get_current_head()
    return newest or ""


def upgrade(connection: Connection, report: Callable[[str], None]) -> list[str]:
    """Run what is missing, inside the caller's transaction; answer the revisions.

    Raises DBAPIError with a note that names the revision's file.
    """
    applied: list[str] = []

    def on_version_apply(*, step: Any, **_: Any) -> None:
        revision = step.up_revision
        applied.append(revision.revision)
        report(f"revision {revision.revision}: {revision.doc}")

    made = config()
    made.attributes["connection"] = connection
    made.attributes["on_version_apply"] = on_version_apply
    script = ScriptDirectory.from_config(made)
    versions = MigrationContext.configure(connection, opts={"version_table_schema": "migration"})
    before = versions.get_current_revision() or "base"
    try:
        command.upgrade(made, "head")
    except DBAPIError as error:
        failed = list(script.iterate_revisions("head", before))[-1 - len(applied)]
        error.add_note(f"db/migrations/versions/{Path(failed.path).name}")
        raise
    return applied


def print_sql(output: TextIO) -> None:
    """Every revision as SQL, without a database: what a linter of migrations reads."""
    command.upgrade(config(output), "head", sql=True)
