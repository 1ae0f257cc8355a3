"""Reads the catalog and says what in it breaks a promise: the rules of sql/check, run before anything is served.

A rule is a query of the objects at fault. All of them go in one statement, over the login that serves:
the catalog is readable to everyone, and the login itself is one of the things that are checked.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import asyncpg

from db.bootstrap.roles import API

FOLDER = Path(__file__).parent.parent / "sql" / "check"
RULE = re.compile(r"^-- rule: (?P<name>\w+)\n(?P<why>(?:-- .+\n)+)(?P<query>[^;]+);", re.MULTILINE)


class CheckError(Exception):
    """The catalog cannot be read."""


@dataclass(frozen=True)
class Rule:
    name: str
    why: str
    query: str


@dataclass(frozen=True)
class Finding:
    """`object` breaks `rule`; `why` is what that means."""

    rule: str
    object: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.object}\n    {self.why}"


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the files."""
    return tuple(
        Rule(found["name"], found["why"].replace("-- ", "").replace("\n", " ").strip(), found["query"].strip())
        for path in sorted(FOLDER.glob("*.sql"))
        for found in RULE.finditer(path.read_text(encoding="utf-8"))
    )


@cache
def exceptions() -> dict[str, dict[str, str]]:
    """What is allowed to break a rule: rule → object → reason."""
    return tomllib.loads((FOLDER / "exceptions.toml").read_text(encoding="utf-8"))


@cache
def statement() -> str:
    words = (FOLDER / "words.sql").read_text(encoding="utf-8")
    queries = "\nunion all\n".join(
        f"select '{rule.name}', object from (\n{rule.query}\n) found (object)" for rule in rules()
    )
    return f"with\n{words}\n{queries}"


async def check(connection: asyncpg.Connection[asyncpg.Record] | str, login_role: str = API) -> list[Finding]:
    """Every finding, exceptions taken out; empty is good.

    `login_role` is the role that the server logs in as. Raises CheckError when a URL does not connect.
    """
    if isinstance(connection, str):
        try:
            opened = await asyncpg.connect(connection, timeout=10, statement_cache_size=0)  # perhaps by a pooler
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
            raise CheckError(f"cannot connect: {error}") from error
        try:
            return await check(opened, login_role)
        finally:
            await opened.close()
    async with connection.transaction(readonly=True):
        # With an empty path Postgres prints every name with its schema, whoever asks.
        await connection.execute("set local search_path = ''; set local jit = off")
        rows = await connection.fetch(statement(), login_role)
    return judge([(rule, text) for rule, text in rows])


def judge(found: list[tuple[str, str]]) -> list[Finding]:
    """Take the exceptions out; one that nothing matched is a finding of its own."""
    why = {rule.name: rule.why for rule in rules()}
    allowed = {(rule, text) for rule, objects in exceptions().items() for text in objects}
    findings = [Finding(rule, text, why[rule]) for rule, text in sorted(set(found) - allowed)]
    findings += [
        Finding(
            "unused_exception", f"{rule} {text}", "sql/check/exceptions.toml allows what is not there: take it out."
        )
        for rule, text in sorted(allowed - set(found))
    ]
    return findings
