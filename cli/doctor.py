"""`orgraph doctor`: who one is in the database, and what one sees."""

from __future__ import annotations

from pathlib import Path

import click

from cli.database import address, home_option, url_option


@click.command
@click.option("--as", "email", help="The address of a person. Default: a guest, who is nobody.")
@click.option("--organization", help="The slug of the organization they act in.")
@url_option
@home_option
def doctor(email: str | None, organization: str | None, url: str | None, home: Path) -> None:
    """Say who the server is in the database, what scope a person gets, and what they see of each table.

    Logs in as the server does: DATABASE_URL, else the embedded Postgres. Whom --as names is looked up as the worker.
    Exit 1 if a rule of `orgraph db check` is broken, or the database does not match this code.

    \b
    Example:
      orgraph doctor
      orgraph doctor --as alice@acme.example --organization acme
    """
    import asyncio
    import os

    from db.doctor import DoctorError, claims_of, examine
    from db.scope import Claims
    from db.urls import url_for

    if organization and not email:
        raise click.UsageError("--organization needs --as: a guest acts in no organization")
    with address("api", url, home) as api:
        try:
            claims = Claims()
            if email:
                claims = asyncio.run(claims_of(url_for("worker", home, os.environ), email, organization))
            found = asyncio.run(examine(api, claims))
        except DoctorError as why:
            raise click.ClickException(str(why)) from why

    server, login, scope = found.server, found.login, found.scope
    pairs = [
        ("server", f"PostgreSQL {server.version}, database {server.database}"),
        ("btree_gist", server.extension or "missing: run `orgraph db bootstrap`"),
        ("migrated", server.applied or "never: run `orgraph db migrate`"),
        ("code", "the same" if server.applied == server.expected else f"wants {server.expected}"),
        ("connections", f"{server.connections} of {server.connection_limit}, server {server.max_connections}"),
        ("limits", ", ".join(f"{name} {value}" for name, value in server.limits.items())),
        ("login", login.name),
        ("superuser", yes(login.superuser)),
        ("bypasses row security", yes(login.bypasses_row_security)),
        ("owns", f"{login.owns} objects"),
        ("may become", ", ".join(login.becomes)),
        ("user", scope.user or "nobody"),
        ("organization", scope.organization or "none"),
        ("membership", scope.membership_role or "none"),
        ("permissions", ", ".join(scope.permissions) or "none"),
        ("role entered", scope.role),
    ]
    for name, value in pairs:
        click.echo(f"{name:<23} {value}")
    click.echo(f"\n{'table':<24} {'row security':<13} {'forced':<7} {'policies':>8}  rows visible")
    for table in found.tables:
        seen = "no right" if table.visible is None else told(table.visible)
        click.echo(
            f"{table.name:<24} {yes(table.row_security):<13} {yes(table.forced):<7} {table.policies:>8}  {seen:>12}"
        )
    click.echo()
    for finding in found.findings:
        click.echo(str(finding))
    click.echo(f"{len(found.findings)} findings of `orgraph db check`")
    if found.findings or server.applied != server.expected:
        raise SystemExit(1)


def yes(fact: bool) -> str:
    return "yes" if fact else "no"


def told(visible: int) -> str:
    from db.doctor import COUNTED

    return f"over {COUNTED}" if visible > COUNTED else str(visible)
