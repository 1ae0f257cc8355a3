"""Schedules: whose are seen, who saves which, what is refused and how, what the trail keeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.ids import global_id
from tests.graph.asking import Acting, World
from tests.graph.lists import every_filter, every_order
from tests.make import TOMORROW

SCHEDULE = """... on Schedule {
    id timezone host { id } availabilities { totalCount nodes { dayOfWeek startTime endTime } }
}"""
NOT_ALLOWED = {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}
HOSTS = ("member", "billing", "receptionist", "restricted", "both")


def window(day: str = "FRIDAY", start: str = "09:00", end: str = "17:00") -> dict[str, str]:
    return {"dayOfWeek": day, "startTime": start, "endTime": end}


def week(*windows: dict[str, str], **values: Any) -> dict[str, Any]:
    return {"timezone": "Europe/Madrid", "availabilities": [*windows], **values}


@pytest.mark.parametrize("part", ["owner", "admin", *HOSTS])
async def test_everyone_sees_the_hours_of_their_organization(world: World, part: str) -> None:
    everyones = {global_id("Schedule", one) for one in world.acme.rows.rows["schedules"].values()}

    assert set(await world.acme.askers[part].listed("schedules")) == everyones
    assert world.globex.id_of("Schedule", "schedules") in await world.globex.owner.listed("schedules")


async def test_every_filter_and_every_order(acme: Acting) -> None:
    rows = {part: acme.id_of("Schedule", "schedules", part) for part in ("owner", *HOSTS)}
    for place, part in enumerate(rows):
        made = TOMORROW - timedelta(hours=place * 7 % 5)
        await acme.put("schedules", acme.row("schedules", part), created_at=made)

    host = {"hostId": await acme.user_id_of("member")}
    await every_filter(acme.owner, "schedules", host, rows, {"hostId": set(rows) - {"member"}})
    orders = {"CREATED_AT_ASC": "createdAt", "CREATED_AT_DESC": "createdAt"}
    await every_order(acme.owner, "schedules", orders, default="CREATED_AT_ASC")


async def test_windows_are_filtered_by_day_and_come_earliest_first(acme: Acting) -> None:
    await acme.member.do(
        "saveSchedule",
        **week(window("FRIDAY", "12:00"), window("MONDAY", "10:00"), window("FRIDAY", "08:00", "11:00")),
    )
    query = """query($id: ID!) { node(id: $id) { ... on Schedule {
        all: availabilities(orderBy: [START_MINUTE_ASC]) { nodes { startTime } }
        fridays: availabilities(filter: {dayOfWeek: [FRIDAY, SUNDAY]}) { totalCount nodes { startTime } }
        none: availabilities(filter: {dayOfWeek: [SUNDAY]}) { totalCount }
    } } }"""

    found = (await acme.colleague.ask(query, id=acme.id_of("Schedule", "schedules")))["node"]

    assert [node["startTime"] for node in found["all"]["nodes"]] == ["08:00", "10:00", "12:00"]
    assert [node["startTime"] for node in found["fridays"]["nodes"]] == ["08:00", "12:00"]
    assert (found["fridays"]["totalCount"], found["none"]["totalCount"]) == (2, 0)


async def test_a_week_replaces_the_week_before_whole_and_the_trail_has_both(acme: Acting) -> None:
    fridays = [window("FRIDAY", "00:00", "12:00"), window("FRIDAY", "12:00", "24:00")]

    saved = await acme.member.do("saveSchedule", SCHEDULE, **week(window("SUNDAY", "23:59", "24:00"), *fridays))

    windows = [*fridays, window("SUNDAY", "23:59", "24:00")]
    assert saved == {
        "__typename": "Schedule",
        "id": acme.id_of("Schedule", "schedules"),
        "timezone": "Europe/Madrid",
        "host": {"id": await acme.user_id_of("member")},
        "availabilities": {"totalCount": 3, "nodes": windows},
    }
    [row] = await acme.audited("SCHEDULE_UPDATED", acme.row("schedules"))
    before = {"day_of_week": "monday", "start_minute": 540, "end_minute": 1020}
    assert row["old_values"] == {"timezone": "Europe/Lisbon", "availabilities": [before]}
    assert row["new_values"] == {
        "timezone": "Europe/Madrid",
        "availabilities": [
            {"day_of_week": "friday", "start_minute": 0, "end_minute": 720},
            {"day_of_week": "friday", "start_minute": 720, "end_minute": 1440},
            {"day_of_week": "sunday", "start_minute": 1439, "end_minute": 1440},
        ],
    }


async def test_the_trail_keeps_of_a_week_only_what_differs(acme: Acting) -> None:
    await acme.member.do("saveSchedule", **week(window("MONDAY", "09:00", "17:00"), timezone="Europe/Madrid"))
    await acme.member.do("saveSchedule", **week(window("MONDAY", "09:00", "17:00"), timezone="Europe/Madrid"))

    rows = await acme.audited("SCHEDULE_UPDATED", acme.row("schedules"))
    assert [(row["old_values"], row["new_values"]) for row in rows] == [
        ({"timezone": "Europe/Lisbon"}, {"timezone": "Europe/Madrid"}),
        ({}, {}),
    ]


async def test_a_week_may_be_empty_and_the_longest_has_seventy_windows(acme: Acting) -> None:
    empty = await acme.member.do("saveSchedule", SCHEDULE, **week())
    days = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
    windows = [window(day, f"{hour:02d}:00", f"{hour:02d}:30") for day in days for hour in range(10)]
    full = await acme.member.do("saveSchedule", SCHEDULE, **week(*windows))
    fuller = await acme.member.do("saveSchedule", **week(*windows, window("MONDAY", "22:00", "23:00")))

    assert empty["availabilities"] == {"totalCount": 0, "nodes": []}
    assert full["availabilities"]["totalCount"] == 70
    assert fuller["fields"] == [{"path": "input.availabilities"}]


async def test_a_first_schedule_is_made(acme: Acting) -> None:
    person = acme.member.user_id
    await acme.truth("delete from app.schedules where org_id = $1 and workos_user_id = $2", acme.rows.id, person)

    saved = await acme.member.do("saveSchedule", SCHEDULE, **week(window()))

    assert saved["availabilities"]["totalCount"] == 1
    [row] = await acme.audited("SCHEDULE_UPDATED")
    assert row["old_values"] is None


@pytest.mark.parametrize("part", ["owner", "admin"])
async def test_who_manages_schedules_saves_everyones(acme: Acting, part: str) -> None:
    for whose in ("member", part):
        host = await acme.user_id_of(whose)
        saved = await acme.askers[part].do("saveSchedule", SCHEDULE, **week(window(), hostId=host))
        assert (saved["host"], saved["availabilities"]["totalCount"]) == ({"id": host}, 1)


@pytest.mark.parametrize("part", HOSTS)
async def test_a_host_saves_their_own_and_nobody_elses(acme: Acting, part: str) -> None:
    own = await acme.askers[part].do("saveSchedule", SCHEDULE, **week(window()))
    others = await acme.askers[part].do("saveSchedule", **week(window(), hostId=await acme.user_id_of("colleague")))

    assert own["host"] == {"id": await acme.user_id_of(part)}
    assert others == NOT_ALLOWED
    [denial] = await acme.denied("saveSchedule")
    assert (denial["outcome"], denial["actor_id"]) == ("denied", acme.askers[part].user_id)
    days = "select string_agg(day_of_week, ',') from app.schedule_availabilities where schedule_id = $1"
    assert await acme.truth(days, acme.row("schedules", "colleague")) == "monday"


async def test_a_suspended_person_is_given_no_hours_anew(acme: Acting) -> None:
    person = acme.suspended.user_id
    await acme.truth("delete from app.schedules where org_id = $1 and workos_user_id = $2", acme.rows.id, person)

    host = await acme.user_id_of("suspended")
    assert await acme.owner.do("saveSchedule", **week(window(), hostId=host)) == NOT_ALLOWED


WRONG: dict[str, tuple[list[dict[str, str]], list[str]]] = {
    "an end before the beginning": ([window(start="17:00", end="09:00")], ["availabilities.0.endTime"]),
    "an end at the beginning": ([window(), window("MONDAY", "09:00", "09:00")], ["availabilities.1.endTime"]),
    "two that overlap": ([window(end="12:00"), window(start="11:59")], ["availabilities"]),
    "one inside another": ([window(start="10:00", end="11:00"), window()], ["availabilities"]),
    "the same one twice": ([window(), window()], ["availabilities"]),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_not_acceptable_is_named_by_its_place_and_nothing_is_stored(acme: Acting, wrong: str) -> None:
    windows, paths = WRONG[wrong]
    stored = await acme.contents()

    answer = await acme.member.do("saveSchedule", **week(*windows))

    assert (answer["code"], [field["path"] for field in answer["fields"]]) == (
        "INVALID_INPUT",
        [f"input.{path}" for path in paths],
    )
    assert await acme.contents() == stored


async def test_the_same_hours_on_two_days_do_not_overlap(acme: Acting) -> None:
    saved = await acme.member.do("saveSchedule", SCHEDULE, **week(window("MONDAY"), window("TUESDAY")))

    assert saved["availabilities"]["totalCount"] == 2
