"""`orgraph db seed`: fills a database with organizations, for development and measurement."""

from __future__ import annotations

from pathlib import Path

import click

from cli.database import address, home_option, url_option

COUNT = click.IntRange(0, 1_000_000)


@click.command
@click.option("--organizations", type=COUNT, required=True, metavar="N", help="How many organizations.")
@click.option("--events", type=COUNT, default=10, show_default=True, metavar="N", help="Events in each organization.")
@click.option("--meetings", type=COUNT, default=50, show_default=True, metavar="N", help="Meetings of each event.")
@click.option(
    "--random-seed",
    type=click.IntRange(0, 2**32 - 1),
    default=1,
    show_default=True,
    metavar="N",
    help="The same number makes the same rows; another one makes others beside them.",
)
@click.option(
    "--large-organization",
    type=click.IntRange(0, 10_000_000),
    default=0,
    metavar="N",
    help="One more organization, with N meetings and a host of few among its busy ones.",
)
@url_option
@home_option
def seed(url: str | None, home: Path, **numbers: int) -> None:
    """Make organizations with people, events and meetings around today.

    Logs in as orgraph_worker, under row security: DATABASE_WORKER_URL, else the embedded Postgres. Can be stopped at
    any time; the same command makes the rest, and adds nothing when all is there. See docs/seed.md.

    \b
    Example:
      orgraph db seed --organizations 100 --events 10 --meetings 50
      orgraph db seed --organizations 100 --large-organization 300000
    """
    import asyncio
    import sys
    import time
    from datetime import UTC, datetime

    from db.seed import Plan, SeedError
    from db.seed import seed as make

    plan = Plan(**numbers)
    click.echo(
        f"{len(plan.numbers):,} organizations, {plan.total_events:,} events, {plan.total_meetings:,} meetings", err=True
    )
    started = time.monotonic()
    made_meetings = 0

    def rate(_: object) -> str:
        return f"{made_meetings / (time.monotonic() - started):,.0f} meetings/s"

    with (
        address("worker", url, home) as worker_url,
        click.progressbar(length=plan.total_meetings, file=sys.stderr, item_show_func=rate, show_pos=True) as bar,
    ):
        started = time.monotonic()

        def progress(meetings: int, *, now: bool) -> None:
            nonlocal made_meetings
            made_meetings += meetings if now else 0
            bar.update(meetings)

        try:
            made = asyncio.run(make(worker_url, plan, now=datetime.now(UTC), progress=progress))
        except KeyboardInterrupt:
            raise click.ClickException("stopped; the same command makes the rest") from None
        except SeedError as why:
            raise click.ClickException(str(why)) from why
    took = time.monotonic() - started
    there = len(plan.numbers) - made
    click.echo(f"made {made:,} organizations and {made_meetings:,} meetings in {took:,.1f} s ({rate(None)})", err=True)
    if there:
        click.echo(f"{there:,} organizations were there already", err=True)
