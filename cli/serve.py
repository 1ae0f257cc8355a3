"""`orgraph serve`: the server, for production."""

from __future__ import annotations

from typing import Any

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that serve.")
@click.option(
    "--drain-seconds",
    type=click.FloatRange(0, 300),
    help="How long a worker that is to end still serves, not ready. [default: ORGRAPH_DRAIN_S, else 5]",
)
@click.option(
    "--admin-host", default="127.0.0.1", show_default=True, help="The address of /metrics: never a public one."
)
@click.option("--admin-port", type=click.IntRange(1, 65535), help="Answer /metrics there. [default: nowhere]")
def serve(workers: int, drain_seconds: float | None, **at: Any) -> None:
    """Serve, by the settings of the environment (docs/settings.md); a wrong one stops the start with the whole list.

    Put a proxy that speaks TLS in front, and name it in ORGRAPH_TRUSTED_PROXIES. SIGHUP replaces the workers and fails
    no request; sockets that systemd opened are taken instead of --host and --port (docs/operating.md).

    \b
    Example:
      orgraph serve --host 0.0.0.0 --port 8000 --workers 4 --admin-port 9464
    """
    import os

    from server import settings, supervising
    from server.admin import AdminError
    from server.logging import configure

    if drain_seconds is not None:
        os.environ["ORGRAPH_DRAIN_S"] = str(drain_seconds)  # the workers read their settings as this process does

    try:
        given = settings.load()
    except settings.SettingsError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        raise SystemExit(1) from None
    configure(as_json=given.logs_json)  # the process that supervises the workers logs as they do
    admin = (at["admin_host"], at["admin_port"]) if at["admin_port"] else None
    try:
        code = supervising.run(host=at["host"], port=at["port"], workers=workers, admin=admin)
    except AdminError as error:
        raise click.ClickException(str(error)) from None
    raise SystemExit(code)
