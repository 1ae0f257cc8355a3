"""The server as a child process, and what makes it start again: a change of a file it was made of."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PACKAGES = ("auth", "db", "graph", "server", "sql")
SUFFIXES = (".py", ".sql", ".toml")
NOT_OURS = frozenset({"__pycache__", "node_modules", "dist"})
PATIENCE_S = 12.0  # a little more than requests under way have


@dataclass
class Child:
    """One server at a time, on a socket that stays open between them: a browser that reloads waits, and is served."""

    listener: socket.socket
    environ: Mapping[str, str]
    report: Callable[[str], None]
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _mourning: asyncio.Task[None] | None = field(default=None, init=False)

    async def start(self) -> None:
        descriptor = self.listener.fileno()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "server.child", str(descriptor)),  # -P: the folder we stand in is not a place for modules
            stdin=subprocess.PIPE,
            pass_fds=[descriptor],
            env=dict(self.environ),
            start_new_session=True,  # Ctrl-C is ours: the child is told when it is its turn
        )
        self._mourning = asyncio.create_task(self._mourn(self._process), name="child")

    async def ended(self) -> None:
        """Waits until it has ended by itself."""
        if self._mourning is not None:
            await asyncio.shield(self._mourning)

    async def _mourn(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        if process is self._process:
            self.report(f"the server has ended (exit code {code})")

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def changes() -> AsyncIterator[set[Path]]:
    """Each batch of files of ours that changed, for ever."""
    # Late: it belongs to the development extra, which alone has `orgraph dev`.
    from watchfiles import awatch  # noqa: PLC0415

    async for batch in awatch(*folders(), recursive=False):
        if changed := {Path(path) for _, path in batch if path.endswith(SUFFIXES)}:
            yield changed


def folders() -> Iterator[Path]:
    """Every folder with code of ours; the explorer's packages, thousands of folders, are left out."""
    root = Path(__file__).parent.parent
    for package in PACKAGES:
        for folder, below, _ in os.walk(root / package):
            below[:] = [name for name in below if name not in NOT_OURS]
            yield Path(folder)
