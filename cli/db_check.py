"""`orgraph db check`: does the database keep what it promises?"""

from __future__ import annotations

from pathlib import Path

import click

from cli.database import address, home_option, url_option


@click.command("check")
@click.option("--login", default="orgraph_api", show_default=True, help="The role that the server logs in as.")
@click.option("--list", "listed", is_flag=True, help="Print the rules, and touch no database.")
@url_option
@home_option
def check(login: str, listed: bool, url: str | None, home: Path) -> None:
    """Print what in the catalog breaks a rule of sql/check, with the reason of the rule; exit 1 if anything does.

    The server runs the same check when it starts, and refuses to serve. Logs in as it does: DATABASE_URL, else the
    embedded Postgres.

    \b
    Example:
      orgraph db check
      orgraph db check --list
    """
    import asyncio

    from db.check import CheckError, rules
    from db.check import check as check_catalog

    if listed:
        for rule in rules():
            click.echo(f"{rule.name}\n    {rule.why}")
        return
    with address("api", url, home) as api:
        try:
            findings = asyncio.run(check_catalog(api, login))
        except CheckError as why:
            raise click.ClickException(str(why)) from why
    for finding in findings:
        click.echo(str(finding))
    click.echo(f"{len(findings)} findings, {len(rules())} rules", err=True)
    if findings:
        raise SystemExit(1)
