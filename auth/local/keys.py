"""The local issuer's key pair, kept in the data folder, and the access tokens it signs."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from auth.addresses import is_loopback
from db.directory import PersonEntry

TOKEN_S = 300


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """An RSA key pair; `kid` is its thumbprint (RFC 7638), so that one key has one name wherever it is loaded."""

    private: rsa.RSAPrivateKey
    kid: str

    @classmethod
    def of(cls, private: rsa.RSAPrivateKey) -> IssuerKey:
        public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
        members = {name: public[name] for name in ("e", "kty", "n")}
        digest = hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
        return cls(private, base64.urlsafe_b64encode(digest).rstrip(b"=").decode())

    @classmethod
    def new(cls) -> IssuerKey:
        return cls.of(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def jwks(self) -> dict[str, Any]:
        """The public half, as GET /sso/jwks/{client_id} answers it."""
        public = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {
            "keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": public["n"], "e": public["e"]}]
        }

    def seal(self) -> Fernet:
        """Seals the issuer's refresh tokens: they outlive a restart of `orgraph dev` and look like nothing else."""
        secret = self.private.private_numbers().d.to_bytes(512, "big")
        return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"orgraph refresh tokens" + secret).digest()))


def issuer_key(home: Path) -> IssuerKey:
    """The key pair in `<home>/issuer/key.pem` (0600), made on first use; of two processes that make it, one wins."""
    path = home / "issuer" / "key.pem"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        pem = IssuerKey.new().private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write_whole(path, pem)
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key: delete it, and a new one is made")
    return IssuerKey.of(private)


def remember_address(home: Path, base_url: str) -> None:
    """Keep the running issuer's address, so that `orgraph token` signs in its name from another shell."""
    path = home / "issuer" / "address"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(f"{base_url.rstrip('/')}\n", encoding="ascii")


def known_address(home: Path) -> str | None:
    """The address the issuer last ran at, if it ever ran with this data folder."""
    with contextlib.suppress(FileNotFoundError):
        address = (home / "issuer" / "address").read_text(encoding="ascii").strip()
        return address if is_loopback(address) else None
    return None


def sign_access_token(
    key: IssuerKey,
    *,
    issuer: str,
    person: PersonEntry,
    workos_org_id: str | None,
    expires_in: int = TOKEN_S,
    session_id: str | None = None,
    signed_in_at: int | None = None,
    now: float | None = None,
) -> str:
    """A token with the claims of a WorkOS access token. `expires_in` is in seconds. Raises ValueError off loopback.

    The role claims are for show: the database decides what a person may do. A person without a membership in
    `workos_org_id` gets a token all the same, as after a removal: the database is to refuse it.
    """
    if not is_loopback(issuer):
        raise ValueError(f"the local issuer's address is {issuer!r}: expected one on this machine, http://127.0.0.1:…")
    issued_at = int(time.time() if now is None else now)
    claims: dict[str, Any] = {
        "iss": issuer.rstrip("/"),
        "sub": person.workos_user_id,
        "sid": session_id or new_session_id(),
        "jti": secrets.token_hex(16),
        "iat": issued_at,
        "auth_time": issued_at if signed_in_at is None else signed_in_at,
        "exp": issued_at + expires_in,
    }
    if workos_org_id is not None:
        roles = [entry.role for entry in person.memberships if entry.workos_org_id == workos_org_id]
        claims |= {"org_id": workos_org_id, "role": next(iter(roles), None), "roles": roles, "permissions": []}
    return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid})


def new_session_id() -> str:
    return f"session_{secrets.token_hex(13)}"


def _write_whole(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    with contextlib.suppress(FileExistsError):
        os.link(temporary, path)
    temporary.unlink()
