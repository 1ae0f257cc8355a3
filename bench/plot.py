"""The plot: a bar per contender and query, in SVG, drawn from the results alone."""

from __future__ import annotations

from html import escape

from bench.experiments import reads, writes
from bench.queries import QUERIES
from bench.results import Results
from bench.summary import Summary, contenders, summary

WIDTH, BAR, GAP, HEAD, LEFT, RIGHT = 760, 16, 5, 34, 120, 90
COLOURS = {
    "raw": "#8a8f98",
    "pgbench": "#c3c7cd",
    "bare": "#1b5e9b",
    "planned": "#2f81c7",
    "interpreted": "#8fbfe6",
    "postgraphile": "#d9822b",
    "tutorial": "#b9a7d0",
}
TEXT, FAINT = "#57606a", "#d0d7de"
STYLE = "font-family: system-ui, sans-serif; font-size: 12px"


def plot(results: Results) -> str:
    """The whole file. Each query has its own scale, its spread is a line over the bar; pgbench is left out."""
    parts = [_text(0, 12, "Answers per second; the line is the spread over the rounds.")]
    y = 24
    for name, query in QUERIES.items():
        experiment = writes.NAME if query.writes else reads.NAME
        found = [
            one
            for contender in contenders(results, experiment, name)
            if contender != reads.PGBENCH and (one := summary(results.of(experiment, query=name, contender=contender)))
        ]
        if not found:
            continue
        parts.append(_text(0, y + 14, f"{name}: {query.sentence}", "font-weight: 600"))
        y += HEAD - 10
        most = max(one.most for one in found)
        for one in sorted(found, key=lambda each: -each.rate):
            parts += _bar(one, y, most)
            y += BAR + GAP
        y += 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" '
        f'role="img" style="{STYLE}">\n<title>Answers per second by query and contender</title>\n'
        f'<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _bar(one: Summary, y: int, most: float) -> list[str]:
    def x(rate: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * rate / most, 1)

    middle = y + BAR / 2
    return [
        _text(LEFT - 8, y + 12, one.contender, "text-anchor: end"),
        _rect(LEFT, y, x(one.rate) - LEFT, COLOURS.get(one.contender, FAINT)),
        f'<path d="M{x(one.least)} {middle}H{x(one.most)}" stroke="{TEXT}" stroke-width="1.5"/>',
        _text(x(one.most) + 8, y + 12, f"{one.rate:,.0f}"),
    ]


def _text(x: float, y: float, said: str, style: str = "") -> str:
    styled = f' style="{style}"' if style else ""
    return f'<text x="{x}" y="{y}" fill="{TEXT}"{styled}>{escape(said)}</text>'


def _rect(x: float, y: float, width: float, colour: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{round(width, 1)}" height="{BAR}" rx="2" fill="{colour}"/>'
