"""Every policy is needed, and every word of it: each is dropped, or opened wide, and the probes must notice.

Column grants and policies guard each other, so a policy is tried where nothing else helps it: with every grant
given away, and
* walls beside a policy that allows everything, so that a wall alone must hold;
* the others with the walls standing, and once more with the walls down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.personas import Connection, World
from tests.policies.probes import REQUEST_ROLES, Outcome, narrowed, tried, undone
from tests.policies.tables import TABLES, Table

GRANTED = f"grant all on all tables in schema app to {REQUEST_ROLES}, orgraph_worker"


# What was found before anything was changed, by table, surroundings and roles.
Known = dict[tuple[str, str, tuple[str, ...]], list[Outcome]]


@dataclass(frozen=True)
class Policy:
    table: str
    name: str
    restrictive: bool
    roles: tuple[str, ...]
    using: str | None
    check: str | None

    @property
    def mutants(self) -> Iterator[tuple[str, str]]:
        """What is done to it, in words and in SQL."""
        yield "dropped", f"drop policy {self.name} on app.{self.table}"
        if self.using not in (None, "true"):
            yield "using (true)", f"alter policy {self.name} on app.{self.table} using (true)"
        # The worker's update asks the same of the caller before and after, and nothing of the row: its check alone
        # cannot be missed.
        if self.check not in (None, "true") and self.name != "update_worker":
            yield "with check (true)", f"alter policy {self.name} on app.{self.table} with check (true)"


async def test_every_policy_is_noticed_when_it_is_gone_or_wide_open(alone: Connection, lone_world: World) -> None:
    await alone.execute(GRANTED)
    unnoticed = []
    known: Known = {}
    for table in TABLES:
        policies = await policies_of(alone, table)
        walls = [policy for policy in policies if policy.restrictive]
        for policy in policies:
            for words, statement in policy.mutants:
                if not await noticed(alone, table, walls, policy, mutation=statement, world=lone_world, known=known):
                    unnoticed.append(f"{table.name}.{policy.name} {words}")
    assert unnoticed == []


async def noticed(
    connection: Connection,
    table: Table,
    walls: list[Policy],
    policy: Policy,
    *,
    mutation: str,
    world: World,
    known: Known,
) -> bool:
    down = "; ".join(f"drop policy {wall.name} on app.{wall.table}" for wall in walls)
    everything = f"create policy everything on app.{table.name} to {REQUEST_ROLES} using (true) with check (true)"
    for surroundings in [everything] if policy.restrictive else ["select", down] if walls else ["select"]:
        async with undone(connection, "surroundings"):
            await connection.execute(surroundings)
            asked = (table.name, surroundings, policy.roles)
            if asked not in known:
                known[asked] = await outcomes(connection, table, policy, world)
            async with undone(connection, "mutant"):
                await connection.execute(mutation)
                if await outcomes(connection, table, policy, world) != known[asked]:
                    return True
    return False


async def outcomes(connection: Connection, table: Table, policy: Policy, world: World) -> list[Outcome]:
    return [await tried(connection, caller, table, world, deep=True) for caller in narrowed(world, policy.roles)]


async def policies_of(connection: Connection, table: Table) -> list[Policy]:
    rows = await connection.fetch(
        """select policyname, permissive = 'RESTRICTIVE' as restrictive, roles::text[], qual, with_check
        from pg_catalog.pg_policies where schemaname = 'app' and tablename = $1 order by policyname""",
        table.name,
    )
    return [Policy(table.name, row[0], row[1], tuple(row[2]), row[3], row[4]) for row in rows]


async def test_the_probes_know_every_table(alone: Connection) -> None:
    found = await alone.fetch(
        """select c.relname from pg_catalog.pg_class c
        where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition"""
    )
    assert {row[0] for row in found} == {table.name for table in TABLES}
