"""`orgraph db backup`: the whole database in one file."""

from __future__ import annotations

from pathlib import Path

import click

from cli.database import address, home_option, url_option


@click.command
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@url_option
@home_option
def backup(file: Path, url: str | None, home: Path) -> None:
    """Write the database to FILE, readable by you alone; a FILE that exists is replaced at the end.

    Logs in as orgraph_backup: DATABASE_BACKUP_URL, else the embedded Postgres.

    \b
    Example:
      orgraph db backup monday.dump
    """
    from db.backup import BackupError, backup

    def say(table: str) -> None:
        click.echo(f"saved {table}", err=True)

    with address("backup", url, home) as backups:
        try:
            backup(backups, file, say)
        except BackupError as why:
            raise click.ClickException(str(why)) from why
    click.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB", err=True)
