"""The limits of one operation, and of what a caller may spend, as the environment sets them: see docs/limits.md."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from graph.limits.budget import Budget, Settle
from graph.limits.limits import DEFAULTS, Introspection, Limits


class LimitSettings(BaseSettings):
    """The part of the server's settings that bounds."""

    body_bytes: int = Field(
        DEFAULTS.body_bytes,
        ge=1_024,
        le=67_108_864,
        validation_alias="ORGRAPH_MOST_BODY_BYTES",
        description="Bytes of a request's body, variables included.",
    )
    document_bytes: int = Field(
        DEFAULTS.document_bytes,
        ge=1_024,
        le=1_048_576,
        validation_alias="ORGRAPH_MOST_DOCUMENT_BYTES",
        description="Bytes of a document.",
    )
    tokens: int = Field(
        DEFAULTS.tokens,
        ge=100,
        le=20_000,
        validation_alias="ORGRAPH_MOST_TOKENS",
        description="Lexical tokens of a document.",
    )
    fragments: int = Field(
        DEFAULTS.fragments,
        ge=1,
        le=1_000,
        validation_alias="ORGRAPH_MOST_FRAGMENTS",
        description="Named fragments of a document.",
    )
    fields: int = Field(
        DEFAULTS.fields,
        ge=100,
        le=20_000,
        validation_alias="ORGRAPH_MOST_FIELDS",
        description="Fields of a document, each fragment counted wherever it is spread.",
    )
    comparisons: int = Field(
        DEFAULTS.comparisons,
        ge=1_000,
        le=500_000,
        validation_alias="ORGRAPH_MOST_COMPARISONS",
        description="Steps that validation takes to compare fields of one key; 50 000 are about 0.1 s of a processor.",
    )
    depth: int = Field(
        DEFAULTS.depth,
        ge=2,
        le=50,
        validation_alias="ORGRAPH_MOST_DEPTH",
        description="Levels of fields within fields; lists and connections count.",
    )
    introspection_depth: int = Field(
        DEFAULTS.introspection_depth,
        ge=3,
        le=50,
        validation_alias="ORGRAPH_MOST_INTROSPECTION_DEPTH",
        description="Levels below `__schema` and `__type`; GraphiQL asks for 15.",
    )
    aliases: int = Field(
        DEFAULTS.aliases,
        ge=0,
        le=1_000,
        validation_alias="ORGRAPH_MOST_ALIASES",
        description="Aliases in a document.",
    )
    repeats: int = Field(
        DEFAULTS.repeats,
        ge=1,
        le=1_000,
        validation_alias="ORGRAPH_MOST_REPEATS",
        description="How often one field, or one key of the answer, may stand at one level.",
    )
    mutations: int = Field(
        DEFAULTS.mutations,
        ge=1,
        le=100,
        validation_alias="ORGRAPH_MOST_MUTATIONS",
        description="Root fields of a mutation.",
    )
    directives: int = Field(
        DEFAULTS.directives,
        ge=1,
        le=1_000,
        validation_alias="ORGRAPH_MOST_DIRECTIVES",
        description="Directives in a document.",
    )
    directives_at_one: int = Field(
        DEFAULTS.directives_at_one,
        ge=1,
        le=100,
        validation_alias="ORGRAPH_MOST_DIRECTIVES_AT_ONE",
        description="Directives at one place of a document.",
    )
    errors: int = Field(
        DEFAULTS.errors,
        ge=1,
        le=100,
        validation_alias="ORGRAPH_MOST_ERRORS",
        description="Errors that are told in one answer.",
    )
    cost: int = Field(
        DEFAULTS.cost,
        ge=100,
        le=1_000_000,
        validation_alias="ORGRAPH_MOST_COST",
        description="Points that one operation may cost: one for each object it could return.",
    )
    waiting: int = Field(
        100,
        ge=0,
        le=100_000,
        validation_alias="ORGRAPH_MOST_WAITING",
        description="Operations that wait for a connection per worker process; more are refused at once with 503.",
    )
    budget: bool = Field(
        True,
        validation_alias="ORGRAPH_BUDGET",
        description="Whether callers have a budget. Off for benchmarks, or where a gateway keeps one.",
    )
    budget_points: int = Field(
        20_000,
        ge=100,
        le=10_000_000,
        validation_alias="ORGRAPH_BUDGET_POINTS",
        description="Points that the bucket of one credential in one organization holds.",
    )
    budget_restored: int = Field(
        2_000,
        ge=1,
        le=1_000_000,
        validation_alias="ORGRAPH_BUDGET_RESTORED",
        description="Points that flow back into each bucket in a second.",
    )

    @field_validator("budget_points")
    @classmethod
    def _affordable(cls, points: int, others: ValidationInfo) -> int:
        most = others.data.get("cost", 0)
        if others.data.get("budget") and points < most:
            raise ValueError(f"expected ORGRAPH_MOST_COST ({most}) or more, or some operation could never be paid")
        return points

    def limits_with(self, otherwise: Introspection, introspection: Introspection | None) -> Limits:
        """All of them as the graph takes them."""
        given = {name: getattr(self, name) for name in vars(DEFAULTS) if name != "introspection"}
        return Limits(**given, introspection=introspection or otherwise)

    def budget_over(self, settle: Settle) -> Budget | None:
        """Everybody's budget, told to the database by `settle`; None where it is off."""
        if not self.budget:
            return None
        return Budget(settle, most=self.budget_points, restored=self.budget_restored, lease=self.cost)
