"""Mutations that may be done again and change nothing more, with as much asked of their answer as of any query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLSchema
from hypothesis import strategies as st

from tests.plan.choosing import Choosing, chosen
from tests.plan.known import Known
from tests.plan.operations import Operation, Scope, Writing
from tests.plan.scraps import SCRAPS
from tests.plan.values import Values, literal

# What each of them changes, under which name it takes an id (of that thing, or of whose it is), and to what.
CHANGES: dict[str, tuple[str, str | None, Callable[[Choosing], dict[str, Any]]]] = {
    "updateEvent": ("Event", "id", lambda choose: {"description": choose.pick(SCRAPS)}),
    "setEventActive": ("Event", "id", lambda choose: {"isActive": choose.chance(50)}),
    "updateOrganization": ("Organization", None, lambda choose: {"billingEmail": choose.pick((None, "a@b.test"))}),
    "updateProfile": ("Profile", "userId", lambda choose: {"shortBio": choose.pick(SCRAPS)}),
    "updateSchedulingSettings": ("SchedulingSettings", "hostId", lambda _: {"afterEventBufferMinutes": 5}),
}
MANAGERS = ("owner of acme", "owner of globex")


@dataclass(frozen=True)
class Change:
    """A mutation, and who asks for it."""

    operation: Operation
    who: str


def mutation(schema: GraphQLSchema, known: Known, choose: Choosing, where: str) -> Operation:
    """Up to two fields, that change something of one thing each: mostly a thing of this organization."""
    root = schema.mutation_type
    assert root is not None
    # What has been changed again has been changed later.
    never = frozenset({"updatedAt"})
    writing = Writing(schema, choose, Values(choose, known), choose.pick((12, 24)), never)
    fields = []
    for at in range(1 + choose.below(2)):
        name = choose.pick(list(CHANGES))
        type_name, whose, values = CHANGES[name]
        given = values(choose)
        if whose is not None:
            ids = known.hosted[where] if choose.chance(90) else known.ids
            given[whose] = choose.pick(ids["Event" if whose == "id" else "User"])
        written = literal(root.fields[name].args["input"].type, given)
        asked = writing.selection(schema.type_map[type_name], Scope(), 1, least=4)
        failed = "... on Failure { code message }"
        fields.append(f"m{at}: {name}(input: {written}) {{ __typename {failed} ... on {type_name} {asked} }}")
    fragments = " ".join(one.text for one in writing.fragments)
    body = f"{{ {' '.join(fields)} }}"
    return Operation(tuple(writing.values.variables), body, fragments, None, "", writing.cursors, "mutation")


def changes(schema: GraphQLSchema, known: Known, people: Sequence[str]) -> st.SearchStrategy[Change]:
    """Whatever may be changed, by any of these people."""

    def made(choose: Choosing) -> Change:
        who = choose.pick(people if choose.chance(20) else MANAGERS)
        return Change(mutation(schema, known, choose, "globex" if "globex" in who else "acme"), who)

    return chosen(made)
