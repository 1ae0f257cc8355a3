"""Where it was measured, and with what: everything that a reader needs to doubt a figure."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import postgraphile
from bench.postgraphile import NodeError
from db.embedded.binaries import wheel

PACKAGES = ("asyncpg", "graphql-core", "orjson", "sqlalchemy", "starlette", "strawberry-graphql", "uvicorn", "uvloop")
PEERS = ("postgraphile", "grafast", "pg")


def machine() -> dict[str, Any]:
    """Its processor, memory and system, and how busy it was just now."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_before": round(os.getloadavg()[0], 2),
    }


def versions() -> dict[str, str]:
    """Of whatever takes part."""
    found = {"orgraph": f"{version('orgraph')} ({_commit()})", "python": platform.python_version()}
    found |= {name: version(name) for name in PACKAGES}
    found["postgres"] = _first_number(_said(str(wheel() / "postgres"), "--version"))
    found["wrk"] = _first_number(_said("wrk", "--version"))
    try:
        found["node"] = _first_number(_said(str(postgraphile.node()), "--version"))
    except NodeError:
        return found
    return found | {name: postgraphile.version(name) for name in PEERS}


def _processor() -> str:
    try:
        names = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def _commit() -> str:
    root = Path(__file__).parents[1]
    commit = _said("git", "-C", str(root), "rev-parse", "--short", "HEAD").strip()
    changed = _said("git", "-C", str(root), "status", "--porcelain", "--untracked-files=no").strip()
    return f"{commit} and changes" if commit and changed else commit or "no commit"


def _said(*words: str) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - constant programs
    except OSError:
        return ""
    return done.stdout + done.stderr


def _first_number(text: str) -> str:
    found = re.search(r"\d+(\.\d+)+", text)
    return found[0] if found else "unknown"
