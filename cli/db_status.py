"""`orgraph db status`: what is applied to a database, and what is not."""

from __future__ import annotations

from pathlib import Path

import click

from cli.database import address, home_option, url_option


@click.command
@url_option
@home_option
def status(url: str | None, home: Path) -> None:
    """Print what `orgraph db migrate` has applied and what it would; exit 1 if anything is pending.

    Logs in as orgraph_migrator: DATABASE_MIGRATOR_URL, else the embedded Postgres.

    \b
    Example:
      orgraph db status || orgraph db migrate
    """
    import asyncio

    from db.migrate import status

    with address("migrator", url, home) as migrator:
        now = asyncio.run(status(migrator))
    click.echo(f"tables     {now.current or 'none'}, newest {now.head}")
    for name, state in now.files.items():
        click.echo(f"{state:<10} sql/{name}")
    click.echo(f"audit      {now.months_ahead} months ahead")
    if now.pending:
        click.echo("pending: run `orgraph db migrate`", err=True)
        raise SystemExit(1)
