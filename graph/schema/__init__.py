"""The API's table of contents."""

from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import Any, cast

import strawberry
from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

from graph.fields import BARE
from graph.leaves import LIGHT
from graph.scalars import SCALARS
from graph.schema.audit_logs import AuditLogQueries
from graph.schema.categories import CategoryQueries
from graph.schema.events import EventMutations, EventQueries
from graph.schema.meetings import MeetingMutations, MeetingQueries
from graph.schema.memberships import MembershipQueries
from graph.schema.nodes import NodeQueries
from graph.schema.organizations import OrganizationMutations, OrganizationQueries
from graph.schema.payment_transfers import PaymentTransferQueries
from graph.schema.profiles import ProfileMutations, ProfileQueries
from graph.schema.rate_limits import RateLimitQueries
from graph.schema.records import RecordQueries
from graph.schema.schedules import ScheduleMutations, ScheduleQueries
from graph.schema.scheduling_settings import SchedulingSettingsMutations, SchedulingSettingsQueries
from graph.schema.users import User
from graph.schema.viewer import ViewerQueries


@strawberry.type(description="What can be asked. Everything is seen through the caller's own scope.")
class Query(
    ViewerQueries,
    NodeQueries,
    OrganizationQueries,
    MembershipQueries,
    EventQueries,
    MeetingQueries,
    CategoryQueries,
    ProfileQueries,
    ScheduleQueries,
    SchedulingSettingsQueries,
    PaymentTransferQueries,
    RecordQueries,
    AuditLogQueries,
    RateLimitQueries,
):
    pass


@strawberry.type(
    description="What can be changed. A document is all or nothing: after an error nothing of it is stored; "
    "a failure that is answered undoes its own field."
)
class Mutation(
    OrganizationMutations,
    EventMutations,
    MeetingMutations,
    ProfileMutations,
    ScheduleMutations,
    SchedulingSettingsMutations,
):
    pass


@cache
def _strawberry() -> strawberry.Schema:
    config = StrawberryConfig(scalar_map=SCALARS, sort_schema=True)
    return strawberry.Schema(Query, Mutation, types=[User], config=config)


@cache
def build() -> GraphQLSchema:
    """The executable schema, made once per process."""
    schema = _strawberry()._schema  # noqa: SLF001 - the operation runs graphql-core itself, around its own transaction
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            _lighten(type_.fields.values())
    return schema


def _lighten(fields: Iterable[GraphQLField]) -> None:
    """Let graphql-core read attributes and call the barest resolvers itself: a page has hundreds of such fields."""
    for field in fields:
        declared: StrawberryField | None = field.extensions.get("strawberry-definition")
        if declared is None:
            continue
        if declared.base_resolver is None:
            field.resolve = _attribute(declared.python_name)
        elif declared.metadata.get(BARE):
            field.resolve = cast("Callable[..., Any]", declared.base_resolver.wrapped_func)
        else:
            continue
        field.extensions[LIGHT] = True


def _attribute(name: str) -> Callable[..., Any]:
    read = attrgetter(name)
    return lambda source, _info: read(source)


def sdl() -> str:
    """The schema as text: the file `schema.graphql`."""
    return print_schema(_strawberry()) + "\n"
