"""`orgraph db bootstrap`: roles, passwords, database, extension and schemas on a Postgres of your own."""

from __future__ import annotations

import click


@click.command
@click.option("--admin-url", required=True, help="As a superuser, or as a role with CREATEROLE and CREATEDB.")
@click.option("--database", default="orgraph", show_default=True)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def bootstrap(admin_url: str, database: str, dry_run: bool) -> None:
    """Prepare a Postgres 18 or newer, once, before the first migration; a second time does what is missing.

    Passwords are ORGRAPH_API_PASSWORD, ORGRAPH_MIGRATOR_PASSWORD, ORGRAPH_WORKER_PASSWORD and
    ORGRAPH_BACKUP_PASSWORD. For a login that is new and has none there, one is made up. The connection
    strings of those whose passwords were given or made up are printed once, on standard output.

    \b
    Example:
      orgraph db bootstrap --admin-url postgresql://postgres@db.internal/postgres --dry-run
      orgraph db bootstrap --admin-url postgresql://postgres@db.internal/postgres > orgraph.env
    """
    import asyncio
    import os
    import secrets

    from db.bootstrap import BootstrapError, bootstrap, login_url, missing_logins, roles

    variables = {
        roles.API: "DATABASE_URL",
        roles.MIGRATOR: "DATABASE_MIGRATOR_URL",
        roles.WORKER: "DATABASE_WORKER_URL",
        roles.BACKUP: "DATABASE_BACKUP_URL",
    }
    given = {role: os.environ.get(f"{role.upper()}_PASSWORD") for role in variables}
    passwords = {role: password for role, password in given.items() if password}

    async def run() -> list[str]:
        for role in await missing_logins(admin_url):
            passwords.setdefault(role, secrets.token_urlsafe(32))
        return await bootstrap(admin_url, passwords, database=database, dry_run=dry_run)

    try:
        sentences = asyncio.run(run())
    except BootstrapError as why:
        raise click.ClickException(str(why)) from why
    for sentence in sentences or ["nothing to do"]:
        click.echo(sentence, err=True)
    if not dry_run:
        for role, password in passwords.items():
            click.echo(f"{variables[role]}={login_url(admin_url, role, password, database)}")
