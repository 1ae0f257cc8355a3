"""Values that are hard to write as JSON in the same way twice, from one source of chance.

Control characters, quotes, backslashes, separators that end no line of JSON, marks that combine, moments to the
microsecond and far away, numbers that a float cannot hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

SCRAPS = (
    *("", " ", "'", '"', "\\", "\\'", '\\"', "''", "`", "$1", "$$", "%s", "%(a)s", ":name", "{}", "[1]", "null"),
    *("--", "/*", "'; drop table app.meetings; --", "E'\\n'", "\\u0041", "\\x41", "</script>", "&amp;", "anon_1"),
    *("\x01", "\x08\x0c", "\x1b[2J", "\x1f", "\x7f", "\t", "\n", "\r\n", "\x85", "\xa0", "\xad"),
    *("é", "e\u0301", "ß", "\u0130\u0307", "ﷺ", "漢字", "नमस्ते", "שלום", "مرحبا", "\u200f", "\u202e"),
    *("\u2028", "\u2029", "\u200b", "\u200d", "\ufeff", "\ufdd0", "\ufffd", "\ufffe", "\uffff", "\ue000"),
    *("😀", "👨\u200d👩\u200d👧", "🇵🇹", "\U0001f9d1\U0001f3fd", "\U0010ffff", "\U000e0001"),
)
MOMENTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        *("1900-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000001Z"),
        *("2000-02-29T12:00:00.500000Z", "2024-02-29T23:59:59.999Z", "2024-03-31T01:00:00.000999Z"),
        *("2024-10-27T01:30:00.001Z", "2025-12-31T23:59:59.999500Z", "2026-01-01T00:00:00.123456Z"),
        *("2038-01-19T03:14:08Z", "2199-12-31T23:59:59.999999Z", "2299-12-31T00:00:00Z"),
    )
)
# No client can ask for these years, and no table refuses them.
FAR = tuple(datetime(year, 4, 3, 15, 0, 0, 1, UTC) for year in (33, 999, 9999))
ADDRESSES = (
    *("192.0.2.7", "255.255.255.255", "10.1.2.3/8", "2001:db8::1", "2001:db8:0:0:1:0:0:1", "::", "::1"),
    *("::ffff:192.0.2.7", "::192.0.2.7", "fe80::1/64", "2001:db8:1:2:3:4:5:0", "1:0:0:2::3", "ABCD:EF01::"),
)
_LONG = 300


@dataclass
class Inventing:
    """Invents values."""

    chance: Random

    def text(self, longest: int, shortest: int = 0) -> str:
        """A text of so many characters, made of scraps; seldom one of the greatest length, where that is long."""
        wanted = self.chance.choice((shortest, shortest + 1, 3, 8, 20, min(longest, _LONG)))
        if self.chance.random() < 0.02:
            wanted = longest
        found = ""
        while len(found) < wanted:
            found += self.chance.choice(SCRAPS) or "a"
        return found[: max(shortest, min(wanted, longest))]

    def perhaps(self, value: Callable[[], Any]) -> Any:
        """That, or null."""
        return None if self.chance.random() < 0.3 else value()

    def perhaps_text(self, longest: int, shortest: int = 0) -> str | None:
        """A text, or null."""
        text: str | None = self.perhaps(lambda: self.text(longest, shortest))
        return text

    def moment(self) -> datetime:
        """Some moment: near, at an edge, or far away."""
        die = self.chance.random()
        if die < 0.4:
            return self.chance.choice(FAR if die < 0.04 else MOMENTS)
        near = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=self.chance.randrange(400))
        return near + timedelta(microseconds=self.chance.choice((0, 1, 999, 1_000, self.chance.randrange(10**11))))

    def json(self, depth: int = 0) -> Any:
        """Any JSON, four levels deep."""
        match self.chance.randrange(8 if depth < 3 else 5):
            case 0:
                return self.chance.choice((None, True, False))
            case 1:
                return self.chance.choice((0, -1, 2**31, 2**53 + 1, -(2**63), 2**64 - 1))
            case 2:
                return self.chance.choice((0.1, -0.0, 1.5e300, 5e-324, 1e16, 123456.789, 1.0))
            case 3 | 4:
                return self.text(40)
            case 5:
                return [self.json(depth + 1) for _ in range(self.chance.randrange(4))]
            case _:
                return {self.text(12): self.json(depth + 1) for _ in range(self.chance.randrange(4))}
