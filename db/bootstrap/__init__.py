"""What must exist before the first migration: roles, passwords, the database, its extension and its schemas."""

from __future__ import annotations

from db.bootstrap.prepare import BootstrapError, bootstrap, connected, login_url, missing_logins, owners_rights

__all__ = ["BootstrapError", "bootstrap", "connected", "login_url", "missing_logins", "owners_rights"]
