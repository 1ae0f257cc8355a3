"""What anybody can do to a table, tried: the same probes for every role, inside one transaction that is undone.

A superuser holds the transaction and becomes each caller in turn, so a policy may be dropped before the
probes run and is back after them. `passed` means that no policy and no missing right stopped a write,
whatever a constraint said of it afterwards.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg

from db.scope import Claims, quoted
from tests.personas import Connection, Organization, World
from tests.policies.tables import Table, row

REQUEST_ROLES = "orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest"
REFUSED = "42501"


NOBODY = Claims()


@dataclass(frozen=True)
class Caller:
    """`role` is what the door answers; `enters` is a role taken by hand afterwards."""

    name: str
    role: str
    claims: Claims = NOBODY
    reason: str = ""
    enters: str | None = None

    @property
    def person(self) -> str | None:
        return self.claims.user_id


def callers(world: World) -> list[Caller]:
    acme = world.acme

    def member(name: str, role: str, person: str, enters: str | None = None) -> Caller:
        return Caller(name, role, Claims(user_id=person, workos_org_id=acme.workos_id), enters=enters)

    def key(name: str, key_id: str) -> Caller:
        return Caller(name, "orgraph_partner", Claims(api_key_id=key_id, workos_org_id=acme.workos_id))

    return [
        member("owner", "orgraph_manager", acme.owner),
        member("admin without permissions", "orgraph_member", acme.restricted),
        member("member who may view appointments", "orgraph_manager", acme.receptionist),
        member("member", "orgraph_member", acme.member),
        member("member, also elsewhere", "orgraph_member", world.both),
        member("billing_admin", "orgraph_officer", acme.billing),
        key("partner with permissions", acme.key),
        key("partner without permissions", acme.bare_key),
        Caller("signed in, no organization", "orgraph_guest", Claims(user_id=world.both)),
        Caller("anonymous", "orgraph_guest"),
        Caller("worker with a reason", "orgraph_worker", reason="test"),
        Caller("worker without a reason", "orgraph_worker"),
        # What an injected `set_config('role', …)` would be.
        member("member, as manager by hand", "orgraph_manager", acme.member, enters="orgraph_manager"),
        member("member, as officer by hand", "orgraph_officer", acme.member, enters="orgraph_officer"),
    ]


Outcome = dict[str, tuple[str, ...]]
# Every row that there is, by its key: whose it is for the caller, and which version of it.
Labels = dict[str, tuple[str, str]]


@asynccontextmanager
async def undone(connection: Connection, name: str) -> AsyncIterator[None]:
    await connection.execute(f"savepoint {name}")
    try:
        yield
    finally:
        await connection.execute(f"rollback to savepoint {name}")


async def enter(connection: Connection, caller: Caller) -> None:
    """Become the caller, as the door says, or as they say themselves."""
    settings = caller.claims.settings() | {"app.reason": caller.reason}
    told = ", ".join(f"set_config({quoted(name)}, {quoted(value)}, true)" for name, value in settings.items())
    role = f"'{caller.role}'" if caller.role == "orgraph_worker" else "entrance.enter()"
    await connection.execute(f"select {told}; select set_config('role', {role}, true)")
    if caller.enters:
        await connection.execute(f"select set_config('role', '{caller.enters}', true)")


async def labels(connection: Connection, table: Table, caller: Caller, world: World) -> Labels:
    """Every row as the superuser sees it: its key → whose it is for this caller, and which version of it."""
    await connection.execute("select set_config('role', 'none', true)")
    person, org = table.person or "null", table.org or "null"
    found: Labels = {}
    own = caller.person or caller.claims.api_key_id
    schedules = {str(world.acme.rows["schedules"].get(own or "")), str(world.globex.rows["schedules"].get(own or ""))}
    here = set(world.acme.people.values()) | {world.both}
    query = f"select {table.key}::text, {person}::text, {org}::uuid, xmin::text from app.{table.name}"
    for key, whose, where, version in await connection.fetch(query):
        mine = whose is not None and (whose == own or (table.name == "schedule_availabilities" and whose in schedules))
        near = whose in here if table.name == "users" else table.org is None or where == world.acme.id
        if table.name == "organizations" and where == world.globex.id and own == world.both:
            mine = True
        if near:
            label = "own" if mine else "others'" if table.person else "all"
        else:
            label = "own elsewhere" if mine else "elsewhere"
        found[key] = (label, version)
    return found


async def tried(connection: Connection, caller: Caller, table: Table, world: World, *, deep: bool = False) -> Outcome:
    """What the caller can do to the table. `deep` adds the probes that only wider grants make telling."""
    outcome: Outcome = {}
    async with undone(connection, "caller"):
        before = await labels(connection, table, caller, world)
        try:
            await enter(connection, caller)
        except asyncpg.PostgresError as error:
            return {"enter": (str(error.sqlstate),)}
        outcome["select"] = await seen(connection, table, before)
        for target in targets(caller, table, world):
            outcome[f"insert {target[0]}"] = await inserted(connection, caller, table, target, deep=deep)
        now = partial(labels, connection, table, caller, world)
        outcome["update"] = await changed(connection, now, before, f"update app.{table.name} set {table.change}")
        outcome["delete"] = await changed(connection, now, before, f"delete from app.{table.name}")
        if deep:
            for name, statement in moves(caller, table, world):
                outcome[name] = await attempt(connection, statement)
            if table.name == "users":
                outcome["account"] = await account(connection)
            if table.name == "budgets":
                outcome["settle"] = await settled(connection)
            if table.name == "audit_logs":
                call = """select app.record_audit('[{"action": "EVENT_CREATED", "resource_type": "event"}]')"""
                outcome["record"] = await attempt(connection, call)
    return outcome


async def seen(connection: Connection, table: Table, before: Labels) -> tuple[str, ...]:
    try:
        async with undone(connection, "probe"):
            rows = await connection.fetch(f"select {table.key}::text from app.{table.name}")
    except asyncpg.InsufficientPrivilegeError:
        return ("no grant",)
    return summary((before[row[0]][0] for row in rows), before)


def summary(touched: Iterable[str], before: Labels) -> tuple[str, ...]:
    """`own`, or `some own` when there are more: a policy may tell two rows of one person apart."""
    there = [label for label, _ in before.values()]
    found = list(touched)
    return tuple(sorted(label if found.count(label) == there.count(label) else f"some {label}" for label in set(found)))


def targets(caller: Caller, table: Table, world: World) -> list[tuple[str, Organization, str]]:
    own = caller.person
    elsewhere = own if own == world.both else world.globex.member
    found = [("others'", world.acme, world.acme.colleague)] if table.person else [("all", world.acme, "")]
    if table.person:
        found.append(("suspended's", world.acme, world.acme.suspended))
    if own and table.person:
        found.insert(0, ("own", world.acme, own))
        found.append(("own elsewhere", world.globex, own))
    if table.org:
        found.append(("elsewhere", world.globex, elsewhere or ""))
    return found


async def inserted(
    connection: Connection, caller: Caller, table: Table, target: tuple[str, Organization, str], *, deep: bool
) -> tuple[str, ...]:
    label, org, person = target
    values = row(table, org, person, own=label == "own")
    if table.org == "org_id" and (deep or org is not world_of(caller, org) or caller.role == "orgraph_worker"):
        values["org_id"] = org.id
    marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    return await attempt(
        connection, f"insert into app.{table.name} ({', '.join(values)}) values ({marks})", *values.values()
    )


def world_of(caller: Caller, org: Organization) -> Organization | None:
    """The organization itself if it is the caller's scope: it is then a default, and not named."""
    return org if caller.claims.workos_org_id == org.workos_id else None


