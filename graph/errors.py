"""What a client is told when something goes wrong: a stable code, a sentence, a request id, and no more.

ClientError                 the request is at fault; its message is for the client
    BadUserInput            an argument of a query is not acceptable
    InvalidCursor           a cursor of another list, order, filter or caller
    OrganizationRequired    the credential names no organization
    Unauthenticated         nobody is signed in
    Overloaded              no place is free, and too many wait
anything else               masked as INTERNAL, or as `graph/told.py` says
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from graphql import GraphQLError
from sqlalchemy.exc import DBAPIError

from db.scope import ScopeLost
from db.violations import sqlstate
from graph.told import is_for_on_call, told_of

log = logging.getLogger("orgraph.errors")

_OURS = frozenset({"auth", "cli", "db", "graph", "server"})


class ClientError(Exception):
    """The request is at fault. The message is for the client and holds none of its values."""

    code = "BAD_REQUEST"

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code or type(self).code


class BadUserInput(ClientError):
    """An argument of a query is not acceptable."""

    code = "BAD_USER_INPUT"


class InvalidCursor(ClientError):
    """One text for every reason, so that a cursor tells nothing about rows."""

    code = "INVALID_CURSOR"

    def __init__(self) -> None:
        super().__init__("The cursor does not belong to this list, order and filter. Start again without it.")


class OrganizationRequired(ClientError):
    """The credential names no organization."""

    code = "ORGANIZATION_REQUIRED"

    def __init__(self) -> None:
        super().__init__("This field needs an organization. Switch to one, or use a token that names one.")


class Unauthenticated(ClientError):
    """Nobody is signed in."""

    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__("This field needs somebody signed in. Send a bearer token, or sign in.")


class Overloaded(ClientError):
    """No place is free, and too many wait for one."""

    code = "OVERLOADED"

    def __init__(self) -> None:
        super().__init__("The server is busy. Try again.")


class UnauditedMutation(RuntimeError):
    """A mutation succeeded and recorded nothing: it does not commit."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the mutation {field} recorded no audit row")


def described(error: BaseException) -> tuple[str, str] | None:
    """The code and message a client may read, or None for a fault that stays masked."""
    if isinstance(error, ClientError):
        return error.code, str(error)
    return told_of(error)


def masked(error: GraphQLError, request_id: UUID) -> dict[str, Any]:
    """A GraphQL error as the client sees it: our own codes as they are, everything else as INTERNAL.

    The fault itself goes to the log, once, without values: a driver's message may hold health data.
    """
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if (cause is None or isinstance(cause, GraphQLError)) and (told := _told(error, cause)) is not None:
        code, message = told
    elif cause is not None and (known := described(cause)) is not None:
        code, message = known
        if is_for_on_call(cause):
            log_fault(cause, request_id)
    else:
        code, message = "INTERNAL", "Something went wrong on our side. Quote the request id when you report it."
        log_fault(cause or error, request_id)
    formatted: dict[str, Any] = {"message": message}
    if error.locations:
        formatted["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        formatted["path"] = list(error.path)
    formatted["extensions"] = {"code": code, "requestId": str(request_id)}
    return formatted


def _told(error: GraphQLError, cause: GraphQLError | None) -> tuple[str, str] | None:
    """What a GraphQL error itself says: of a request, or with a code of ours. None where a stored value did not fit."""
    for one in (error, cause):
        if one is not None and (code := (one.extensions or {}).get("code")) is not None:
            return str(code), error.message
    return None if error.path else ("BAD_USER_INPUT", error.message)


def log_fault(error: BaseException, request_id: UUID) -> None:
    """One line for whoever is on call: what kind of fault, where in our code, under which request id."""
    frames: list[str] = []
    ours: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        frames.append(f"{frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        if str(frame.f_globals.get("__name__")).partition(".")[0] in _OURS:
            ours.append(frames[-1])
        trace = trace.tb_next
    kind = type(error).__name__
    if (state := sqlstate(error)) is not None or isinstance(error, DBAPIError):
        kind = f"{kind} sqlstate={state}"
    elif isinstance(error, ScopeLost | UnauditedMutation | TypeError | AttributeError) or type(error) is LookupError:
        kind = f"{kind}: {error}"  # our own words, or the names of attributes; a KeyError's key may be a row's value
    log.error("fault %s at %s", kind, " > ".join((ours or frames)[-6:]), extra={"request_id": str(request_id)})


def plain(code: str, message: str, request_id: UUID, **extensions: Any) -> dict[str, Any]:
    """An error of the request as a whole, in the shape of a GraphQL answer."""
    return {"errors": [{"message": message, "extensions": {"code": code, "requestId": str(request_id), **extensions}}]}


def first(errors: Iterable[GraphQLError], most: int = 5) -> list[GraphQLError]:
    """At most `most` errors: a hostile document does not get an answer longer than itself."""
    return [error for _, error in zip(range(most), errors, strict=False)]
