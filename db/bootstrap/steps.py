"""A step of the preparation of a database: one sentence for people, and the SQL behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True)
class Step:
    """`otherwise` makes a step optional: a managed Postgres may refuse it, and then this is the sentence."""

    sentence: str
    statements: tuple[str, ...]
    otherwise: str | None = None


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as an SQL string, for the statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


async def run(connection: asyncpg.Connection[asyncpg.Record], steps: Iterable[Step], *, dry_run: bool) -> list[str]:
    """Run each step and answer its sentence; `dry_run` answers the sentences alone."""
    sentences = []
    for step in steps:
        sentence = step.sentence
        if not dry_run:
            try:
                for statement in step.statements:
                    await connection.execute(statement)
            except asyncpg.InsufficientPrivilegeError:
                if step.otherwise is None:
                    raise
                sentence = step.otherwise
        sentences.append(sentence)
    return sentences