def moves(caller: Caller, table: Table, world: World) -> list[tuple[str, str]]:
    """Taking a row to another organization, or giving it to another person."""
    found = []
    if table.org == "org_id":
        found.append(("move", f"update app.{table.name} set org_id = '{world.globex.id}'"))
    if table.org == "id":
        found.append(("move", f"update app.{table.name} set id = '{UUID(int=7)}'"))
    if table.name == "schedule_availabilities":
        other = world.acme.rows["schedules"][world.acme.colleague]
        found.append(("give", f"update app.{table.name} set schedule_id = '{other}', day_of_week = 'sunday'"))
    elif table.person:
        found.append(("give", f"update app.{table.name} set {table.person} = '{world.acme.colleague}'"))
    return found


async def attempt(connection: Connection, statement: str, *arguments: Any) -> tuple[str, ...]:
    try:
        async with undone(connection, "probe"):
            status = await connection.execute(statement, *arguments)
    except asyncpg.PostgresError as error:
        return ("refused",) if error.sqlstate == REFUSED else ("passed",)
    return ("nothing",) if status.endswith(" 0") else ("passed",)


async def account(connection: Connection) -> tuple[str, ...]:
    try:
        async with undone(connection, "probe"):
            return (str(await connection.fetchval("select app.my_account() is not null")),)
    except asyncpg.InsufficientPrivilegeError:
        return ("refused",)


async def settled(connection: Connection) -> tuple[str, ...]:
    """A bucket is made, changed and forgotten."""
    try:
        async with undone(connection, "probe"):
            for _ in range(2):
                await connection.execute("select app.settle_budgets(jsonb_build_object(repeat('a', 64), 5), 100, 1)")
            return (str(await connection.fetchval("select app.forget_budgets('0 s')")),)
    except asyncpg.InsufficientPrivilegeError:
        return ("refused",)


async def changed(
    connection: Connection, now: Callable[[], Awaitable[Labels]], before: Labels, statement: str
) -> tuple[str, ...]:
    """Whose rows a statement without a condition reaches: it reads no column, so no select policy narrows it."""
    try:
        async with undone(connection, "probe"):
            status = await connection.execute(statement)
            if status.endswith(" 0"):
                return ("nothing",)
            after = await now()
            reached = [before[key][0] for key in before if after.get(key) != before[key]]
            return summary(reached, before)
    except asyncpg.PostgresError as error:
        return ("refused",) if error.sqlstate == REFUSED else ("passed",)


def narrowed(world: World, roles: Iterable[str]) -> list[Caller]:
    """The callers whom a policy of these roles may concern; the definer's concern everyone."""
    wanted = set(roles)
    if "orgraph_definer" in wanted:
        return callers(world)
    return [caller for caller in callers(world) if (caller.enters or caller.role) in wanted]
