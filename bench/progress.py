"""What the benchmark says while it works: a line at a time, on standard error."""

from __future__ import annotations

import sys
import time

_BEGAN = time.monotonic()


def say(text: str) -> None:
    """One line, with the minutes and seconds since the start."""
    minutes, seconds = divmod(int(time.monotonic() - _BEGAN), 60)
    sys.stderr.write(f"{minutes:3d}:{seconds:02d}  {text}\n")
    sys.stderr.flush()
