"""Clinical records: that they are, not what they say."""

from enum import Enum

import strawberry

from db.tables import RecordRow
from graph.fields import to_many, to_one
from graph.inputs import any_of, id_of, none_of
from graph.resolvers.records import RECORDS
from graph.scalars import DateTime
from graph.schema.connection import Connection
from graph.schema.lazy import LazyMeeting, LazyUser
from graph.schema.node import Node, node


@strawberry.enum(description="How records are ordered.")
class RecordOrder(Enum):
    CREATED_AT_DESC = strawberry.enum_value("CREATED_AT_DESC", description="Newest first.")
    LAST_MODIFIED_AT_DESC = strawberry.enum_value("LAST_MODIFIED_AT_DESC", description="Last changed first.")


@strawberry.input(description="Which records: those that match all of this.")
class RecordFilter:
    meeting_id: strawberry.ID | None = id_of("Meeting", default=strawberry.UNSET, description="Of this meeting.")
    expert_id: strawberry.ID | None = id_of("User", default=strawberry.UNSET, description="Written by this person.")
    created_from: DateTime | None = strawberry.field(default=strawberry.UNSET, description="Written then or later.")
    created_before: DateTime | None = strawberry.field(default=strawberry.UNSET, description="Written before then.")
    or_: list["RecordFilter"] | None = any_of()
    not_: list["RecordFilter"] | None = none_of()


@node(
    RecordRow,
    description="A clinical note of a meeting. Seen by its author, and by who was granted `records:read`; "
    "its content is not part of the API yet.",
)
class Record(Node):
    version: int = strawberry.field(description="How often it was written, the first time included.")
    last_modified_at: DateTime = strawberry.field(description="When it was last written.")
    created_at: DateTime = strawberry.field(description="When it was first written.")
    meeting: LazyMeeting | None = to_one(
        RecordRow.meeting, description="What it is about; null for who may read records and not meetings."
    )
    expert: LazyUser = to_one(RecordRow.expert, description="Who wrote it.")


@strawberry.type
class RecordQueries:
    records: Connection[Record] | None = to_many(
        RECORDS,
        filter=RecordFilter,
        order=RecordOrder,
        description="Clinical notes, as far as the caller may know of them.",
    )
