"""A cookie's way to and from the browser: its name, its attributes, and its pieces when it is long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_VALUE = 3800  # browsers drop a cookie above 4096 bytes, name and attributes included
MOST_PIECES = 8


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie of ours, possibly in pieces `name.0`, `name.1`, …

    `__Host-` makes the browser insist on Secure, on Path=/ and on this very host; plain http, which only
    development on loopback uses, cannot have it.
    """

    name: str
    max_age_s: int
    secure: bool

    @classmethod
    def named(cls, name: str, *, max_age_s: int, secure: bool) -> Cookie:
        return cls(f"__Host-{name}" if secure else name, max_age_s, secure)

    def read(self, sent: Mapping[str, str]) -> str | None:
        """The value among the cookies a browser sent, its pieces joined; None when there is none."""
        if (whole := sent.get(self.name)) is not None:
            return whole
        pieces: list[str] = []
        while len(pieces) < MOST_PIECES and (piece := sent.get(f"{self.name}.{len(pieces)}")) is not None:
            pieces.append(piece)
        return "".join(pieces) or None

    def set(self, value: str, sent: Mapping[str, str]) -> tuple[str, ...]:
        """Set-Cookie values that store `value` and delete what is left of a longer or shorter one.

        Raises ValueError when it would take more than 8 pieces.
        """
        pieces = [value[at : at + LONGEST_VALUE] for at in range(0, len(value), LONGEST_VALUE)]
        if len(pieces) > MOST_PIECES:
            raise ValueError(f"a session of {len(value)} bytes does not fit into {MOST_PIECES} cookies")
        names = [self.name] if len(pieces) == 1 else [f"{self.name}.{index}" for index in range(len(pieces))]
        stored = [self._line(name, piece, self.max_age_s) for name, piece in zip(names, pieces, strict=True)]
        left_over = [name for name in self._names(sent) if name not in names]
        return (*stored, *(self._line(name, "", 0) for name in left_over))

    def clear(self, sent: Mapping[str, str]) -> tuple[str, ...]:
        """Set-Cookie values that delete it and its pieces."""
        return tuple(self._line(name, "", 0) for name in (self._names(sent) or [self.name]))

    def _names(self, sent: Mapping[str, str]) -> list[str]:
        ours = (self.name, *(f"{self.name}.{index}" for index in range(MOST_PIECES)))
        return [name for name in ours if name in sent]

    def _line(self, name: str, value: str, max_age_s: int) -> str:
        secure = "; Secure" if self.secure else ""
        return f"{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}"
