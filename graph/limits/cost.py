"""What an operation costs: a point for each object that it could return, and afterwards for each that it did.

A list counts as many objects as its page may have. Connections, edges and page infos are how a list is written and
cost nothing; counting a whole list costs ten points, as does a mutation.
Introspection is free: its depth bounds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from graph.paging import MOST

COUNTING = 10
CHANGING = 10

Conditions: TypeAlias = tuple[tuple[str, bool], ...]
"""Variables of `@include` and `@skip`, and what each must be."""


@dataclass(frozen=True)
class Times:
    """How many objects a list has at most: a number, or what the first of these variables that is given says."""

    variables: tuple[str, ...]
    otherwise: int

    def value(self, given: Mapping[str, Any]) -> int:
        most = self.otherwise
        for name in self.variables:
            value = given.get(name)
            if isinstance(value, int):
                most = max(1, min(value, MOST))
            elif isinstance(value, list):
                most = min(len(value), MOST)
        return most


@dataclass(frozen=True)
class Sum:
    """Points: those that are always the same, and those that depend on variables."""

    constant: int
    terms: tuple[Term, ...] = ()

    def value(self, given: Mapping[str, Any]) -> int:
        total = self.constant
        for term in self.terms:
            if all(given.get(name) is wanted for name, wanted in term.conditions):
                total += term.times.value(given) * term.each.value(given)
        return total


@dataclass(frozen=True)
class Term:
    times: Times
    each: Sum
    conditions: Conditions


@dataclass(frozen=True)
class Patterns:
    """What is looked for in an answer: keys that are there once at most, and others, which take seven times as long."""

    once: tuple[bytes, ...] = ()
    often: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.once or self.often)

    def found(self, data: bytes) -> int:
        """How many there are."""
        total = 0
        for pattern in self.once:
            total += pattern in data
        for pattern in self.often:
            total += data.count(pattern)
        return total


@dataclass(frozen=True)
class Cost:
    """The cost of one operation, made once for its document."""

    points: Sum
    mutations: int
    wrappers: Patterns
    """How JSON begins an object that costs nothing."""
    counted: Patterns
    """How it begins the number of a whole list."""

    def estimate(self, given: Mapping[str, Any]) -> int:
        """At most so many points, for these variables. An operation costs one at least."""
        return max(1, self.points.value(given) if self.points.terms else self.points.constant)

    def actual(self, data: bytes | None, estimate: int) -> int:
        """What this answer cost, and never more than the estimate.

        Objects are counted by their braces, which is quick. A brace in a text counts as well.
        """
        if data is None:
            return max(1, CHANGING * self.mutations)
        points = data.count(b"{") - 1 - self.wrappers.found(data)
        if self.counted:
            points += COUNTING * self.counted.found(data)
        return max(1, min(estimate, points + CHANGING * self.mutations))
