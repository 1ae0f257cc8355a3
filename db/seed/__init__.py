"""Many organizations for development and measurement: planned from a number, made as the worker."""

from __future__ import annotations

from db.seed.make import SeedError, seed
from db.seed.plan import Plan

__all__ = ["Plan", "SeedError", "seed"]
