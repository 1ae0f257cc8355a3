"""docs/policies.md says who may do what, and is what the probes found: it cannot be wrong for long."""

from __future__ import annotations

import os
from pathlib import Path

from tests.personas import Connection, World
from tests.policies.probes import Outcome, callers, tried
from tests.policies.tables import TABLES

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
VERBS = ("select", "insert", "update", "delete")


async def test_the_page_of_policies_is_what_was_tried(alone: Connection, lone_world: World) -> None:
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    found = await render(alone, lone_world)
    if os.environ.get("ORGRAPH_WRITE_DOCS"):
        PAGE.write_text(found, encoding="utf-8")
        return
    assert found == page, "who may do what has changed: ORGRAPH_WRITE_DOCS=1 pytest tests/policies/test_matrix.py"


INTRODUCTION = """\
# Who may do what

Written by `tests/policies/test_matrix.py`, which tries every cell on a real database and fails when this page
says something else (`ORGRAPH_WRITE_DOCS=1 pytest tests/policies/test_matrix.py` writes it anew). The reasons
stand in `sql/policies/<table>.sql`.

The caller acts in one organization. **own** are rows of the caller in it, **others'** those of its other people,
**all** those that belong to no person; *own elsewhere* and *elsewhere* are rows of another organization.
For an insert, *suspended's* is a row for somebody whose membership is not active. *some* means that a condition
on the row decides as well. A dash: nothing. What may be read or written of a row is further limited by column
grants: ids, organizations and times of creation are never a caller's to write.

| caller | who that is | role |
|---|---|---|
"""

WHO = {
    "owner": "an owner or admin, with the permissions of the role",
    "admin without permissions": "an admin from whom WorkOS withheld every permission",
    "member who may view appointments": "a member to whom `appointments:view` was granted and nothing else",
    "member": "a member, who is a host",
    "member, also elsewhere": "a member who is an owner of another organization",
    "billing_admin": "a member who may `payments:view` and `payments:manage`",
    "partner with permissions": "an API key with `appointments:view` and `audit:view`",
    "partner without permissions": "an API key without permissions",
    "signed in, no organization": "a person whose token names no organization",
    "anonymous": "nobody",
    "worker with a reason": "the mirror, jobs, seed and import",
    "worker without a reason": "a worker that forgot to say why",
    "member, as manager by hand": "a member's operation in which somebody smuggled `set role`",
    "member, as officer by hand": "the same, for the officer's role",
}


async def render(connection: Connection, world: World) -> str:
    everyone = callers(world)
    lines = [INTRODUCTION.rstrip("\n")]
    lines += [f"| {caller.name} | {WHO[caller.name]} | `{caller.role}` |" for caller in everyone]
    for table in TABLES:
        lines += ["", f"## {table.name}", "", f"| caller | {' | '.join(VERBS)} |", "|---|---|---|---|---|"]
        for caller in everyone:
            outcome = await tried(connection, caller, table, world)
            lines.append(f"| {caller.name} | {' | '.join(cell(outcome, verb) for verb in VERBS)} |")
    return "\n".join(lines) + "\n"


def cell(outcome: Outcome, verb: str) -> str:
    """What passed, in words."""
    if verb == "insert":
        passed = [
            name.removeprefix("insert ")
            for name, said in outcome.items()
            if name.startswith("insert ") and said == ("passed",)
        ]
    else:
        passed = [word for word in outcome[verb] if word not in ("no grant", "refused", "nothing")]
    return ", ".join(sorted(passed)) or "-"
