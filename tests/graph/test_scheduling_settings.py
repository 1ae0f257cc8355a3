"""Scheduling settings: whose are seen, who changes which, what is refused and how, what the trail keeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.ids import global_id
from tests.graph.asking import Acting, World
from tests.graph.lists import every_filter, every_order
from tests.make import TOMORROW

SETTINGS = """... on SchedulingSettings {
    beforeEventBufferMinutes afterEventBufferMinutes minimumNoticeMinutes timeSlotIntervalMinutes bookingWindowDays
    host { id }
}"""
DEFAULTS = {
    "beforeEventBufferMinutes": 10,
    "afterEventBufferMinutes": 0,
    "minimumNoticeMinutes": 1_440,
    "timeSlotIntervalMinutes": 30,
    "bookingWindowDays": 60,
}
HOSTS = ("member", "billing", "receptionist", "restricted", "both")


@pytest.mark.parametrize("part", ["owner", "admin", *HOSTS])
async def test_everyone_sees_the_settings_of_their_organization(world: World, part: str) -> None:
    table = "scheduling_settings"
    everyones = {global_id("SchedulingSettings", one) for one in world.acme.rows.rows[table].values()}

    assert set(await world.acme.askers[part].listed("schedulingSettings")) == everyones
    theirs = world.globex.id_of("SchedulingSettings", table)
    assert theirs in await world.globex.owner.listed("schedulingSettings")


async def test_every_filter_and_every_order(acme: Acting) -> None:
    table = "scheduling_settings"
    rows = {part: acme.id_of("SchedulingSettings", table, part) for part in ("owner", *HOSTS)}
    for place, part in enumerate(rows):
        await acme.put(table, acme.row(table, part), created_at=TOMORROW - timedelta(hours=place * 7 % 5))

    host = {"hostId": await acme.user_id_of("member")}
    await every_filter(acme.owner, "schedulingSettings", host, rows, {"hostId": set(rows) - {"member"}})
    orders = {"CREATED_AT_ASC": "createdAt"}
    await every_order(acme.owner, "schedulingSettings", orders, default="CREATED_AT_ASC")


async def test_the_first_change_makes_settings_and_what_was_not_said_has_its_default(acme: Acting) -> None:
    person = acme.member.user_id
    gone = "delete from app.scheduling_settings where org_id = $1 and workos_user_id = $2"
    await acme.truth(gone, acme.rows.id, person)

    answer = await acme.member.do("updateSchedulingSettings", SETTINGS, bookingWindowDays=90)

    host = {"id": await acme.user_id_of("member")}
    assert answer == {"__typename": "SchedulingSettings", **DEFAULTS, "bookingWindowDays": 90, "host": host}
    [row] = await acme.audited("SCHEDULING_SETTINGS_UPDATED")
    assert row["old_values"] is None
    assert row["new_values"]["booking_window_days"] == 90


async def test_what_is_left_out_stays_and_the_trail_has_what_differs(acme: Acting) -> None:
    await acme.member.do("updateSchedulingSettings", SETTINGS, bookingWindowDays=90, afterEventBufferMinutes=5)
    answer = await acme.member.do(
        "updateSchedulingSettings", SETTINGS, bookingWindowDays=30, minimumNoticeMinutes=1_440
    )

    assert (answer["bookingWindowDays"], answer["afterEventBufferMinutes"]) == (30, 5)
    rows = await acme.audited("SCHEDULING_SETTINGS_UPDATED", acme.row("scheduling_settings"))
    assert [(row["old_values"], row["new_values"]) for row in rows] == [
        (
            {"after_event_buffer": 0, "booking_window_days": 60},
            {"after_event_buffer": 5, "booking_window_days": 90},
        ),
        ({"booking_window_days": 90}, {"booking_window_days": 30}),
    ]


@pytest.mark.parametrize("part", ["owner", "admin"])
async def test_who_manages_schedules_changes_everyones(acme: Acting, part: str) -> None:
    for whose in ("member", part):
        host = await acme.user_id_of(whose)
        answer = await acme.askers[part].do("updateSchedulingSettings", SETTINGS, hostId=host, bookingWindowDays=7)
        assert (answer["host"], answer["bookingWindowDays"]) == ({"id": host}, 7)


@pytest.mark.parametrize("part", HOSTS)
async def test_a_host_changes_their_own_and_nobody_elses(acme: Acting, part: str) -> None:
    others = {"hostId": await acme.user_id_of("colleague")}

    own = await acme.askers[part].do("updateSchedulingSettings", SETTINGS, bookingWindowDays=7)
    refused = await acme.askers[part].do("updateSchedulingSettings", **others, bookingWindowDays=7)

    assert own["host"] == {"id": await acme.user_id_of(part)}
    assert refused == {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}
    [denial] = await acme.denied("updateSchedulingSettings")
    assert (denial["outcome"], denial["actor_id"]) == ("denied", acme.askers[part].user_id)
    days = "select booking_window_days from app.scheduling_settings where id = $1"
    assert await acme.truth(days, acme.row("scheduling_settings", "colleague")) == 60


ACCEPTABLE: dict[str, tuple[int, ...]] = {
    "beforeEventBufferMinutes": (0, 1, 120),
    "afterEventBufferMinutes": (0, 1, 120),
    "minimumNoticeMinutes": (60, 180, 360, 720, 1_440, 2_880, 4_320, 7_200, 10_080, 20_160),
    "timeSlotIntervalMinutes": (5, 10, 15, 120),
    "bookingWindowDays": (7, 365),
}
NOT_ACCEPTABLE: dict[str, tuple[Any, ...]] = {
    "beforeEventBufferMinutes": (-1, 121, None),
    "afterEventBufferMinutes": (-1, 121, None),
    "minimumNoticeMinutes": (0, 61, 20_161, None),
    "timeSlotIntervalMinutes": (0, 4, 7, 125, None),
    "bookingWindowDays": (6, 366, None),
}


@pytest.mark.parametrize(("field", "value"), [(field, one) for field, many in ACCEPTABLE.items() for one in many])
async def test_what_is_acceptable_is_stored(acme: Acting, field: str, value: int) -> None:
    answer = await acme.member.do("updateSchedulingSettings", SETTINGS, **{field: value})

    assert answer[field] == value


@pytest.mark.parametrize(("field", "value"), [(field, one) for field, many in NOT_ACCEPTABLE.items() for one in many])
async def test_what_is_not_acceptable_is_named_by_its_place_and_nothing_is_stored(
    acme: Acting, field: str, value: Any
) -> None:
    stored = await acme.contents()

    assert await acme.member.do("updateSchedulingSettings", **{field: value}) == {
        "__typename": "InvalidInput",
        "code": "INVALID_INPUT",
        "fields": [{"path": f"input.{field}"}],
    }
    assert await acme.contents() == stored
