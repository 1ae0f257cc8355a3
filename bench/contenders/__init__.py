"""Who is measured: each contender is one process, with eight connections to the same database."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.postgraphile import SERVER, node
from bench.queries import READS, WRITE, Dialect, Query

READING = frozenset(query.name for query in READS)
ORGRAPH = str(Path(sys.executable).with_name("orgraph"))


@dataclass(frozen=True)
class Contender:
    """`answers` names the queries that it knows; `words` is how it is started, its port written `{port}`.

    `way` is how orgraph must say that it answers a read: measuring a plan that was none would be worth nothing.
    """

    name: str
    sentence: str
    words: tuple[str, ...]
    answers: frozenset[str]
    dialect: Dialect = "orgraph"
    environ: Mapping[str, str] = field(default_factory=dict)
    way: str | None = None

    def knows(self, query: Query) -> bool:
        return query.name in self.answers


def module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"bench.contenders.{name}")


SERVE = (ORGRAPH, "serve", "--port", "{port}")
RAW = Contender("raw", "Starlette and asyncpg, hand-written SQL", module("raw"), READING | {WRITE.name})
PLANNED = Contender("planned", "orgraph as it is served", SERVE, READING | {WRITE.name}, way="planned")
BARE = Contender("bare", "orgraph's plans without its endpoint", module("bare"), READING)
INTERPRETED = Contender(
    "interpreted", "orgraph without plans", module("interpreted"), READING | {WRITE.name}, way="interpreted"
)
TUTORIAL = Contender("tutorial", "Strawberry, an ORM session, dataloaders", module("tutorial"), READING)


POSTGRAPHILE = Contender(
    "postgraphile",
    "PostGraphile, amber preset",
    ("{node}", str(SERVER)),
    READING | {WRITE.name},
    "postgraphile",
    # A larger nursery: short-lived objects are most of what a request makes, and this saves it some collecting.
    {"NODE_ENV": "production", "GRAPHILE_ENV": "production", "NODE_OPTIONS": "--max-semi-space-size=64"},
)

ALL = {one.name: one for one in (RAW, BARE, PLANNED, INTERPRETED, POSTGRAPHILE, TUTORIAL)}


def contenders(names: Sequence[str]) -> list[Contender]:
    """Those of these names. Raises NodeError where one needs Node and there is none."""
    return [replace(one, words=_with_node(one.words)) for name, one in ALL.items() if name in names]


def _with_node(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(node()) if word == "{node}" else word for word in words)
