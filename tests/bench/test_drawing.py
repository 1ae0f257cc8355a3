"""Table and plot are drawn from the results alone, and the page shows the table of the latest ones."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from bench.figures import figures
from bench.plot import plot
from bench.publishing import BEGIN, END, LATEST, PAGE, within
from bench.results import Measurement, Results
from bench.table import table

ASKED = {"rounds": 2, "seconds": 1, "clients": 8, "small": "9x2x5", "large": "90x2x5", "skew": "9x2x5+100"}


def measured(contender: str, *rates: int, experiment: str = "reads", query: str = "n20") -> list[Measurement]:
    return [
        Measurement(
            experiment, "9x2x5", query, contender, number, 8, rate, 1.0, 2.0, 3.0, 4.0, rate / 1000, rate / 2000
        )
        for number, rate in enumerate(rates, 1)
    ]


@pytest.fixture
def results() -> Results:
    measurements = [*measured("raw", 1000, 500), *measured("planned", 800, 400), *measured("postgraphile", 400, 200)]
    return Results(ASKED, measurements=measurements, found={"memory": [[0, 90], [10, 100.0], [100, 101.0]]})


def test_a_row_tells_median_spread_ratios_and_processor_time(results: Results) -> None:
    assert "| `planned` | 600 | 400 to 800 | 0.80 | 2.00 | 2.00 | 4.00 | 1.00 | 0.50 |" in table(results)


def test_the_fastest_stands_first(results: Results) -> None:
    rows = [line.split("`")[1] for line in table(results).splitlines() if line.startswith("| `")]

    assert rows == ["raw", "planned", "postgraphile"]


def test_a_slow_round_is_no_part_of_a_ratio() -> None:
    """Rounds are compared with themselves: a machine that was busy in one of them was busy for everyone."""
    uneven = [*measured("raw", 1000, 100, 1000), *measured("planned", 800, 80, 800)]

    [ratio] = [
        one.value for one in figures(Results(ASKED, measurements=uneven)) if "as text, against raw" in one.sentence
    ]

    assert ratio == pytest.approx(0.8)


def test_a_figure_holds_or_does_not_or_was_not_measured(results: Results) -> None:
    told = {one.sentence: one.holds for one in figures(results)}

    assert told["page as text, against raw"] is True
    assert told["its growth after the first tenth"] is True
    assert told["booking, against PostGraphile"] is None
    results.measurements += measured("planned", 100, 100, query="deep") + measured(
        "postgraphile", 100, 100, query="deep"
    )
    assert {one.sentence: one.holds for one in figures(results)}["deep, against PostGraphile"] is False


def test_the_plot_is_xml_with_a_bar_for_each_contender(results: Results) -> None:
    drawn = ET.fromstring(plot(results))  # noqa: S314 - drawn a line above

    bars = [one for one in drawn.iter("{http://www.w3.org/2000/svg}rect") if one.get("rx")]
    assert len(bars) == 3


def test_the_page_shows_what_the_latest_results_draw() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert within(page, table(Results.read(LATEST))) == page, "run: python -m bench draw"
    assert LATEST.with_suffix(".svg").read_text(encoding="utf-8") == plot(Results.read(LATEST))


def test_a_page_without_its_marks_is_not_written() -> None:
    assert within(f"a\n{BEGIN}\nold\n{END}\nb", "new") == f"a\n{BEGIN}\n\nnew\n{END}\nb"
    with pytest.raises(ValueError, match="lost its marks"):
        within("a page", "new")
