"""`orgraph db migrate`: makes a database what this version expects."""

from __future__ import annotations

from pathlib import Path

import click

from cli.database import address, home_option, url_option


@click.command
@url_option
@home_option
@click.option("--sql", is_flag=True, help="Print the tables' revisions as SQL, and touch no database.")
def migrate(url: str | None, home: Path, sql: bool) -> None:
    """Apply functions, tables and policies in one transaction; safe to run twice, and from several machines at once.

    Logs in as orgraph_migrator: DATABASE_MIGRATOR_URL, else the embedded Postgres, which is bootstrapped first.

    \b
    Example:
      orgraph db migrate
      orgraph db migrate --sql | squawk
    """
    import asyncio
    import sys

    from db.migrate import migrate
    from db.revisions import print_sql

    def say(step: str) -> None:
        click.echo(step, err=True)

    if sql:
        print_sql(sys.stdout)
        return
    with address("migrator", url, home, bootstrapped=True) as migrator:
        applied = asyncio.run(migrate(migrator, say))
    say("migrated" if applied else "nothing to do")
