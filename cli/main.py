"""The `orgraph` command: a table of contents, each entry imported only when it is called."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "backup": "cli.db_backup:backup",
    "bootstrap": "cli.db_bootstrap:bootstrap",
    "check": "cli.db_check:check",
    "migrate": "cli.db_migrate:migrate",
    "psql": "cli.db_psql:psql",
    "restore": "cli.db_restore:restore",
    "seed": "cli.db_seed:seed",
    "status": "cli.db_status:status",
    "url": "cli.db_url:url",
}
TOP = {
    "dev": "cli.dev:dev",
    "doctor": "cli.doctor:doctor",
    "explorer": "cli.explorer:explorer",
    "plan": "cli.plan:plan",
    "schema": "cli.schema:schema",
    "serve": "cli.serve:serve",
    "token": "cli.token:token",
}


class Lazy(click.Group):
    """A group whose commands are named as `module:attribute`, so that `--help` stays instant."""

    def __init__(self, *args: object, commands_at: dict[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self.commands_at})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands_at:
            return super().get_command(ctx, cmd_name)
        module, attribute = self.commands_at[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=Lazy, commands_at=TOP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="orgraph")
def main() -> None:
    """A GraphQL API server for organizations that schedule.

    \b
    Example:
      orgraph dev --port 8000
    """


@main.group(cls=Lazy, commands_at=COMMANDS)
def db() -> None:
    """The database: create it, migrate it, look at it, fill it, save it.

    \b
    Example:
      orgraph db migrate && orgraph db check
    """
