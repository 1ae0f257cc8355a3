"""`orgraph token`: an access token of the local issuer, for a demo person."""

from __future__ import annotations

from pathlib import Path

import click

from cli.database import address, home_option, url_option


@click.command()
@click.option("--user", "email", required=True, metavar="EMAIL", help="The person's e-mail address.")
@click.option("--organization", "slug", metavar="SLUG", help="The organization the token names; none if left away.")
@click.option(
    "--expires-in",
    type=click.IntRange(1, 30 * 24 * 3600),
    default=3600,
    show_default=True,
    metavar="SECONDS",
    help="How long it is good for.",
)
@url_option
@home_option
def token(email: str, slug: str | None, expires_in: int, url: str | None, home: Path) -> None:
    """Print an access token for a person of `orgraph dev`, alone on standard output.

    \b
    Example:
      orgraph token --user ana.sousa@clinica-lumen.example --organization clinica-lumen
    """
    import asyncio

    from auth.local import issuer_key, known_address, sign_access_token
    from db import directory

    issuer = known_address(home)
    if issuer is None:
        raise click.ClickException(
            f"No local issuer has run with {home}: start `orgraph dev` once, or name its --home."
        )
    with address("worker", url, home) as worker_url:
        people = asyncio.run(directory.people(worker_url))
    person = next((one for one in people if one.email.casefold() == email.casefold()), None)
    if person is None:
        raise click.ClickException(f"Nobody has the address {email}. `orgraph dev` prints a line per demo person.")
    membership = next((entry for entry in person.memberships if entry.slug == slug), None)
    if slug is not None and membership is None:
        slugs = ", ".join(entry.slug for entry in person.memberships) or "none"
        raise click.ClickException(f"{email} has no membership in {slug}. Their organizations: {slugs}.")
    if membership is not None and membership.status != "active":
        click.echo(f"The membership is {membership.status}: the server will refuse this token.", err=True)
    click.echo(
        sign_access_token(
            issuer_key(home),
            issuer=issuer,
            person=person,
            workos_org_id=membership.workos_org_id if membership else None,
            expires_in=expires_in,
        )
    )
