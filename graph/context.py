"""What a resolver is given: the caller, the transaction, the loaders and the trail of its operation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from auth.principal import Principal
from db.scope import Savepoint, Transaction
from graph.audit import Trail
from graph.errors import OrganizationRequired, Unauthenticated
from graph.limits.paid import Paid
from graph.loaders import Loaders


@dataclass
class Context:
    """One operation, seen by its resolvers. Lives as long as the transaction."""

    principal: Principal
    transaction: Transaction
    request_id: UUID
    now: datetime
    trail: Trail = field(default_factory=Trail)
    loaders: Loaders = field(init=False)
    extensions: dict[str, Any] = field(default_factory=dict)
    answer_row: Callable[[Any, list[Any], Any], Awaitable[bytes]] | None = None
    """How the JSON of a row that a mutation wrote is read back: set where there are plans."""
    alone: bool = False
    """The operation is one field."""
    paid: Paid | None = None
    """What it may cost at most, and what that leaves: where somebody keeps account."""
    last: bool = True
    """A race is told to the client: else the operation is run once more."""
    broken: bool = False
    """A root field of this mutation has failed: the rest is not run, and nothing is stored."""

    def __post_init__(self) -> None:
        self.forget()

    def require_organization(self) -> None:
        """Raises Unauthenticated for a guest, OrganizationRequired for a credential without organization."""
        if self.principal.kind == "guest":
            raise Unauthenticated
        if self.principal.organization_id is None:
            raise OrganizationRequired

    def attempt(self) -> AbstractAsyncContextManager[Savepoint]:
        """What a mutation's field does is undone alone if it fails; where it is the only one, with its transaction."""
        return self.transaction.whole() if self.alone else self.transaction.savepoint()

    def forget(self) -> None:
        """Load anew from here on: something has changed."""
        self.loaders = Loaders(self.transaction)

    @property
    def caller(self) -> str:
        """Whom a cursor is bound to: the organization, and in it the person or key."""
        return f"{self.principal.organization_id}/{self.principal.user_id}"
