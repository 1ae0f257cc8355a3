"""A run that was stopped goes on with what is missing, and never with another one's results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.alternating import Pace, Subject, alternate
from bench.load import Loaded
from bench.results import Measurement, Results
from bench.running import Asked, opened
from bench.sets import LARGE, SKEW, SMALL, DataSet

ASKED = Asked(Pace(rounds=2, seconds=1, warm_up_s=1), SMALL, LARGE, SKEW, 100, (), (), ())


def subject(contender: str, turns: list[str]) -> Subject:
    def run(_clients: int, _seconds: int) -> Loaded:
        turns.append(contender)
        return Loaded(10, 1.0, 0, 0, 1.0, 2.0, 3.0, 10)

    return Subject(contender, "9x2x5", "n20", run, lambda: None, None, 1)


def test_every_contender_has_its_turn_and_nobody_always_the_first() -> None:
    turns: list[str] = []

    alternate(Results({}), "reads", [subject("a", turns), subject("b", turns)], Pace(rounds=2))

    assert turns == ["a", "b", "b", "a", "a", "b"], "warmed up, then two rounds"


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    turns: list[str] = []
    first = opened(file, ASKED, resume=False)
    first.add(Measurement("reads", "9x2x5", "n20", "a", 1, 8, 7, 1.0))

    again = opened(file, ASKED, resume=True)
    alternate(again, "reads", [subject("a", turns)], replace(ASKED.pace, rounds=2))

    assert [(one.round, one.requests) for one in Results.read(file).measurements] == [(1, 7), (2, 10)]


def test_a_run_does_not_go_on_with_another_ones_results(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    opened(file, ASKED, resume=False).save()

    with pytest.raises(ValueError, match="another run"):
        opened(file, replace(ASKED, small=DataSet(2, 2, 2)), resume=True)


@pytest.mark.parametrize(("text", "database"), [("9x2x5", "bench_9x2x5"), ("9x2x5+100", "bench_9x2x5_100")])
def test_a_data_set_is_named_by_its_numbers(text: str, database: str) -> None:
    assert str(DataSet.read(text)) == text
    assert DataSet.read(text).database == database


@pytest.mark.parametrize("text", ["", "9", "9x2", "0x2x5", "9x2x5+", "9x2x5; drop table"])
def test_anything_else_is_no_data_set(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected organizations|may be 0"):
        DataSet.read(text)
