"""Audit logs: who did what to what, when, from where."""

from enum import Enum
from ipaddress import IPv4Address
from socket import AF_INET, AF_INET6, inet_ntop
from typing import Annotated, Any

import strawberry
from sqlalchemy import func
from strawberry.types import Info

from db.tables import AuditLogRow
from graph.errors import BadUserInput
from graph.fields import Form, Listed, ToMany, to_many, to_one
from graph.ids import parsed
from graph.inputs import ANY_TYPE, any_of, id_of, none_of
from graph.paging import page
from graph.resolvers.audit_logs import AUDIT_LOGS
from graph.scalars import DateTime, Json
from graph.schema.connection import Connection
from graph.schema.lazy import LazyUser
from graph.schema.node import NODES, Node, node


@strawberry.enum(description="What kind of caller acted.")
class ActorType(Enum):
    USER = strawberry.enum_value("user", description="A person.")
    API_KEY = strawberry.enum_value("api_key", description="A partner's key.")
    GUEST = strawberry.enum_value("guest", description="Nobody who was signed in.")
    SYSTEM = strawberry.enum_value("system", description="The server itself.")


@strawberry.enum(description="How it ended.")
class AuditOutcome(Enum):
    SUCCESS = strawberry.enum_value("success", description="It was done.")
    DENIED = strawberry.enum_value("denied", description="It was refused.")
    FAILED = strawberry.enum_value("failed", description="It went wrong, and nothing was stored.")


@strawberry.enum(description="How entries are ordered.")
class AuditLogOrder(Enum):
    CREATED_AT_DESC = strawberry.enum_value("CREATED_AT_DESC", description="Newest first.")
    CREATED_AT_ASC = strawberry.enum_value("CREATED_AT_ASC", description="Oldest first.")


@strawberry.input(description="Which entries: those that match all of this.")
class AuditLogFilter:
    created_from: DateTime | None = strawberry.field(default=strawberry.UNSET, description="Written then or later.")
    created_before: DateTime | None = strawberry.field(default=strawberry.UNSET, description="Written before then.")
    action: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="One of these actions, such as APPOINTMENT_CREATED."
    )
    resource_type: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="On one of these kinds of thing, such as appointment."
    )
    resource_id: strawberry.ID | None = id_of(ANY_TYPE, default=strawberry.UNSET, description="On this thing.")
    actor_id: strawberry.ID | None = id_of("User", default=strawberry.UNSET, description="By this person.")
    outcome: list[AuditOutcome] | None = strawberry.field(default=strawberry.UNSET, description="With this outcome.")
    or_: list["AuditLogFilter"] | None = any_of()
    not_: list["AuditLogFilter"] | None = none_of()


@node(
    AuditLogRow,
    description="One entry of the trail: who did what to what, when, from where. "
    "Seen by who acted, and by who holds `audit:view`.",
)
class AuditLog(Node):
    action: str = strawberry.field(description="What was done, such as APPOINTMENT_CREATED; the list is closed.")
    resource_type: str = strawberry.field(description="To what kind of thing, such as appointment.")
    resource_id: str | None = strawberry.field(description="To which, by its uuid; null if to none in particular.")
    outcome: AuditOutcome = strawberry.field(description="How it ended.")
    actor_type: ActorType = strawberry.field(description="What kind of caller acted.")
    actor_id: str | None = strawberry.field(description="Who, as WorkOS knows them, or which job of the server.")
    impersonator_id: str | None = strawberry.field(description="Who acted in their place, if somebody did.")
    old_values: Json | None = strawberry.field(
        description="What changed, as it was; health data as a digest, never as text."
    )
    new_values: Json | None = strawberry.field(description="What changed, as it is since; health data as a digest.")
    metadata_: Json = strawberry.field(name="metadata", description="What else is worth knowing.")
    user_agent: str | None = strawberry.field(description="With what program.")
    operation_name: str | None = strawberry.field(description="In which operation.")
    created_at: DateTime = strawberry.field(description="When, by the database's clock.")
    actor: LazyUser | None = to_one(
        AuditLogRow.actor, description="Who, where the caller sees them; null for keys, guests and the server."
    )

    @strawberry.field(
        description="From which address; null if there was none.",
        metadata={"form": Form(lambda row, _: func.host(row.ip))},
    )
    def ip(entry: strawberry.Parent[AuditLogRow]) -> str | None:
        if entry.ip is None:
            return None
        # As Postgres writes it: an IPv4 address inside an IPv6 one keeps its dots, and a mask is left out.
        return inet_ntop(AF_INET if isinstance(entry.ip, IPv4Address) else AF_INET6, entry.ip.packed)

    @strawberry.field(
        description="Under which request id; it is in the answer's `x-request-id` and in the logs.",
        metadata={"form": Form(lambda row, _: row.request_id)},
    )
    def request_id(entry: strawberry.Parent[AuditLogRow]) -> str | None:
        return None if entry.request_id is None else str(entry.request_id)


@strawberry.type
class AuditLogQueries:
    audit_logs: Connection[AuditLog] | None = to_many(
        AUDIT_LOGS,
        filter=AuditLogFilter,
        order=AuditLogOrder,
        description="The trail of the organization: one's own, or everyone's with `audit:view`. Newest first.",
    )

    @strawberry.field(
        graphql_type=Connection[AuditLog] | None,
        description="Everything that happened to one thing, newest first, as far as the caller may know.",
        metadata={"rows": ToMany(AUDIT_LOGS)},
    )
    def resource_audit_trail(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The thing: the id of a meeting, an event …")],
        first: Annotated[int | None, strawberry.argument(description="How many, 1 to 100.")] = strawberry.UNSET,
        after: Annotated[str | None, strawberry.argument(description="After this cursor.")] = strawberry.UNSET,
    ) -> Any:
        context = info.context
        context.require_organization()
        type_name, uuid = parsed(id)
        if type_name not in NODES:
            raise BadUserInput("Invalid id")
        wanted = {"resource_id": uuid}
        return Listed(
            context,
            page(
                AUDIT_LOGS,
                caller=context.caller,
                filter=wanted,
                first=first if first is not strawberry.UNSET else None,
                after=after if after is not strawberry.UNSET else None,
            ),
        )
