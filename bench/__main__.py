"""`python -m bench`: run the benchmark, or draw what an earlier run has found."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import click

from bench import publishing, running, sets
from bench.alternating import Pace
from bench.answers import AnswersDiffer
from bench.contenders import ALL
from bench.experiments.reads import PGBENCH
from bench.load import LoadError
from bench.postgraphile import NodeError
from bench.processes import ContenderError
from bench.progress import say
from bench.queries import QUERIES
from bench.results import Results
from bench.sets import DataSet
from db.bootstrap import BootstrapError
from db.embedded import EmbeddedError
from db.repeatable import MigrationError
from db.seed import SeedError

FAILURES = (
    AnswersDiffer,
    BootstrapError,
    ContenderError,
    EmbeddedError,
    LoadError,
    MigrationError,
    NodeError,
    SeedError,
    ValueError,
)
HOME = publishing.ROOT / ".orgraph-bench"


class Names(click.ParamType[tuple[str, ...]]):
    """Some of a list of names, with commas between."""

    name = "names"

    def __init__(self, known: tuple[str, ...]) -> None:
        self.known = known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        names = tuple(name.strip() for name in value.split(","))
        if unknown := [name for name in names if name not in self.known]:
            self.fail(f"{unknown[0]!r}: expected some of {', '.join(self.known)}", param, ctx)
        return names


class Numbers(click.ParamType[DataSet]):
    """A data set by its numbers."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> DataSet:
        if isinstance(value, DataSet):
            return value
        try:
            return DataSet.read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def some(flag: str, known: tuple[str, ...], said: str) -> Callable[[Any], Any]:
    return click.option(
        flag, type=Names(known), default=known, help=f"{said}, with commas between: {', '.join(known)}."
    )


def numbers(flag: str, default: DataSet, said: str) -> Callable[[Any], Any]:
    return click.option(flag, type=Numbers(), default=default, show_default=True, metavar="OxExM[+L]", help=said)


def seconds(flag: str, default: int, said: str) -> Callable[[Any], Any]:
    return click.option(flag, type=click.IntRange(1, 600), default=default, show_default=True, help=said)


output = click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=publishing.LATEST,
    help="Where the results go, a .json; table and plot go beside it. [default: bench/results/latest.json]",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measure orgraph and its peers side by side, on a Postgres of the benchmark's own.

    \b
    Example:
      python -m bench run
      python -m bench draw
    """


@main.command()
@some("--contenders", (*ALL, PGBENCH), "Who is measured")
@some("--queries", tuple(QUERIES), "What is asked")
@some("--experiments", running.EXPERIMENTS, "What is found out")
@click.option("--rounds", type=click.IntRange(1, 100), default=5, show_default=True, help="Turns of each contender.")
@seconds("--seconds", 6, "How long a turn takes.")
@seconds("--warm-up", 3, "How long each is warmed up before.")
@click.option("--clients", type=click.IntRange(1, 64), default=8, show_default=True, help="How many ask at once.")
@numbers("--small", sets.SMALL, "Organizations, events in each, meetings of each event.")
@numbers("--large", sets.LARGE, "The set that `growth` compares with the small one.")
@numbers("--skew", sets.SKEW, "The set with one large organization of so many meetings more.")
@click.option("--memory-requests", type=click.IntRange(1), default=100_000, show_default=True, help="For `memory`.")
@click.option("--home", type=click.Path(path_type=Path), default=HOME, help="Its data. [default: .orgraph-bench]")
@click.option("--resume", is_flag=True, help="Go on with the unfinished run in --output.")
@output
def run(home: Path, output: Path, *, resume: bool, **given: Any) -> None:
    """Make the data where it is missing, compare all answers, measure in rounds, and write results, table and plot.

    Can be stopped at any time; with --resume the same command goes on with what is missing.

    \b
    Example:
      python -m bench run --contenders raw,planned --queries n20 --experiments reads --rounds 2 --seconds 2 \\
          --output /tmp/bench.json
    """
    _stop_in_order()
    pace = Pace(*(given.pop(name) for name in ("rounds", "seconds", "warm_up", "clients")))
    wanted = running.Asked(pace=pace, **given)
    try:
        results = running.opened(output, wanted, resume=resume)
        running.run(home, wanted, results)
        publishing.publish(Results.read(output), output)
    except KeyboardInterrupt:
        raise click.ClickException("stopped; the same command with --resume goes on") from None
    except FAILURES as why:
        raise click.ClickException(str(why)) from why
    say(f"written: {output}, with table and plot beside it")


@main.command()
@output
def draw(output: Path) -> None:
    """Draw table and plot again from results that are there, and put the table into docs/performance.md.

    \b
    Example:
      python -m bench draw
    """
    try:
        publishing.publish(Results.read(output), output)
    except (OSError, ValueError) as why:
        raise click.ClickException(str(why)) from why


def _stop_in_order() -> None:
    """The first signal ends everything, children first; one more must not interrupt that."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for signals in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signals, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


if __name__ == "__main__":
    main(prog_name="python -m bench")
