"""`orgraph dev`: everything, on this machine, with demo people to sign in as."""

from __future__ import annotations

from pathlib import Path

import click

from cli.database import home_option


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free one.")
@click.option("--reload/--no-reload", default=True, help="Start again when a file of the code changes (the default).")
@home_option
def dev(port: int, reload: bool, home: Path) -> None:
    """Start Postgres, migrate, make the demo data if there is none, and serve on 127.0.0.1 until Ctrl-C.

    With DATABASE_URL, DATABASE_MIGRATOR_URL and DATABASE_WORKER_URL set, that database is used and no Postgres is
    started; with WORKOS_BASE_URL set, that WorkOS signs in, and no local issuer is started.

    \b
    Example:
      orgraph dev --port 8171
    """
    from db.bootstrap import BootstrapError
    from db.embedded import EmbeddedError
    from db.repeatable import MigrationError
    from db.urls import UrlError
    from server.development import DevelopmentError, Told, run

    told = Told(lambda line: click.echo(line, err=True), click.echo)
    try:
        run(home=home, port=port, reload=reload, told=told)
    except (BootstrapError, DevelopmentError, EmbeddedError, MigrationError, UrlError) as why:
        raise click.ClickException(str(why)) from why
    except OSError as why:
        raise click.ClickException(f"{home} cannot be used ({why.filename or home}: {why.strerror})") from why
