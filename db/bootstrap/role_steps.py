"""The steps that make the roles of a server what db.bootstrap.roles says: only what differs becomes a step."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

from db.bootstrap import scram
from db.bootstrap.roles import MEMBERSHIPS, NO_SEARCH_PATH, ROLES, Role
from db.bootstrap.steps import Step, literal, quoted

# What no role of ours ever is. Mentioned only where it differs: a managed Postgres refuses its admin the mere word.
NEVER = {
    "rolsuper": "nosuperuser",
    "rolcreatedb": "nocreatedb",
    "rolcreaterole": "nocreaterole",
    "rolreplication": "noreplication",
}


async def role_steps(admin: asyncpg.Connection[asyncpg.Record]) -> list[Step]:
    """Roles, their settings and their memberships."""
    found = {
        row["rolname"]: row
        for row in await admin.fetch(
            """
            select r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,
                   r.rolreplication, r.rolbypassrls, r.rolconnlimit,
                   coalesce(s.setconfig, '{}') as settings,
                   pg_catalog.shobj_description(r.oid, 'pg_authid') as sentence
            from pg_catalog.pg_roles r
            left join pg_catalog.pg_db_role_setting s on s.setrole = r.oid and s.setdatabase = 0
            where r.rolname = any ($1)
            """,
            [role.name for role in ROLES],
        )
    }
    steps: list[Step] = []
    for role in ROLES:
        row = found.get(role.name)
        if row is None:
            steps.append(create(role))
        else:
            steps += repair(role, row)
        steps += bypass(role, row)
        steps += settings(role, [] if row is None else row["settings"])
    return steps + await membership_steps(admin)


def create(role: Role) -> Step:
    words = [
        "login" if role.login else "nologin",
        "inherit" if role.inherits else "noinherit",
        f"connection limit {role.connection_limit}",
    ]
    return Step(
        f"create role {role.name}: {role.sentence}",
        (
            f"create role {role.name} {' '.join(words)}",
            f"comment on role {role.name} is {literal(role.sentence)}",
        ),
    )


def repair(role: Role, row: asyncpg.Record) -> list[Step]:
    words = [word for column, word in NEVER.items() if row[column]]
    if row["rolcanlogin"] != role.login:
        words.append("login" if role.login else "nologin")
    if row["rolinherit"] != role.inherits:
        words.append("inherit" if role.inherits else "noinherit")
    if row["rolconnlimit"] != role.connection_limit:
        words.append(f"connection limit {role.connection_limit}")
    if row["rolbypassrls"] and not role.bypasses_row_security:
        words.append("nobypassrls")
    steps = []
    if words:
        steps.append(
            Step(f"repair role {role.name}: {', '.join(words)}", (f"alter role {role.name} {' '.join(words)}",))
        )
    if row["sentence"] != role.sentence:
        steps.append(Step(f"describe role {role.name}", (f"comment on role {role.name} is {literal(role.sentence)}",)))
    return steps


def bypass(role: Role, row: asyncpg.Record | None) -> list[Step]:
    """pg_dump fails under FORCE row security for everyone without BYPASSRLS, which only a superuser may always give."""
    if not role.bypasses_row_security or (row is not None and row["rolbypassrls"]):
        return []
    return [
        Step(
            f"let {role.name} bypass row security, for complete dumps",
            (f"alter role {role.name} bypassrls",),
            otherwise=f"{role.name} does not bypass row security: this admin may not grant it, so `orgraph db backup` "
            "does not work here and the provider's own backups take its place",
        )
    ]


def settings(role: Role, stored: list[str]) -> list[Step]:
    """What applies at login: ours are set, and what somebody added (row_security=off, app.user_id=…) is taken away."""
    now = dict(setting.split("=", 1) for setting in stored)
    wrong = {name: value for name, value in role.settings.items() if now.get(name) != value}
    foreign = sorted(now.keys() - role.settings.keys())
    statements = [f"alter role {role.name} reset {name}" for name in foreign]
    for name, value in wrong.items():
        text = "''" if value == NO_SEARCH_PATH else literal(value)
        statements.append(f"alter role {role.name} set {name} = {text}")
    words = [f"{name} = {value}" for name, value in wrong.items()] + [f"no {name}" for name in foreign]
    return [Step(f"settle {role.name}: {', '.join(words)}", tuple(statements))] if statements else []


async def membership_steps(admin: asyncpg.Connection[asyncpg.Record]) -> list[Step]:
    """Who may become whom; a membership among our roles that is not wanted is revoked."""
    ours = [role.name for role in ROLES]
    found = {
        (row["role"], row["member"]): (row["inherits"], row["becomes"], row["administers"])
        for row in await admin.fetch(
            """
            select m.roleid::pg_catalog.regrole::text as role, m.member::pg_catalog.regrole::text as member,
                   bool_or(m.inherit_option) as inherits, bool_or(m.set_option) as becomes,
                   bool_or(m.admin_option) as administers
            from pg_catalog.pg_auth_members m
            join pg_catalog.pg_roles r on r.oid = m.member
            where r.rolname = any ($1)
            group by m.roleid, m.member
            """,
            ours,
        )
    }
    wanted = {(each.role, each.member): each for each in MEMBERSHIPS}
    steps = []
    for (role, member), each in wanted.items():
        if found.get((role, member)) == (each.inherits, each.becomes, False):
            continue
        can = " and ".join(
            word for word, yes in (("has the rights of", each.inherits), ("may become", each.becomes)) if yes
        )
        otherwise = None
        if role.startswith("pg_"):
            otherwise = f"{member} does not read everything: this admin may not grant {role}"
        options = f"inherit {each.inherits}, set {each.becomes}, admin false".lower()
        steps.append(Step(f"{member} {can} {role}", (f"grant {role} to {member} with {options}",), otherwise))
    steps += [
        Step(f"{member} may no longer become {role}", (f"revoke {role} from {member} cascade",))
        for role, member in sorted(found.keys() - wanted.keys())
    ]
    return steps


async def password_steps(admin: asyncpg.Connection[asyncpg.Record], passwords: Mapping[str, str]) -> list[Step]:
    """Set those given, unless they are what the server has already (which a superuser alone can see)."""
    stored: dict[str, str | None] = {}
    if await admin.fetchval("select rolsuper from pg_catalog.pg_roles where rolname = current_user"):
        rows = await admin.fetch("select rolname, rolpassword from pg_catalog.pg_authid where rolcanlogin")
        stored = {row["rolname"]: row["rolpassword"] for row in rows}
    return [
        Step(
            f"set the password of {name}", (f"alter role {quoted(name)} password {literal(scram.verifier(password))}",)
        )
        for name, password in passwords.items()
        if not scram.matches(password, stored.get(name))
    ]
