"""Whether a meeting lies inside its host's working hours: by the host's clock, also on the days it is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.graph.asking import Acting

LISBON = ZoneInfo("Europe/Lisbon")
QUERY = "query($id: ID!) { meeting(id: $id) { withinWorkingHours } }"


async def within(acme: Acting, start: datetime, minutes: int = 60) -> Any:
    """The answer for the member's meeting, had it this time."""
    utc = start.astimezone(UTC)
    end = utc + timedelta(minutes=minutes)
    await acme.put("meetings", acme.row("meetings"), start_time=utc, end_time=end)
    return (await acme.member.ask(QUERY, id=acme.id_of("Meeting", "meetings")))["meeting"]["withinWorkingHours"]


async def works(acme: Acting, *windows: tuple[str, str, str], timezone: str = "Europe/Lisbon") -> None:
    """The member's hours from now on."""
    answer = await acme.member.do(
        "saveSchedule",
        timezone=timezone,
        availabilities=[{"dayOfWeek": day, "startTime": start, "endTime": end} for day, start, end in windows],
    )
    assert answer["__typename"] == "Schedule"


def lisbon(day: str, clock: str) -> datetime:
    """A moment by Lisbon's clock."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=LISBON)


@pytest.mark.parametrize(
    ("clock", "minutes", "expected"),
    [("09:00", 60, True), ("16:00", 60, True), ("08:59", 60, False), ("16:01", 60, False), ("09:00", 480, True)],
)
async def test_a_meeting_must_lie_inside_one_window_from_beginning_to_end(
    acme: Acting, clock: str, minutes: int, expected: bool
) -> None:
    await works(acme, ("MONDAY", "09:00", "17:00"))

    assert await within(acme, lisbon("2027-06-07", clock), minutes) is expected
    assert await within(acme, lisbon("2027-06-08", clock), minutes) is False  # a Tuesday


# The clock of Lisbon goes forward on 2027-03-28 at 01:00 and back on 2027-10-31 at 02:00, both Sundays.
@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31", "2027-03-21", "2027-11-07"])
async def test_on_the_days_the_clock_is_changed_hours_are_the_clocks(acme: Acting, day: str) -> None:
    await works(acme, ("SUNDAY", "09:00", "17:00"))

    assert await within(acme, lisbon(day, "09:00")) is True
    assert await within(acme, lisbon(day, "16:00")) is True
    assert await within(acme, lisbon(day, "08:30")) is False
    assert await within(acme, lisbon(day, "16:30")) is False


async def test_the_same_moment_of_utc_is_inside_in_summer_and_outside_in_winter(acme: Acting) -> None:
    await works(acme, ("SUNDAY", "09:00", "17:00"))

    assert await within(acme, datetime(2027, 10, 24, 8, tzinfo=UTC)) is True  # 09:00 in Lisbon
    assert await within(acme, datetime(2027, 10, 31, 8, tzinfo=UTC)) is False  # 08:00 in Lisbon


async def test_the_hour_that_happens_twice_is_inside_both_times(acme: Acting) -> None:
    await works(acme, ("SUNDAY", "01:00", "02:00"))

    # 01:30 to 01:45, before the clock goes back and after.
    assert await within(acme, datetime(2027, 10, 31, 0, 30, tzinfo=UTC), 15) is True
    assert await within(acme, datetime(2027, 10, 31, 1, 30, tzinfo=UTC), 15) is True
    # From the first 01:00 to the end of the second hour: two hours of time, one on the clock.
    assert await within(acme, datetime(2027, 10, 31, 0, 0, tzinfo=UTC), 120) is True


async def test_a_meeting_across_the_hour_that_is_left_out_reads_by_the_clock(acme: Acting) -> None:
    await works(acme, ("SUNDAY", "00:30", "02:30"))

    # 00:30 to 02:30 by the clock is one hour of time on that night.
    assert await within(acme, datetime(2027, 3, 28, 0, 30, tzinfo=UTC), 60) is True
    assert await within(acme, datetime(2027, 3, 28, 0, 30, tzinfo=UTC), 75) is False


async def test_the_end_of_the_day_belongs_to_the_day_before(acme: Acting) -> None:
    await works(acme, ("MONDAY", "22:00", "24:00"), ("TUESDAY", "00:00", "02:00"))

    assert await within(acme, lisbon("2027-06-07", "23:00")) is True
    assert await within(acme, lisbon("2027-06-08", "00:00")) is True
    # Windows of two days are two windows, even where they touch.
    assert await within(acme, lisbon("2027-06-07", "23:30")) is False


async def test_windows_of_one_day_that_touch_are_two_windows(acme: Acting) -> None:
    await works(acme, ("MONDAY", "09:00", "12:00"), ("MONDAY", "12:00", "17:00"))

    assert await within(acme, lisbon("2027-06-07", "11:00")) is True
    assert await within(acme, lisbon("2027-06-07", "11:30")) is False


@pytest.mark.parametrize("timezone", ["America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu"])
async def test_hours_are_read_by_the_schedules_clock(acme: Acting, timezone: str) -> None:
    await works(acme, ("MONDAY", "09:00", "10:00"), timezone=timezone)
    start = datetime(2027, 6, 7, 9, tzinfo=ZoneInfo(timezone))

    assert await within(acme, start) is True
    assert await within(acme, start + timedelta(minutes=1)) is False


async def test_without_windows_nothing_is_inside_and_without_a_schedule_nobody_knows(acme: Acting) -> None:
    await works(acme)
    assert await within(acme, lisbon("2027-06-07", "09:00")) is False

    person = acme.member.user_id
    await acme.truth("delete from app.schedules where org_id = $1 and workos_user_id = $2", acme.rows.id, person)
    assert await within(acme, lisbon("2027-06-07", "09:00")) is None
