"""Start: `orgraph dev` in an empty folder to its first answer, and how long importing the app takes. P10."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import httpx2

from bench.contenders import ORGRAPH
from bench.processes import ContenderError, end
from bench.progress import say
from bench.results import Results
from db.embedded import remove

NAME = "start"
TIMES = 3


def run(home: Path, results: Results) -> None:
    """Seconds: the median of three times each. Raises ContenderError."""
    if NAME in results.found:
        return
    found = {"dev_s": _median(lambda: _dev(home / "dev")), "import_s": _median(_import)}
    say(f"orgraph dev answers after {found['dev_s']} s, import takes {found['import_s']} s")
    results.find(NAME, found)


def _median(once: Callable[[], float]) -> float:
    return round(median(once() for _ in range(TIMES)), 3)


def _dev(home: Path) -> float:
    """From the command to the first answer of the graph, with nothing there before."""
    remove(home)
    shutil.rmtree(home, ignore_errors=True)
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [ORGRAPH, "dev", "--port", "0", "--no-reload"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environ(home),
        text=True,
        start_new_session=True,
    )
    try:
        url = next((line.split()[1] for line in process.stdout or () if line.startswith("ready ")), None)
        if url is None:
            raise ContenderError("orgraph dev did not start: try it by hand")
        with httpx2.Client(trust_env=False, timeout=30) as client:
            client.post(f"{url}/graphql", json={"query": "{ __typename }"}).raise_for_status()
        return time.monotonic() - began
    finally:
        end(process)
        remove(home)
        shutil.rmtree(home, ignore_errors=True)


def _import() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import server.app"], check=True)
    return time.monotonic() - began


def _environ(home: Path) -> dict[str, str]:
    ours = ("DATABASE_", "WORKOS_", "ORGRAPH_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "ORGRAPH_HOME": str(home)}
