"""Passwords as Postgres stores them (SCRAM-SHA-256, RFC 5803), so that no password travels in SQL or lands in a log."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re

ITERATIONS = 4096
VERIFIER = re.compile(r"SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+")


def verifier(password: str, *, salt: bytes | None = None, iterations: int = ITERATIONS) -> str:
    """The text to store for `password`, which is printable ASCII (anything else is normalized differently by clients).

    Raises ValueError without repeating the password.
    """
    if not re.fullmatch(r"[!-~]{8,256}", password):
        raise ValueError("a database password is 8 to 256 printable ASCII characters without spaces")
    salt = os.urandom(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    salt_text, stored_text, server_text = (base64.b64encode(part).decode() for part in (salt, stored_key, server_key))
    return f"SCRAM-SHA-256${iterations}:{salt_text}${stored_text}:{server_text}"


def matches(password: str, stored: str | None) -> bool:
    """Is `stored`, as read from pg_authid, the verifier of `password`?"""
    found = VERIFIER.fullmatch(stored or "")
    if found is None:
        return False
    again = verifier(password, salt=base64.b64decode(found[2]), iterations=int(found[1]))
    return hmac.compare_digest(again, found[0])
