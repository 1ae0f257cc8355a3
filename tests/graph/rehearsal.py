"""A schema whose fields fail in every way on request, made of the same parts as the real one."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import strawberry
from graphql import GraphQLSchema
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from db.tables import EventRow
from graph.audit import audited
from graph.change import add, columns
from graph.context import Context
from graph.failures import Failure
from graph.failures import SlotTaken as Taken
from graph.mutation import mutation
from graph.scalars import SCALARS
from graph.schema.events import Event
from graph.schema.failures import Conflict, InvalidInput, NotAllowed, SlotTaken

SECRET = "Maria-Canary"
"""A value that no answer and no log may hold."""

RAN: list[str] = []
"""The slugs that a mutation was run for, in order; a test clears it."""

Way = Callable[[Context], Awaitable[Any]]


def raising(error: Callable[[], BaseException]) -> Way:
    async def way(_: Context) -> None:
        raise error()

    return way


def saying(statement: str, **parameters: Any) -> Way:
    async def way(context: Context) -> Any:
        return await context.transaction.execute(text(statement), parameters or None)

    return way


async def well(_: Context) -> None:
    """Nothing goes wrong."""


async def sleeps_for_long(context: Context) -> None:
    """Past the limit of a statement, so that only the operation's own deadline ends it."""
    await context.transaction.execute(text("select set_config('statement_timeout', '0', true)"))
    await context.transaction.execute(text("select pg_sleep(30)"))


async def naps_often(context: Context) -> None:
    """Each nap is within the limit of a statement."""
    for _ in range(100):
        await context.transaction.execute(text("select pg_sleep(0.05)"))


async def records_nonsense(context: Context) -> None:
    """The trail cannot be written."""
    context.trail.entries.append({"action": None, "resource_type": SECRET})


class Odd(BaseException):
    """Not even an Exception."""


# What goes wrong in code, each with a value in its words.
RAISED: dict[str, Way] = {
    "ValueError": raising(lambda: ValueError(SECRET)),
    "KeyError": raising(lambda: KeyError(SECRET)),
    "IndexError": raising(lambda: IndexError(f"no {SECRET}")),
    "RuntimeError": raising(lambda: RuntimeError(f"select * from app.events where slug = '{SECRET}'")),
    "AssertionError": raising(lambda: AssertionError(SECRET)),
    "UnicodeEncodeError": raising(lambda: UnicodeEncodeError("ascii", SECRET, 0, 1, SECRET)),
    "RecursionError": raising(lambda: RecursionError(SECRET)),
    "ZeroDivisionError": raising(lambda: ZeroDivisionError(SECRET)),
    "StopAsyncIteration": raising(lambda: StopAsyncIteration(SECRET)),
    "Exception": raising(lambda: Exception(SECRET, {"guest": SECRET})),
    "PermissionError": raising(lambda: PermissionError(13, SECRET, f"/srv/{SECRET}")),
}
ADD = """insert into app.events (workos_user_id, name{}) select workos_user_id, :name{} from app.events
    where workos_user_id = app.current_user_id() limit 1"""
# What Postgres or the driver refuses, most of them repeating the value.
REFUSED: dict[str, Way] = {
    "no_such_table": saying(f'select * from app."{SECRET}"'),
    "no_such_column": saying(f'select "{SECRET}" from app.events'),
    "no_such_function": saying(f'select app."{SECRET}"()'),
    "syntax": saying(f"selec '{SECRET}'"),
    "not_a_number": saying(f"select '{SECRET}'::int"),
    "not_a_uuid": saying(f"select id from app.events where id = '{SECRET}'"),
    "not_a_date": saying(f"select '{SECRET}'::timestamptz"),
    "division": saying("select 1 / 0"),
    "check": saying(ADD.format(", slug, duration_in_minutes", ", 'x', -1"), name=SECRET),
    "not_null": saying(ADD.format("", ""), name=SECRET),
    "unique": saying(ADD.format(", slug, duration_in_minutes", ", slug, 30"), name=SECRET),
    "wrong_argument": saying("select cast(:value as integer)", value=SECRET),
    "raised": saying(f"do $$ begin raise exception '{SECRET}' using detail = '{SECRET}', errcode = 'P0001'; end $$"),
    "too_big": saying("select repeat(:word, 1000000000)::text", word=SECRET),
    "json": saying("select cast(cast(:word as text) as jsonb)", word=SECRET),
}
WAYS: dict[str, Way] = {
    **RAISED,
    **REFUSED,
    "well": well,
    "sleeps_for_long": sleeps_for_long,
    "naps_often": naps_often,
    "records_nonsense": records_nonsense,
    "denied_by_policy": saying("insert into app.records (id) select null where false"),
}


@audited("EVENT_CREATED", "event")
async def rehearse(context: Context, *, slug: str, way: str = "well") -> EventRow | Failure | None:
    """Add an event of this slug, and then go this way."""
    RAN.append(slug)
    values = {"workos_user_id": context.principal.user_id, "name": SECRET, "slug": slug, "duration_in_minutes": 30}
    if way == "unaudited":
        statement = insert(EventRow).values(**values).returning(*columns(EventRow))
        return await context.transaction.one(statement, EventRow)
    event = await add(context, EventRow, values)
    if way == "failure":
        return Taken()
    await WAYS[way](context)
    return event


@strawberry.input(description="What is rehearsed.")
class RehearseInput:
    slug: str = strawberry.field(description="Of the event that is added.")
    way: str = strawberry.field(default="well", description="Which way it goes.")


RehearseResult = Annotated[
    Event | SlotTaken | NotAllowed | InvalidInput | Conflict,
    strawberry.union("RehearseResult", description="How it went."),
]


async def ask(info: Info, way: str) -> int | None:
    await WAYS[way](info.context)
    return 1


@strawberry.type(description="What can be asked.")
class Query:
    ask: int | None = strawberry.field(resolver=ask, description="Go this way; 1 when it went well.")


@strawberry.type(description="What can be done.")
class Mutation:
    rehearse: RehearseResult | None = mutation(rehearse, input=RehearseInput, description="Rehearse.")


def build() -> GraphQLSchema:
    schema = strawberry.Schema(Query, Mutation, config=StrawberryConfig(scalar_map=SCALARS))
    return schema._schema
