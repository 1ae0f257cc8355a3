"""Scalars: what is written is read back, and what is not in the one spelling is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from graph.scalars import (
    read_cents,
    read_date,
    read_date_time,
    read_local_time,
    read_time_zone,
    written_date_time,
    written_local_time,
)

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1901, 1, 1), datetime(2199, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - bounds are naive


@given(moment=MOMENTS)
def test_a_moment_with_any_offset_is_the_same_moment_in_utc(moment: datetime) -> None:
    found = read_date_time(moment.isoformat(timespec="microseconds"))

    assert found == moment
    assert found.tzinfo is UTC


@given(moment=MOMENTS)
def test_a_moment_is_written_in_one_form_to_the_millisecond(moment: datetime) -> None:
    written = written_date_time(moment)

    assert len(written) == 24
    assert written.endswith("Z")
    assert timedelta(0) <= moment - read_date_time(written) < timedelta(milliseconds=1)


def test_below_a_microsecond_nothing_is_kept() -> None:
    assert read_date_time("2026-01-31T09:00:00.123456789Z") == datetime(2026, 1, 31, 9, 0, 0, 123456, UTC)


@given(minutes=st.integers(0, 1440))
def test_a_local_time_comes_back_as_it_was(minutes: int) -> None:
    assert read_local_time(written_local_time(minutes)) == minutes


@given(day=st.dates())
def test_a_day_comes_back_as_it_was(day: date) -> None:
    assert read_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("read", "bad"),
    [
        *((read_local_time, bad) for bad in ("9:00", "24:01", "25:00", "09:60", "09:00:00", "", 540, None)),
        *((read_date, bad) for bad in ("2026-02-30", "20260131", "2026-W05-6", "2026-1-31", "", 20260131, None)),
        *((read_time_zone, bad) for bad in ("Lisbon", "europe/lisbon", "+01:00", "../etc/passwd", "", None, 1)),
        *((read_cents, bad) for bad in (-1, 1.0, "1", True, None, 100_000_001)),
        *((read_date_time, bad) for bad in ("2026-01-31T09:00:00", "2026-01-31", 1, None, "")),
    ],
)
def test_anything_else_is_refused_without_being_repeated(read: Any, bad: Any) -> None:
    with pytest.raises(GraphQLError) as caught:
        read(bad)

    assert (caught.value.extensions or {})["code"] == "BAD_USER_INPUT"
    assert f"'{bad}'" not in caught.value.message
