"""What a client is told of a fault: one code and one sentence for every SQLSTATE, driver error and timeout.

None means a fault of ours: INTERNAL. Docs: docs/errors.md, docs/faults.md.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from socket import gaierror
from typing import Final

from sqlalchemy.exc import TimeoutError as PoolTimeout

from db.scope import CommitUnknown, NotAMember
from db.violations import is_stale_plan, sqlstate

Told = tuple[str, str]

_AWAY: Final = ("DB_UNAVAILABLE", "The database cannot be reached. Try again.")
_BUSY: Final = ("OVERLOADED", "The server is busy. Try again.")
_LATE: Final = ("TIMEOUT", "The operation took too long. Ask for less, or try again.")
_RACE: Final = ("CONFLICT", "Somebody else is changing the same thing. Try again.")
_TEXT: Final = ("BAD_USER_INPUT", "The text holds a character that cannot be stored.")

# By SQLSTATE, or the longest beginning of it that is here. What is not here is a fault of ours: INTERNAL.
BY_SQLSTATE: Final[Mapping[str, Told]] = {
    "08": _AWAY,
    "22021": _TEXT,
    "22P05": _TEXT,
    "25P03": _LATE,  # idle_in_transaction_session_timeout: we were too slow between two statements
    "25P04": _LATE,  # transaction_timeout, of the login role
    "28": _AWAY,  # our password, or pg_hba.conf: never the client's
    "3D000": _AWAY,
    "40001": _RACE,
    "40P01": _RACE,
    "42501": ("FORBIDDEN", "You may not do this."),
    "53": _BUSY,
    "55P03": _RACE,
    "57014": _LATE,
    "57P": _AWAY,
}

# By type, before the SQLSTATE is asked for: what happened around the database rather than in it.
_BY_TYPE: Final[tuple[tuple[type[BaseException], Told], ...]] = (
    (NotAMember, ("FORBIDDEN", "The credential names an organization that you are not an active member of.")),
    (
        CommitUnknown,
        ("COMMIT_UNKNOWN", "The connection was lost while storing. Ask again with the same idempotency key."),
    ),
    (PoolTimeout, _BUSY),
    (TimeoutError, _LATE),
    # A file that may not be opened is an OSError as well, and no matter of the network.
    (ConnectionError, _AWAY),
    (gaierror, _AWAY),
    (ssl.SSLError, _AWAY),
)

# The client comes back, and finds it so again until somebody looks: a right, a password, a database, a full disk.
_FOR_WHOEVER_IS_ON_CALL: Final = ("08P01", "28", "3D", "42501", "53")


def told_of(error: BaseException) -> Told | None:
    """The code and sentence of a fault; None for one of ours, which stays masked."""
    for kind, told in _BY_TYPE:
        if isinstance(error, kind):
            return told
    if is_stale_plan(error):
        return _AWAY  # a migration goes on under us, again and again
    state = sqlstate(error) or ""
    return next((BY_SQLSTATE[state[:length]] for length in (5, 3, 2) if state[:length] in BY_SQLSTATE), None)


def is_away(error: BaseException | None) -> bool:
    """Whether it is the operation as a whole that failed, and not one field of it: the database is away or busy."""
    return error is not None and (told_of(error) or ("",))[0] in ("DB_UNAVAILABLE", "OVERLOADED", "TIMEOUT")


def is_for_on_call(error: BaseException) -> bool:
    """Whether a fault is written to the log though the client is told what it is."""
    return not isinstance(error, NotAMember) and (sqlstate(error) or "").startswith(_FOR_WHOEVER_IS_ON_CALL)
