"""What is asked: a folder per query with its text for each contender, and who asks it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

Dialect: TypeAlias = Literal["orgraph", "postgraphile"]
Sight: TypeAlias = Literal["manager", "member"]

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Query:
    """One query. `folder` holds its texts; `sight` says how much of the organization whoever asks sees."""

    name: str
    sentence: str
    folder: str
    sight: Sight = "manager"

    def text(self, dialect: Dialect) -> str:
        return read(f"{self.folder}/{dialect}.graphql")

    @property
    def writes(self) -> bool:
        return self.folder == "write"


@cache
def read(name: str) -> str:
    """A file of this folder, such as `n20/raw.sql`."""
    return (HERE / name).read_text(encoding="utf-8").strip()


READS = (
    Query("n20", "a page of 20 meetings, each with its event", "n20"),
    Query("n20_member", "the same, asked by a member who hosts few of them", "n20", "member"),
    Query("n20_count", "the page, and how many there are in all", "n20_count"),
    Query(
        "deep", "20 meetings, each with its event, its organization, 5 members of it, each with their person", "deep"
    ),
    Query("siblings", "three connections side by side, each with a page of 10 and its count", "siblings"),
)
WRITE = Query("write", "a booking, with its row of the audit trail", "write")
# Work for the server alone: nothing of it comes from the database.
SCHEMA = Query("schema", "the schema's types and their fields", "schema")
QUERIES = {query.name: query for query in (*READS, WRITE)}
