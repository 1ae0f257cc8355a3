"""Which addresses are ours: loopback, our own origin, a path to return to."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

LONGEST_PATH = 2048


def is_loopback(url: str) -> bool:
    """Whether this http(s) address can be reached from this machine only."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port  # raises when it is not a number
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or parts.username is not None:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_https(url: str) -> bool:
    """Whether the address has a host and is encrypted on its way."""
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname)


def origin_of(url: str) -> str:
    """`https://example.com/a?b` → `https://example.com`, as browsers write the Origin header."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def path_of_ours(candidate: str | None) -> str:
    """`candidate` if it is a path on this server, else `/`.

    Browsers read `\\` as `/` and drop tabs and line ends: `/\\evil` and `/<tab>/evil` leave the site as `//evil` does.
    """
    if not candidate or len(candidate) > LONGEST_PATH or not candidate.startswith("/") or candidate.startswith("//"):
        return "/"
    if "\\" in candidate or any(character < " " or character == "\x7f" for character in candidate):
        return "/"
    # Returning to a sign-in page would sign in for ever.
    if candidate.split("?")[0].startswith("/auth/"):
        return "/"
    return candidate
