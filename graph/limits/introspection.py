"""Who may ask what the schema looks like."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.scope import Claims, operation
from graph.limits.limits import Introspection

PERMISSION = "organization:manage"
_MAY = text("select app.may(:permission)")


async def may_introspect(engine: AsyncEngine, introspection: Introspection, claims: Claims) -> bool:
    """Whether the database grants it to this caller, here and now. Raises NotAMember.

    Asked in a transaction of its own, before anything is said of the document: what is wrong with it says something of
    the schema as well.
    """
    if introspection != "permitted":
        return introspection == "on"
    if claims.workos_org_id is None:
        return False
    async with operation(engine, claims) as transaction:
        return await transaction.scalar(_MAY.bindparams(permission=PERMISSION)) is True
