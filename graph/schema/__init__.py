"""The API's table of contents."""

from functools import cache

import strawberry
from graphql import GraphQLSchema
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig

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


def build() -> GraphQLSchema:
    """The executable schema, made once per process."""
    return _strawberry()._schema  # noqa: SLF001 - the operation runs graphql-core itself, around its own transaction


def sdl() -> str:
    """The schema as text: the file `schema.graphql`."""
    return print_schema(_strawberry()) + "\n"
