"""The demo: what a first `orgraph dev` finds, and the people to sign in as."""

from __future__ import annotations

from db.demo.make import seed_demo
from db.demo.people import ORGANIZATIONS, PEOPLE

__all__ = ["ORGANIZATIONS", "PEOPLE", "seed_demo"]
