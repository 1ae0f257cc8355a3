"""Which database a command speaks to: the one named, else the embedded Postgres, running for as long as the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

url_option = click.option(
    "--url", help="Another connection string than the environment's or the embedded Postgres's (see `orgraph db url`)."
)
home_option = click.option(
    "--home", envvar="ORGRAPH_HOME", default=".orgraph", show_default=True, type=click.Path(path_type=Path)
)


@contextmanager
def address(role_word: str, url: str | None, home: Path, *, bootstrapped: bool = False) -> Iterator[str]:
    """The connection string; what goes wrong in the block, and is told in one line, ends the command with that line.

    `bootstrapped` prepares the embedded Postgres first: its superuser is ours, so nobody need be asked.
    """
    import asyncio
    import os

    from db.bootstrap import BootstrapError, bootstrap
    from db.bootstrap.roles import LOGINS
    from db.embedded.errors import EmbeddedError
    from db.repeatable import MigrationError
    from db.urls import UrlError, is_embedded, url_for

    try:
        if url is None and is_embedded(os.environ):
            from db.embedded import available, passwords

            with available(home) as cluster:
                if bootstrapped:
                    logins = {role: word for role, word in passwords(home).items() if role in LOGINS}
                    asyncio.run(bootstrap(cluster.url("postgres", "postgres"), logins))
                yield url_for(role_word, home, os.environ)
        else:
            yield url or url_for(role_word, home, os.environ)
    except (BootstrapError, EmbeddedError, MigrationError, UrlError) as why:
        raise click.ClickException(str(why)) from why
