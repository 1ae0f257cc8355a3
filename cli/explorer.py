"""`orgraph explorer`: what a browser shows at `/graphql`."""

from __future__ import annotations

import click


@click.group()
def explorer() -> None:
    """GraphiQL, served by orgraph itself.

    \b
    Example:
      orgraph explorer build
    """


@explorer.command()
@click.option("--force", is_flag=True, help="Build again, even if nothing changed since the last build.")
def build(*, force: bool) -> None:
    """Install the explorer's packages and bundle them; print the folder.

    Needs the network once, and Node from the development extra.

    \b
    Example:
      orgraph explorer build --force
    """
    from graph.explorer.build import BuildError
    from graph.explorer.build import build as build_explorer

    try:
        click.echo(build_explorer(force=force))
    except BuildError as error:
        raise click.ClickException(str(error)) from None
