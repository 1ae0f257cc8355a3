"""The caller, as the server sees them."""

import dataclasses
from typing import Any, cast

import strawberry
from strawberry.types import Info

from db.tables import UserRow
from graph.context import Context
from graph.resolvers.memberships import Standing, standing
from graph.resolvers.organizations import current
from graph.resolvers.users import my_account
from graph.schema.memberships import MembershipRole
from graph.schema.organizations import Organization
from graph.schema.users import User


@strawberry.type(description="What only the person themselves may read of themselves.")
class Account:
    country: str = strawberry.field(description="ISO 3166-1, two letters.")
    locale: str = strawberry.field(description="The language they are written to in.")
    stripe_connect_onboarding_complete: bool = strawberry.field(description="Whether they can be paid.")
    stripe_identity_verified: bool = strawberry.field(description="Whether their identity was checked for payments.")
    stripe_bank_account_last4: str | None = strawberry.field(
        name="bankAccountLast4", description="The end of the account they are paid to."
    )


@strawberry.type(description="The caller: who they are, where they act and what they may there.")
class Viewer:
    permissions: list[str] = strawberry.field(
        description="What they may in the organization they act in; empty outside one."
    )
    impersonator_id: str | None = strawberry.field(description="Who acts in their place, if somebody does.")
    role: MembershipRole | None = strawberry.field(
        description="What they are in the organization they act in; null outside one, and for a partner's key."
    )

    @strawberry.field(graphql_type=User | None, description="The person; null for a partner's key.")
    async def user(self, info: Info) -> Any:
        context: Context = info.context
        return await context.loaders.row(UserRow, UserRow.workos_user_id, context.principal.user_id)

    @strawberry.field(graphql_type=Organization | None, description="Where they act; null without an organization.")
    async def organization(self, info: Info) -> Any:
        return await info.context.transaction.one(current())

    @strawberry.field(description="What only they may read of themselves; null for a partner's key.")
    async def account(self, info: Info) -> Account | None:
        found = await my_account(info.context)
        names = [field.name for field in dataclasses.fields(Account)]
        return None if found is None else Account(**{name: found[name] for name in names})


@strawberry.type
class ViewerQueries:
    @strawberry.field(description="The caller; null for nobody in particular. Answers without an organization, too.")
    async def viewer(self, info: Info) -> Viewer | None:
        context: Context = info.context
        if context.principal.kind == "guest":
            return None
        found: Standing = await standing(context)
        return Viewer(
            permissions=list(found.permissions),
            impersonator_id=context.principal.impersonator_id,
            role=cast("MembershipRole | None", found.role),  # rows hold an enum's value
        )
