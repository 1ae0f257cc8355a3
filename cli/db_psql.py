"""`orgraph db psql`: a shell in the database, as whom one likes."""

from __future__ import annotations

from pathlib import Path

import click

from cli.database import home_option
from db.urls import ROLE_WORDS


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--as", "role_word", type=click.Choice(list(ROLE_WORDS)), default="api", show_default=True)
@home_option
@click.argument("psql_arguments", nargs=-1, type=click.UNPROCESSED)
def psql(role_word: str, home: Path, psql_arguments: tuple[str, ...]) -> None:
    """Open psql; what follows goes to it. Starts no server.

    \b
    Example:
      orgraph db psql --as superuser
      orgraph db psql --as migrator -- -c 'select current_user'
    """
    import os

    from db.embedded import EmbeddedError, running
    from db.embedded.binaries import ProgramMissing, client
    from db.urls import UrlError, is_embedded, libpq, url_for

    try:
        if is_embedded(os.environ) and running(home) is None:
            raise click.ClickException(f"no Postgres runs in {home}: start `orgraph dev` in another terminal")
        target = libpq(url_for(role_word, home, os.environ), os.environ)
        program = client("psql", tls=target.tls)
    except (UrlError, EmbeddedError, ProgramMissing) as why:
        raise click.ClickException(str(why)) from why
    os.execve(program, ["psql", *psql_arguments], target.environ)  # noqa: S606 - it takes our place, terminal and all
