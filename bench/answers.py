"""Asking a contender once, outside any measurement: is it the answer that the others give?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx2

from bench.processes import Process
from bench.renaming import canonical, difference
from bench.requests import Request


class AnswersDiffer(Exception):
    """Two contenders answered the same question differently, or one with errors: nothing of it is timed."""


def answer(running: Process, request: Request, *, reads: bool = True) -> dict[str, Any]:
    """The data of one answer, in our form. Raises AnswersDiffer for anything but a good one."""
    headers = {"authorization": f"Bearer {request.token}", "content-type": "application/json"}
    with httpx2.Client(trust_env=False, verify=False, timeout=30) as client:
        response = client.post(running.url, content=request.body.encode(), headers=headers)
    if response.status_code != httpx2.codes.OK:
        raise AnswersDiffer(f"{running.name} answered {response.status_code}: {response.text[:400]}")
    way = response.headers.get("x-orgraph-plan", "")
    if reads and running.contender.way and not way.startswith(running.contender.way):
        raise AnswersDiffer(f"{running.name} must be {running.contender.way}, and says: {way or 'nothing'}")
    try:
        return canonical(response.content, running.contender.dialect)
    except ValueError as error:
        raise AnswersDiffer(f"{running.name}: {error}") from None


def demand_equal(answers: Sequence[tuple[str, dict[str, Any]]], what: str) -> None:
    """Raises AnswersDiffer, which names the first difference from the first contender's answer."""
    (first, expected), *others = answers
    for name, given in others:
        if found := difference(expected, given):
            raise AnswersDiffer(f"{what}: {first} and {name} differ at {found}")
