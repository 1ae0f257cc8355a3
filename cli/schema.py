"""`orgraph schema`: the API as a document."""

from __future__ import annotations

import click


@click.group()
def schema() -> None:
    """The GraphQL schema.

    \b
    Example:
      orgraph schema print > schema.graphql
    """


@schema.command("print")
def print_() -> None:
    """Print the schema in its definition language, alone, on standard output.

    \b
    Example:
      orgraph schema print | diff schema.graphql -
    """
    from graph.schema import sdl

    click.echo(sdl(), nl=False)
