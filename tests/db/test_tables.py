"""Mapped rows are the migrated tables: name by name, type by type, null by null."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import dialect

from db.embedded import Cluster
from db.tables import __all__ as names
from db.tables.base import Row

ROWS = sorted(Row.__subclasses__(), key=lambda row: row.__name__)

# As the catalog spells what SQLAlchemy spells otherwise.
SPELLED = {
    "VARCHAR": "text", "TEXT": "text", "INTEGER": "integer", "SMALLINT": "smallint", "BIGINT": "bigint",
    "BOOLEAN": "boolean", "UUID": "uuid", "JSONB": "jsonb", "INET": "inet", "TEXT[]": "text[]", "BYTEA": "bytea",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
}  # fmt: skip


POSTGRES: Any = dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
async def test_the_columns_of_a_row_are_columns_of_its_table(row: type[Row], cluster: Cluster) -> None:
    connection = await asyncpg.connect(cluster.url("postgres"))
    try:
        there = await connection.fetch(
            """select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute
            where attrelid = $1::regclass and attnum > 0 and not attisdropped""",
            f"app.{row.__tablename__}",
        )
    finally:
        await connection.close()
    migrated = {name: (type_, not required) for name, type_, required in there}

    mapped = {
        column.name: (SPELLED[column.type.compile(POSTGRES)], bool(column.nullable)) for column in inspect(row).columns
    }

    assert mapped == {name: migrated.get(name) for name in mapped}


def test_every_row_is_exported_and_lives_in_the_schema_of_the_application() -> None:
    assert sorted(names) == [row.__name__ for row in ROWS]
    assert {row.__table__.schema for row in ROWS} == {"app"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_no_relation_is_followed_by_reading_an_attribute(row: type[Row]) -> None:
    assert {relation.lazy for relation in inspect(row).relationships} <= {"raise"}
    assert all(relation.viewonly for relation in inspect(row).relationships)
