"""The table: what was measured, in markdown, drawn from the results alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.experiments import by_hand, growth, memory, reads, workers, writes
from bench.figures import figures
from bench.queries import QUERIES
from bench.results import Results
from bench.summary import contenders, ratio, summary

LATENCIES = ("p50 ms", "p99 ms")
PROCESSOR = ("server CPU ms", "Postgres CPU ms")  # per answer


def table(results: Results) -> str:
    """Figures first, then every query, then machine and versions."""
    parts = [_figures(results)]
    for name, query in QUERIES.items():
        experiment = writes.NAME if query.writes else reads.NAME
        if rows := _rows(results, experiment, name):
            parts.append(f"### `{name}`: {query.sentence}\n\n{rows}")
    parts += [part for part in (_growth(results), _by_hand(results), _workers(results), _memory(results)) if part]
    return "\n\n".join([*parts, _about(results)]) + "\n"


def _figures(results: Results) -> str:
    rows = []
    for figure in figures(results):
        sign = "≤" if figure.at_most else "≥"
        value = "not measured" if figure.value is None else f"**{figure.value:.3g}{figure.unit}**"
        holds = {True: "yes", False: "no", None: ""}[figure.holds]
        rows.append((figure.name, figure.sentence, f"{sign} {figure.bound:g}{figure.unit}", value, holds))
    return _markdown(("", "figure", "wanted", "measured", "holds"), rows)


def _rows(results: Results, experiment: str, query: str) -> str:
    rows = []
    for name in contenders(results, experiment, query):
        rounds = list(results.of(experiment, query=query, contender=name))
        if (found := summary(rounds)) is None:
            continue
        ratios = [
            _times(ratio(rounds, results.of(experiment, query=query, contender=other)))
            for other in ("raw", "postgraphile")
        ]
        spread = f"{found.least:,.0f} to {found.most:,.0f}"
        took = map(_ms, (found.p50_ms, found.p99_ms, found.server_ms, found.postgres_ms))
        rows.append((-found.rate, (f"`{name}`", f"{found.rate:,.0f}", spread, *ratios, *took)))
    head = ("contender", "answers/s", "spread", "of raw", "of PostGraphile", *LATENCIES, *PROCESSOR)
    return _markdown(head, [row for _, row in sorted(rows)]) if rows else ""


def _growth(results: Results) -> str:
    asked = [str(results.asked[name]) for name in ("small", "large", "skew")]
    known = {(one.data, one.query, one.contender) for one in results.of(growth.NAME)}
    rows = []
    for data, query, contender in sorted(known, key=lambda one: (one[2], asked.index(one[0]), one[1])):
        found = summary(results.of(growth.NAME, data=data, query=query, contender=contender))
        if found is not None:
            took = map(_ms, (found.p50_ms, found.p99_ms, found.server_ms, found.postgres_ms))
            rows.append((f"`{contender}`", data, query, *took))
    head = ("contender", "data", "page", *LATENCIES, *PROCESSOR)
    return f"### Growth: one client, a page of 20\n\n{_markdown(head, rows)}" if rows else ""


def _by_hand(results: Results) -> str:
    rows = []
    for name in dict.fromkeys(one.query for one in results.of(by_hand.NAME)):
        both = [
            found.postgres_ms
            for contender in ("raw", "raw by hand")
            if (found := summary(results.of(by_hand.NAME, query=name, contender=contender)))
        ]
        rows.append((f"`{name}`", *_two(results, by_hand.NAME, name, "raw", "raw by hand"), *map(_ms, both)))
    head = ("query", "by policy, answers/s", "by hand, answers/s", "cost", "by policy, Postgres CPU ms", "by hand")
    return f"### Row security against filters by hand\n\n{_markdown(head, rows)}" if rows else ""


def _workers(results: Results) -> str:
    rows = [
        (f"`{name}`", *_two(results, workers.NAME, name, "one worker", "two workers"))
        for name in dict.fromkeys(one.query for one in results.of(workers.NAME))
    ]
    head = ("query", "one worker, answers/s", "two workers, answers/s", "gain")
    return f"### Two workers against one\n\n{_markdown(head, rows)}" if rows else ""


def _two(results: Results, experiment: str, query: str, one: str, other: str) -> tuple[str, str, str]:
    first = list(results.of(experiment, query=query, contender=one))
    second = list(results.of(experiment, query=query, contender=other))
    rates = [f"{found.rate:,.0f}" if (found := summary(rounds)) else "" for rounds in (first, second)]
    return (rates[0], rates[1], _times(ratio(second, first)))


def _memory(results: Results) -> str:
    series = results.found.get(memory.NAME)
    if not series:
        return ""
    wanted = [series[0], *(series[round(len(series) * part / 5) - 1] for part in range(1, 6))]
    rows = [(f"{answered:,}", f"{megabytes:.0f}") for answered, megabytes in dict.fromkeys(map(tuple, wanted))]
    return f"### A worker's memory\n\n{_markdown(('requests answered', 'MB'), rows)}"


def _about(results: Results) -> str:
    machine, versions = results.about.get("machine", {}), results.about.get("versions", {})
    asked = results.asked
    run = (
        f"{asked['rounds']} rounds of {asked['seconds']} s for each contender and query, {asked['clients']} clients, "
        f"on {asked['small']} (growth: {asked['large']} and {asked['skew']}), {results.about.get('began', '')[:10]}."
    )
    said = [
        run,
        ", ".join(f"{name} {value}" for name, value in machine.items()) + ".",
        ", ".join(f"{name} {value}" for name, value in versions.items()) + ".",
    ]
    return "### Run, machine, versions\n\n" + "\n".join(f"* {one}" for one in said)


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def _times(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
