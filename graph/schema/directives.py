"""What a field's declaration says to whoever runs it."""

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="healthData",
    description="Health data: every read is written to the audit trail before the answer leaves.",
)
class HealthData:
    pass
