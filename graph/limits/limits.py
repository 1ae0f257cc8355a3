"""Every limit of a document, with its default: far from what a frontend asks, near enough to hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Introspection = Literal["on", "permitted", "off"]


@dataclass(frozen=True)
class Limits:
    """What one operation may ask for. The server's settings fill it (`server/limits.py`)."""

    body_bytes: int = 1_048_576
    document_bytes: int = 102_400
    tokens: int = 1_000
    fragments: int = 50
    fields: int = 2_000
    """With every fragment counted wherever it is spread."""
    comparisons: int = 50_000
    """Of fields that share a key. graphql-core's own 500 000 let a valid document of 3.6 kB block for a second."""
    depth: int = 12
    """Fields within fields; introspection has a depth of its own."""
    introspection_depth: int = 16
    aliases: int = 30
    repeats: int = 20
    """Of one field, or of one key of the answer, at one level."""
    mutations: int = 5
    directives: int = 50
    directives_at_one: int = 5
    errors: int = 5
    """That are told in one answer."""
    cost: int = 5_000
    introspection: Introspection = "permitted"
    """`permitted` is for callers who may `organization:manage`."""


DEFAULTS = Limits()
