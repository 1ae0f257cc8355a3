"""Two requests of one document: the second with cursors of the first one's answer, and perhaps of somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLSchema
from hypothesis import strategies as st

from tests.plan.both import cursors
from tests.plan.choosing import Choosing, chosen
from tests.plan.known import Known
from tests.plan.operations import Operation, operation
from tests.plan.values import Values

# Most requests are of those who see something.
OFTEN = ("owner of acme", "admin of acme", "both of acme", "billing of acme", "owner of globex", "both of globex")


@dataclass(frozen=True)
class CursorChoice:
    """Which cursor of the first answer a variable gets: of its own list or of any, or none that is one."""

    kind: int
    number: int
    written: bool

    def of(self, own: Sequence[str], others: Sequence[str]) -> str | None:
        """The cursor; null where the answer holds none."""
        if self.kind == 0:
            return "WzEsImdhcmJhZ2UiXQ"
        these = others if self.kind == 1 or not own else own
        return these[self.number % len(these)] if these else None


@dataclass(frozen=True)
class Requests:
    """A document that is asked for twice."""

    operation: Operation
    first: str
    second: str
    again: Mapping[str, Any]
    chosen: Mapping[str, CursorChoice]

    def next(self, answered: Any) -> tuple[str, Mapping[str, Any]]:
        """The document of the second request and its variables, where this was the data of the first answer."""
        by_key: dict[str | None, list[str]] = {}
        for key, cursor in cursors(answered):
            by_key.setdefault(key, []).append(cursor)
        others = [cursor for many in by_key.values() for cursor in many]
        written: dict[str, str | None] = {}
        passed: dict[str, str | None] = {}
        for name, choice in self.chosen.items():
            found = choice.of(by_key.get(self.operation.cursors[name], ()), others)
            (written if choice.written else passed)[name] = found
        return self.operation.text(written), {**self.again, **passed}


def requests(schema: GraphQLSchema, known: Known, people: Sequence[str]) -> st.SearchStrategy[Requests]:
    """Whatever may be asked, by any of these people."""

    def made(choose: Choosing) -> Requests:
        asked = operation(schema, known, choose)
        first = choose.pick(people if choose.chance(30) else OFTEN)
        second = choose.pick(people) if choose.chance(30) else first
        again = asked.given
        if choose.chance(80):
            values = Values(choose, known)
            changed = [one for one in asked.variables if one.is_given and choose.chance(60)]
            again = {**again, **{one.name: values.another(one) for one in changed}}
        cursors_of = {
            name: CursorChoice(choose.below(20), choose.below(50), not asked.other and choose.chance(20))
            for name in asked.cursors
        }
        return Requests(asked, first, second, again, cursors_of)

    return chosen(made)
