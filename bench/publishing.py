"""Writing down what was found: results, table and plot beside each other, and the table in docs/performance.md."""

from __future__ import annotations

from pathlib import Path

from bench.plot import plot
from bench.results import Results
from bench.table import table

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "bench" / "results"
LATEST = FOLDER / "latest.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- drawn from bench/results/latest.json -->", "<!-- end of what is drawn -->"


def publish(results: Results, file: Path) -> None:
    """`file` names the results; those of bench/results go into the page as well."""
    drawn = table(results)
    file.with_suffix(".md").write_text(drawn, encoding="utf-8")
    file.with_suffix(".svg").write_text(plot(results), encoding="utf-8")
    if file.resolve() == LATEST:
        PAGE.write_text(within(PAGE.read_text(encoding="utf-8"), drawn), encoding="utf-8")


def within(page: str, drawn: str) -> str:
    """The page with this table between its marks. Raises ValueError for a page without them."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} has lost its marks: {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{drawn}\n{END}{after}"
