"""The local issuer: signs in demo people on this machine, in WorkOS's shapes, for `orgraph dev` and the tests alone.

The product knows nothing of it and reaches it as it reaches WorkOS, by WORKOS_BASE_URL.
"""

from __future__ import annotations

from auth.local.issuer import local_issuer
from auth.local.keys import IssuerKey, issuer_key, known_address, remember_address, sign_access_token

__all__ = ["IssuerKey", "issuer_key", "known_address", "local_issuer", "remember_address", "sign_access_token"]
