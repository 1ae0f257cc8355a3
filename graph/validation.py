"""The rules of an input, checked all at once: the client reads every place that is wrong, not the first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from graph.failures import InvalidField, InvalidInput

# Control characters, and the invisible ones that make a name read as another: bidirectional overrides,
# zero-width spaces, byte-order marks. A line of text may break and indent; a name may not.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_UNPRINTABLE_IN_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)


def trimmed(values: dict[str, Any], *names: str) -> None:
    """Take the space around these values away, in place."""
    for name in names:
        if isinstance(values.get(name), str):
            values[name] = values[name].strip()


@dataclass
class Check:
    """Collects what is wrong with an input."""

    wrong: list[InvalidField] = field(default_factory=list)

    def that(self, holds: bool, path: str, expectation: str) -> None:
        """`path` is the input's field as the client spells it; `expectation` completes "<field> …"."""
        if not holds:
            self.wrong.append(InvalidField(f"input.{path}", expectation))

    def name(self, path: str, value: str | None, longest: int, *, shortest: int = 1) -> None:
        """One line of readable text; None is for the field's type to allow."""
        if value is None:
            return
        self.that(
            shortest <= len(value.strip()) and len(value) <= longest,
            path,
            f"must have {shortest} to {longest} characters",
        )
        self.that(not _UNPRINTABLE.search(value), path, "holds a character that is not allowed")

    def text(self, path: str, value: str | None, longest: int) -> None:
        """Several lines of readable text."""
        if value is None:
            return
        self.that(len(value) <= longest, path, f"must have at most {longest} characters")
        self.that(not _UNPRINTABLE_IN_TEXT.search(value), path, "holds a character that is not allowed")

    def given(self, path: str, value: object) -> None:
        """A field that may be left out, but not set to null."""
        self.that(value is not None, path, "must not be null")

    def between(self, path: str, value: int | None, least: int, most: int) -> None:
        """A whole number in a closed range."""
        if value is not None:
            self.that(least <= value <= most, path, f"must be {least} to {most}")

    def failure(self) -> InvalidInput | None:
        """All of it, or None where nothing is wrong."""
        return InvalidInput(fields=tuple(self.wrong)) if self.wrong else None
