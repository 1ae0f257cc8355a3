"""A booking is the same whoever makes it, its row of the trail included; made in a copy, which is gone afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

from bench.contenders import INTERPRETED, PLANNED, RAW
from bench.databases import ask, copy
from bench.experiments import writes
from bench.queries import WRITE, read
from bench.renaming import difference
from bench.requests import booking, first_time
from bench.stand import Stand
from tests.bench.conftest import TINY


def test_a_booking_leaves_the_same_row_of_the_trail(stand: Stand) -> None:
    with (
        copy(stand.cluster, TINY, "bench_test") as name,
        stand.running([RAW, PLANNED, INTERPRETED], name) as running,
    ):
        diary = writes.Diary(stand.cluster, name, first_time(datetime.now(UTC)))
        requests = booking(WRITE, "orgraph", stand.tokens, TINY.plan)
        first, *others = [writes.booked_once(process, diary, requests) for process in running]

    assert [row["action"] for row in first["trail"]] == ["APPOINTMENT_CREATED"]
    assert [difference(first, other) for other in others] == [None, None]


def test_the_peers_trigger_is_taken_by_the_database(stand: Stand) -> None:
    with copy(stand.cluster, TINY, "bench_test", read("write/trigger.sql")) as name:
        triggers = ask(stand.cluster, name, "select tgname from pg_trigger where tgname like '%bench%'")

    assert [row["tgname"] for row in triggers] == ["t90_bench_trail"]
