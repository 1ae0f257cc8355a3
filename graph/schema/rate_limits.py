"""What the caller may spend, and has left."""

from typing import Any

import strawberry
from strawberry.types import Info

from graph.resolvers.rate_limits import left
from graph.scalars import DateTime


@strawberry.type(description="The caller's budget in the organization they act in, in points: see docs/limits.md.")
class RateLimit:
    cost: int = strawberry.field(description="What this operation may cost at most; it was taken out beforehand.")
    remaining: int = strawberry.field(description="What is left. What this operation does not cost comes back to it.")
    limit: int = strawberry.field(description="How much the budget holds.")
    reset_at: DateTime = strawberry.field(description="When it is full again, if nothing more is spent.")


@strawberry.type
class RateLimitQueries:
    @strawberry.field(graphql_type=RateLimit | None, description="The caller's budget; null where nobody has one.")
    def rate_limit(self, info: Info) -> Any:
        return left(info.context)
