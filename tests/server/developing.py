"""One `orgraph dev` for a test: started as a person starts it, on a free port, ended whatever happens."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ORGRAPH = str(Path(sys.executable).with_name("orgraph"))
PATIENCE_S = 60  # for a machine that does other things besides


@dataclass
class Dev:
    """One `orgraph dev` and what it said."""

    process: subprocess.Popen[str]
    home: Path
    url: str = ""
    took_s: float = 0.0
    lines: list[str] = field(default_factory=list)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "WORKOS_", "ORGRAPH_"))
    }
    return {**kept, "ORGRAPH_HOME": str(home), **more}


@contextlib.contextmanager
def developing(home: Path, *, port: int = 0, **more: str) -> Iterator[Dev]:
    """`orgraph dev` on any free port, once it says that it is ready; ended, whatever happens."""
    began = time.monotonic()
    errors = home.parent / f"{home.name}.err"
    with errors.open("w") as told:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [ORGRAPH, "dev", "--port", str(port), "--no-reload"],
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            env=environment(home, **more),
            cwd=home.parent,
        )
    dev = Dev(process, home)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            dev.lines.append(line.rstrip("\n"))
            if line.startswith("ready "):
                dev.took_s = time.monotonic() - began
                dev.url = line.split()[1]
            if "suspended" in line:
                break
        assert dev.url, errors.read_text()
        yield dev
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE_S)
        if process.stdout is not None:
            process.stdout.close()
