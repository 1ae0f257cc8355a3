"""The scalars of the API: each in one spelling, and anything else refused at the door."""

import re
import zoneinfo
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from sqlalchemy import ColumnElement, Text, func, literal_column
from sqlalchemy.dialects.postgresql import JSONB
from strawberry.types.scalar import ScalarDefinition

DateTime = NewType("DateTime", datetime)
Date = NewType("Date", date)
LocalTime = NewType("LocalTime", int)
TimeZone = NewType("TimeZone", str)
EmailAddress = NewType("EmailAddress", str)
Url = NewType("Url", str)
Slug = NewType("Slug", str)
Cents = NewType("Cents", int)
Json = NewType("Json", object)

_DATE_TIME = re.compile(r"\A\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)\Z")
_LOCAL_TIME = re.compile(r"\A(([01]\d|2[0-3]):[0-5]\d|24:00)\Z")
_EMAIL = re.compile(r"\A[^\s@<>\"\x00-\x1f\x7f]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}\Z")
_URL = re.compile(r"\Ahttps?://[A-Za-z0-9.-]+(:\d{1,5})?(/[\x21-\x7e]*)?\Z")
_SLUG = re.compile(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z")
_DAY = re.compile(r"\A\d{4}-\d\d-\d\d\Z")
_MICROSECONDS = len(".000000")
# Far enough for any calendar, near enough that no arithmetic on it overflows.
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_MOST_CENTS = 100_000_000


def _refuse(name: str, expected: str) -> GraphQLError:
    return GraphQLError(f"{name} must be {expected}", extensions={"code": "BAD_USER_INPUT"})


def written_date_time(value: datetime) -> str:
    """RFC 3339 in UTC with `Z` and milliseconds: the one form in which a moment leaves the server."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def date_time_sql(moment: Any) -> ColumnElement[str]:
    """The same, written by Postgres, whose MS cuts as ours does."""
    utc = func.timezone(literal_column("'UTC'"), moment)
    return func.to_char(utc, literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""), type_=Text)


def read_date_time(value: Any) -> datetime:
    """A moment with an offset. Fractions below a microsecond are dropped."""
    expected = "RFC 3339 with an offset, such as 2026-01-31T09:00:00Z"
    if not isinstance(value, str) or not (match := _DATE_TIME.match(value)):
        raise _refuse("DateTime", expected)
    text = value.upper()
    if (fraction := match.group(1)) and len(fraction) > _MICROSECONDS:
        text = text.replace(fraction, fraction[:_MICROSECONDS])
    try:
        moment = datetime.fromisoformat(text)
        if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise _refuse("DateTime", f"a year from {_FIRST_YEAR} to {_LAST_YEAR}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _refuse("DateTime", expected) from None


def read_date(value: Any) -> date:
    """A calendar day."""
    try:
        if not isinstance(value, str) or not _DAY.match(value):
            raise _refuse("Date", "a day such as 2026-01-31")
        return date.fromisoformat(value)
    except ValueError:
        raise _refuse("Date", "a day such as 2026-01-31") from None


def written_local_time(minutes: int) -> str:
    """Minutes after local midnight as HH:MM; the end of the day is 24:00."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def local_time_sql(minutes: Any) -> ColumnElement[str]:
    """The same, written by Postgres."""
    moment = func.make_interval(*(literal_column("0"),) * 5, minutes)
    return func.to_char(moment, literal_column("'HH24:MI'"), type_=Text)


def json_sql(value: Any) -> ColumnElement[Any]:
    """JSON as it was stored; its null is the null of everything else."""
    return func.nullif(value, literal_column("'null'::jsonb"), type_=JSONB)


def read_local_time(value: Any) -> int:
    """HH:MM as minutes after local midnight, 0 to 1440."""
    if not isinstance(value, str) or not _LOCAL_TIME.match(value):
        raise _refuse("LocalTime", "HH:MM from 00:00 to 24:00")
    hours, minutes = value.split(":")
    return int(hours) * 60 + int(minutes)


@cache
def _zones() -> frozenset[str]:
    # "localtime" is whatever the server's machine says, and "Factory" says that nobody has said.
    return frozenset(zoneinfo.available_timezones() - {"Factory", "localtime"})


def read_time_zone(value: Any) -> str:
    """A name of the IANA time zone database."""
    if not isinstance(value, str) or value not in _zones():
        raise _refuse("TimeZone", "an IANA name such as Europe/Lisbon")
    return value


def _text(name: str, expected: str, pattern: re.Pattern[str], longest: int) -> Any:
    def read(value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest or not pattern.match(value):
            raise _refuse(name, expected)
        return value

    return read


def read_cents(value: Any) -> int:
    """Money in the smallest unit of its currency."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_CENTS:
        raise _refuse("Cents", f"a whole number of cents from 0 to {_MOST_CENTS}")
    return value


def _read_nothing(_: Any) -> Any:
    raise _refuse("JSON", "read only: no argument takes it")


SQL_FORMS: dict[str, Callable[[Any], Any]] = {
    "DateTime": date_time_sql,
    "LocalTime": local_time_sql,
    "JSON": json_sql,
}
"""How Postgres writes the scalars that it would else write in its own way, by their names."""

SCALARS: dict[object, ScalarDefinition] = {
    DateTime: strawberry.scalar(
        name="DateTime",
        description="A moment, RFC 3339. Answered in UTC with `Z` and milliseconds; "
        "given with any offset, never without one.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=written_date_time,
        parse_value=read_date_time,
    ),
    Date: strawberry.scalar(
        name="Date",
        description="A calendar day, such as 2026-01-31.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=date.isoformat,
        parse_value=read_date,
    ),
    LocalTime: strawberry.scalar(
        name="LocalTime",
        description="A time of day on a local clock, HH:MM from 00:00 to 24:00, the end of the day.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=written_local_time,
        parse_value=read_local_time,
    ),
    TimeZone: strawberry.scalar(
        name="TimeZone",
        description="A time zone by its IANA name, such as Europe/Lisbon.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc6557",
        serialize=str,
        parse_value=read_time_zone,
    ),
    EmailAddress: strawberry.scalar(
        name="EmailAddress",
        description="An e-mail address, at most 320 characters. Compared without regard to case.",
        specified_by_url="https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address",
        serialize=str,
        parse_value=_text("EmailAddress", "an address such as ana@example.com", _EMAIL, 320),
    ),
    Url: strawberry.scalar(
        name="Url",
        description="An http or https address, at most 2 000 characters.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3986",
        serialize=str,
        parse_value=_text("Url", "an http or https address", _URL, 2_000),
    ),
    Slug: strawberry.scalar(
        name="Slug",
        description="The readable part of an address: lower-case letters and digits in groups joined by single "
        "hyphens, at most 100 characters.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3986#section-3.3",
        serialize=str,
        parse_value=_text("Slug", "lower-case letters and digits, joined by single hyphens", _SLUG, 100),
    ),
    Cents: strawberry.scalar(
        name="Cents",
        description="Money in the smallest unit of its currency, never negative; the currency stands beside it.",
        specified_by_url="https://www.iso.org/iso-4217-currency-codes.html",
        serialize=int,
        parse_value=read_cents,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value, as it was stored. Only answered, never an argument.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=lambda value: value,
        parse_value=_read_nothing,
    ),
}
