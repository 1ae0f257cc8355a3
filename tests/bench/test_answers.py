"""Whoever is measured answers the same: every contender in Python, on real Postgres, over real HTTP."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bench.answers import answer
from bench.contenders import RAW
from bench.databases import ask, bypass
from bench.experiments.by_hand import contender
from bench.processes import Process
from bench.queries import QUERIES, READS, Query, Sight
from bench.requests import reading
from bench.stand import Stand
from bench.subjects import reading_subjects
from tests.bench.conftest import TINY


@pytest.mark.parametrize("query", READS, ids=[query.name for query in READS])
def test_every_contender_gives_the_same_answer(stand: Stand, running: Sequence[Process], query: Query) -> None:
    subjects = reading_subjects(stand, running, TINY, query, [TINY.plan.organization(1), TINY.middle])

    assert [subject.contender for subject in subjects] == ["raw", "bare", "planned", "interpreted", "tutorial"]


def test_a_manager_is_answered_more_than_a_member(stand: Stand, running: Sequence[Process]) -> None:
    """Or equal answers would say nothing of the scope."""
    raw, *_ = running
    asked = [reading(QUERIES[name], "orgraph", stand.tokens, [TINY.middle])[0] for name in ("n20", "n20_member")]

    everyones, own = (answer(raw, request)["meetings"]["nodes"] for request in asked)

    assert len(everyones) == 20
    assert 0 < len(own) < 20


@pytest.mark.parametrize("sight", ["manager", "member"])
def test_filters_by_hand_show_what_the_policies_show(stand: Stand, sight: Sight) -> None:
    by_hand = contender(sight)
    [name] = by_hand.answers

    with bypass(stand.cluster, TINY.database), stand.running([RAW, by_hand], TINY.database) as running:
        assert len(reading_subjects(stand, running, TINY, QUERIES[name], [TINY.middle])) == 2

    assert ask(stand.cluster, TINY.database, "select from pg_roles where rolname = 'bench_bypass'") == []
