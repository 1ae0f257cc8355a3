"""`orgraph serve`: the server, for production."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that serve.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve, by the settings of the environment (docs/settings.md); a wrong one stops the start with the whole list.

    Put a proxy that speaks TLS in front, and name it in ORGRAPH_TRUSTED_PROXIES.

    \b
    Example:
      orgraph serve --host 0.0.0.0 --port 8000 --workers 4
    """
    import uvicorn

    from server import serving, settings
    from server.logging import configure

    try:
        given = settings.load()
    except settings.SettingsError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        raise SystemExit(1) from None
    configure(as_json=given.logs_json)  # the process that supervises the workers logs as they do
    uvicorn.run(serving.APP, host=host, port=port, workers=workers, **serving.OPTIONS)
