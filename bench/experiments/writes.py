"""Writes: a booking with its row of the trail, in copies of the small set that are dropped afterwards. P6.

PostGraphile has a copy of its own, in which a trigger writes the trail; in the other one orgraph and `raw` do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from bench.alternating import Pace, Subject, alternate, is_measured
from bench.answers import AnswersDiffer, answer, demand_equal
from bench.contenders import Contender
from bench.databases import ask, copy, run_as_superuser
from bench.load import Loaded, load
from bench.processes import Process
from bench.progress import say
from bench.queries import WRITE, read
from bench.requests import Request, booking, first_time, times
from bench.results import Results
from bench.sets import DataSet
from bench.stand import Stand
from db.embedded import Cluster
from graph.ids import parsed

NAME = "write"
BY_HAND, BY_TRIGGER = "bench_write", "bench_write_trigger"
TRAIL = """
select action, resource_type, outcome, actor_type, actor_id, org_id::text, new_values
from app.audit_logs where resource_id = $1
"""
COUNTS = "select (select count(*) from app.meetings), (select count(*) from app.audit_logs)"


@dataclass
class Diary:
    """A copy, and which of its times are taken: whoever has the turn books the next ones."""

    cluster: Cluster
    database: str
    first: datetime
    sent: int = 0

    def counts(self) -> tuple[int, int]:
        """Meetings, and rows of the trail."""
        [(meetings, trail)] = ask(self.cluster, self.database, COUNTS)
        return (meetings, trail)


def run(stand: Stand, data: DataSet, contenders: Sequence[Contender], pace: Pace, results: Results) -> None:
    """Raises AnswersDiffer, ContenderError, LoadError."""
    knowing = [one for one in contenders if one.knows(WRITE)]
    names = [one.name for one in knowing]
    if not knowing or is_measured(results, NAME, data=data, query=WRITE.name, contenders=names, rounds=pace.rounds):
        return
    ours = [one for one in knowing if one.dialect == "orgraph"]
    theirs = [one for one in knowing if one.dialect == "postgraphile"]
    say("copying the database to write in")
    with (
        copy(stand.cluster, data, BY_HAND) as by_hand,
        copy(stand.cluster, data, BY_TRIGGER, read("write/trigger.sql")) as by_trigger,
        stand.running(ours, by_hand) as our_processes,
        stand.running(theirs, by_trigger, {"BENCH_AUDIT": "1"}) as their_processes,
    ):
        first = first_time(datetime.now(UTC))
        our_diary, their_diary = (Diary(stand.cluster, name, first) for name in (by_hand, by_trigger))
        running = [(process, our_diary) for process in our_processes]
        running += [(process, their_diary) for process in their_processes]
        asked = [booking(WRITE, process.contender.dialect, stand.tokens, data.plan) for process, _ in running]
        everyone = [(process, diary, requests) for (process, diary), requests in zip(running, asked, strict=True)]
        demand_equal([(one[0].name, booked_once(*one)) for one in everyone], "a booking and its row of the trail")
        say(f"{WRITE.name}: {len(everyone)} answers and rows of the trail are equal")
        alternate(results, NAME, [_subject(*one, str(data)) for one in everyone], pace)


def booked_once(process: Process, diary: Diary, requests: Sequence[Request]) -> dict[str, Any]:
    """What a booking is answered and leaves in the trail, without its id; the meeting is taken away again."""
    meeting = answer(process, requests[0].at(diary.first), reads=False)["bookMeeting"]
    _, meeting_id = parsed(meeting.pop("id", ""))
    trail = [dict(row) for row in ask(diary.cluster, diary.database, TRAIL, str(meeting_id))]
    for row in trail:
        row["new_values"] = orjson.loads(row["new_values"])
    run_as_superuser(diary.cluster, diary.database, f"delete from app.meetings where id = '{meeting_id}'")
    return {"answer": meeting, "trail": trail}


def _subject(process: Process, diary: Diary, requests: Sequence[Request], data: str) -> Subject:
    before, after, loaded = (0, 0), (0, 0), (0, 0)

    def run(clients: int, seconds: int) -> Loaded:
        nonlocal before, after, loaded
        process.demand_alive()
        before = diary.counts()
        found = load(process.url, requests, clients=clients, seconds=seconds, first=diary.first, before=diary.sent)
        loaded = (found.requests, found.sent - diary.sent)
        diary.sent = found.sent
        if diary.sent > times(requests):
            raise AnswersDiffer("there are no free times left: fewer seconds, or a larger small set")
        after = diary.counts()
        return found

    def check() -> None:
        # What was under way when the load ended may be stored, though nobody waited for its answer.
        for what, then, now in zip(("meetings", "rows of the trail"), before, after, strict=True):
            if not loaded[0] <= now - then <= loaded[1]:
                raise AnswersDiffer(f"{process.name} answered {loaded[0]} bookings and stored {now - then} {what}")

    return Subject(process.name, data, WRITE.name, run, check, process.pid, diary.cluster.pid)
