"""`orgraph plan`: the statement that answers a query."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click

from cli.database import address, home_option, url_option


@click.command
@click.argument("document", type=click.File(encoding="utf-8"))
@click.option("--operation", "name", help="Which operation, where the document has several.")
@click.option("--variables", default="{}", metavar="JSON", help="The variables, a JSON object.")
@click.option("--explain", is_flag=True, help="Run it, and say what Postgres does. Needs --as and --organization.")
@click.option("--as", "email", metavar="EMAIL", help="In whose scope it is explained.")
@click.option("--organization", metavar="SLUG", help="The slug of the organization they act in.")
@url_option
@home_option
def plan(
    *,
    document: TextIO,
    name: str | None,
    variables: str,
    explain: bool,
    email: str | None,
    organization: str | None,
    url: str | None,
    home: Path,
) -> None:
    """Print the SQL that answers a query, or say why it is left to the interpreter (exit 1).

    No database is asked without --explain. DOCUMENT is a file, or - for standard input.

    \b
    Example:
      orgraph plan meetings.graphql
      orgraph plan meetings.graphql --explain --as ana.sousa@clinica-lumen.example --organization clinica-lumen
    """
    import asyncio
    import json
    import os

    from db.doctor import DoctorError, claims_of
    from db.scope import Claims, NotAMember
    from db.urls import url_for
    from graph.plan.shown import NotShown, explained, shown

    if explain and not (email and organization):
        raise click.UsageError("--explain needs --as and --organization: a plan depends on what somebody may see")
    try:
        given = json.loads(variables)
    except ValueError as why:
        raise click.BadParameter(f"is not JSON: {why}", param_hint="--variables") from None
    if not isinstance(given, dict):
        raise click.BadParameter("must be a JSON object", param_hint="--variables")
    text = document.read()

    # Any organization will do where nothing is run.
    claims = Claims(user_id="user_somebody", workos_org_id="org_somewhere")
    try:
        if explain and email:
            with address("api", url, home) as api:
                claims = asyncio.run(claims_of(url_for("worker", home, os.environ), email, organization))
                found = shown(text, name, given, claims)
                lines = [] if found.prepared is None else asyncio.run(explained(api, claims, found.prepared))
        else:
            found, lines = shown(text, name, given, claims), []
    except (NotShown, DoctorError) as why:
        raise click.ClickException(str(why)) from None
    except NotAMember:
        raise click.ClickException(f"{email} is not an active member there") from None
    if found.prepared is None:
        click.echo(f"interpreted: {found.why}", err=True)
        raise SystemExit(1)
    click.echo(found.prepared.text)
    for at, value in enumerate(found.prepared.values, 1):
        click.echo(f"-- ${at}: {value!r}")
    for line in lines:
        click.echo(f"-- {line}")
