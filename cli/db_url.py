"""`orgraph db url`: prints how to reach the database, as whom one likes."""

from __future__ import annotations

from pathlib import Path

import click

from cli.database import home_option
from db.urls import ROLE_WORDS


@click.command
@click.option("--as", "role_word", type=click.Choice(list(ROLE_WORDS)), default="api", show_default=True)
@home_option
def url(role_word: str, home: Path) -> None:
    """Print a connection string, alone, on standard output.

    It is that of DATABASE_URL (api), DATABASE_WORKER_URL, DATABASE_MIGRATOR_URL or DATABASE_BACKUP_URL if one of
    them is set, else the embedded Postgres's, whether or not it runs. A superuser has the embedded one only.

    \b
    Example:
      orgraph db url --as migrator
      psql "$(orgraph db url --as superuser)"
    """
    import os

    from db.embedded.errors import EmbeddedError
    from db.urls import UrlError, url_for

    try:
        click.echo(url_for(role_word, home, os.environ))
    except (UrlError, EmbeddedError) as why:
        raise click.ClickException(str(why)) from why
