"""Choices of Hypothesis: some hundred for a document, taken from one draw of bytes.

Drawn one by one they would be alike to Hypothesis, which likes to repeat one choice at the place of another: of a
thousand documents six hundred would be the same. The first choice of each is the plainest, and what it shrinks to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

# Two for each choice; what is chosen after the last one is plain.
_BYTES = 1_200


@dataclass(frozen=True)
class Choosing:
    """Whoever makes an example asks this."""

    numbers: Iterator[int]

    def below(self, count: int) -> int:
        """A number from 0, less than `count`."""
        return 0 if count <= 1 else (256 * next(self.numbers, 0) + next(self.numbers, 0)) % count

    def chance(self, percent: int) -> bool:
        """True so often."""
        return self.below(100) >= 100 - percent

    def pick(self, these: Sequence[T]) -> T:
        """One of these."""
        return these[self.below(len(these))]

    def some(self, these: Sequence[T], most: int) -> list[T]:
        """Up to so many of these, perhaps none, perhaps one of them twice."""
        return [self.pick(these) for _ in range(self.below(most + 1))]


def chosen(make: Callable[[Choosing], T]) -> st.SearchStrategy[T]:
    """Whatever `make` makes of its choices."""
    return st.binary(min_size=_BYTES, max_size=_BYTES).map(lambda drawn: make(Choosing(iter(drawn))))
