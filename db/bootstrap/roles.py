"""Who exists in the database: every role in one sentence, what it may become, and how long it may wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

OWNER = "orgraph_owner"
MIGRATOR = "orgraph_migrator"
DEFINER = "orgraph_definer"
API = "orgraph_api"
WORKER = "orgraph_worker"
BACKUP = "orgraph_backup"
REQUEST_ROLES = ("orgraph_manager", "orgraph_member", "orgraph_officer", "orgraph_partner", "orgraph_guest")

# As Postgres stores an empty search_path: nothing is found without its schema's name.
NO_SEARCH_PATH = '""'


@dataclass(frozen=True)
class Role:
    """A role as it must be. `connection_limit` -1 is no limit; `settings` apply at login, as Postgres stores them."""

    name: str
    sentence: str
    login: bool = False
    inherits: bool = False
    bypasses_row_security: bool = False
    connection_limit: int = -1
    settings: Mapping[str, str] = field(default_factory=dict)


ROLES = (
    Role(OWNER, "owns the schemas, the tables and what is in them; nobody logs in as it"),
    Role(
        MIGRATOR,
        "logs in to migrate, and may only become the owner",
        login=True,
        connection_limit=5,
        settings={
            "search_path": NO_SEARCH_PATH,
            # A migration that waits for a lock makes everyone behind it wait: it gives up and tries again.
            "lock_timeout": "2s",
            "statement_timeout": "1h",
            "idle_in_transaction_session_timeout": "60s",
        },
    ),
    Role(DEFINER, "owns the entrance and the audit functions, and sees what policies written for it let it see"),
    Role(
        API,
        "logs in for the server, holds no right on any table, and enters one request role per operation",
        login=True,
        connection_limit=80,
        settings={
            "search_path": NO_SEARCH_PATH,
            "statement_timeout": "5s",
            "lock_timeout": "1s",
            "idle_in_transaction_session_timeout": "10s",
            "transaction_timeout": "15s",
            "row_security": "on",
            # A pooler does not pass it on: and no operation is long enough for it to pay.
            "jit": "off",
        },
    ),
    Role("orgraph_manager", "sees the organization of the operation"),
    Role("orgraph_member", "sees its own rows of the organization"),
    Role("orgraph_officer", "sees its own meetings, and of payments, trail and records what it was granted"),
    Role("orgraph_partner", "sees what a partner's API key allows"),
    Role("orgraph_guest", "sees what belongs to nobody in particular"),
    Role(
        WORKER,
        "logs in for the mirror, the jobs and the seed, and sees nothing until it names a reason",
        login=True,
        connection_limit=20,
        settings={
            "search_path": NO_SEARCH_PATH,
            "statement_timeout": "5min",
            "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "60s",
            "transaction_timeout": "30min",
            "row_security": "on",
        },
    ),
    Role(
        BACKUP,
        "logs in for pg_dump, reads everything and writes nothing",
        login=True,
        bypasses_row_security=True,
        connection_limit=3,
        settings={"search_path": NO_SEARCH_PATH, "default_transaction_read_only": "on"},
    ),
)


@dataclass(frozen=True)
class Membership:
    """`member` may become `role` (`becomes`), or has its rights without asking (`inherits`)."""

    role: str
    member: str
    inherits: bool = False
    becomes: bool = True


MEMBERSHIPS = (
    *(Membership(role, API) for role in REQUEST_ROLES),
    Membership(OWNER, MIGRATOR),
    # The owner becomes the definer to create its functions, and has none of its rights otherwise.
    Membership(DEFINER, OWNER),
    Membership("pg_read_all_data", BACKUP, inherits=True, becomes=False),
)

LOGINS = tuple(role.name for role in ROLES if role.login)
SCHEMAS = ("app", "entrance", "migration")
SCHEMA_USAGE = {
    "app": (*REQUEST_ROLES, WORKER, DEFINER, BACKUP),
    "entrance": (API, DEFINER),
    "extensions": (OWNER,),
}
