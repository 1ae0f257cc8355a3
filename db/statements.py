"""Statements as Postgres gets them: SQLAlchemy writes each shape of one once, and the driver sends it.

SQLAlchemy's own way to send one builds a context, a cursor and a result around it, and takes three times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import DIALECT


@dataclass(frozen=True)
class Written:
    """A statement's text, its values in their order, and how what comes back is read, a column each."""

    text: str
    values: Sequence[Any]
    readers: Sequence[Callable[[Any], Any] | None]

    def read(self, rows: Sequence[Any]) -> Sequence[Any]:
        """What the driver fetched, as SQLAlchemy's types would give it."""
        if not any(self.readers):
            return rows
        return [
            tuple(value if reader is None else reader(value) for value, reader in zip(row, self.readers, strict=True))
            for row in rows
        ]


class Prepared:
    """A statement with named parameters that is built and written once for the whole process.

    `columns` names those whose values an insert is given, where they are not parameters of its own.
    """

    def __init__(self, statement: Executable, columns: Sequence[str] = ()) -> None:
        self._statement: Any = statement
        self._columns = list(columns) or None

    def with_values(self, values: Mapping[str, Any]) -> Written:
        """The statement with these values, by the names of its parameters."""
        text, named, readers = self._written
        return Written(text, [values[name] if send is None else send(values[name]) for name, send in named], readers)

    @cached_property
    def _written(self) -> tuple[str, Sequence[tuple[str, Any]], Sequence[Any]]:
        compiled = self._statement.compile(dialect=DIALECT, column_keys=self._columns)
        sent = compiled._bind_processors  # noqa: SLF001 - what SQLAlchemy's own execute() reads
        named = [(name, sent.get(name)) for name in compiled.positiontup]
        return compiled.string, named, _readers(compiled)


def as_sent(engine: AsyncEngine, statement: Executable | Prepared, parameters: Any) -> Written | Executable:
    """`statement` as the driver sends it; or itself, where SQLAlchemy has to send it.

    That is a statement in words of our own, one that is run for many sets of parameters, one whose text depends on its
    values (`in_`), and one that asks SQLAlchemy for defaults. `parameters` are the values of its named parameters.
    """
    if isinstance(statement, Prepared):
        return statement.with_values(parameters)
    if parameters is not None and not isinstance(parameters, Mapping):
        return statement
    compiling: Any = statement
    # What SQLAlchemy's own execute() calls and reads.
    compiled, extracted, given, _ = compiling._compile_w_cache(  # noqa: SLF001
        engine.dialect,
        compiled_cache=engine.sync_engine._compiled_cache,  # noqa: SLF001
        column_keys=sorted(parameters or ()),
    )
    by_sqlalchemy = (
        compiled.isplaintext
        or compiled.post_compile_params
        or compiled.literal_execute_params
        or compiled.insert_prefetch
        or compiled.update_prefetch
        or compiled.implicit_returning
    )
    if by_sqlalchemy:
        return statement
    named = compiled.construct_params(
        parameters, escape_names=False, extracted_parameters=extracted, _collected_params=given
    )
    sent = compiled._bind_processors  # noqa: SLF001
    values = [sent[name](named[name]) if name in sent else named[name] for name in compiled.positiontup or ()]
    return Written(compiled.string, values, _readers(compiled))


def _readers(compiled: Any) -> list[Any]:
    # How each column of what comes back is read.
    columns = compiled._result_columns  # noqa: SLF001 - what SQLAlchemy's own execute() reads
    return [type_._cached_result_processor(DIALECT, None) for _, _, _, type_ in columns]  # noqa: SLF001 - the same
