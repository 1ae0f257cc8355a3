"""`orgraph db restore`: a database from the file that `orgraph db backup` wrote."""

from __future__ import annotations

from pathlib import Path

import click

from cli.database import address, home_option


@click.command
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--admin-url", help="As a superuser, or as whoever ran the bootstrap. Default: the embedded Postgres's.")
@home_option
def restore(file: Path, admin_url: str | None, home: Path) -> None:
    """Fill a database that was bootstrapped, and nothing more, from FILE: all of it or nothing.

    \b
    Example:
      orgraph db restore monday.dump --admin-url postgresql://postgres@db.internal/orgraph
    """
    from db.backup import BackupError, restore

    def say(table: str) -> None:
        click.echo(f"restored {table}", err=True)

    with address("superuser", admin_url, home) as admin:
        try:
            restore(admin, file, say)
        except BackupError as why:
            raise click.ClickException(str(why)) from why
    click.echo("restored; the next step is `orgraph db migrate`", err=True)
