"""`/metrics` at an address of its own, answered by the supervisor: what all workers counted, and those before them.

No worker is asked and no event loop waits: each worker's numbers lie in files (prometheus-client's), which outlive
even SIGKILL. What ended workers counted is added up into one file a kind, so that restarts leave nothing behind.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PATIENCE_S = 5.0
FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where the workers' prometheus-client counts
_ENDED = "ended"
_NOWHERE = b'{"errors":[{"message":"There is nothing here but /metrics.","extensions":{"code":"NOT_FOUND"}}]}'


class AdminError(Exception):
    """The address is not to be had; the message is one line."""


@contextmanager
def answering(host: str, port: int) -> Iterator[str]:
    """Answer there until the block ends; the address, with the port that it is. Raises AdminError."""
    with tempfile.TemporaryDirectory(prefix="orgraph-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            listener = ThreadingHTTPServer((host, port), _handler(Path(folder)))
        except OSError as error:
            raise AdminError(f"--admin-host {host} --admin-port {port}: {error.strerror}") from None
        listener.daemon_threads = True
        threading.Thread(target=listener.serve_forever, name="admin", daemon=True).start()
        try:
            yield f"http://{host}:{listener.server_address[1]}"
        finally:
            listener.shutdown()
            listener.server_close()
            del os.environ[FOLDER]


def _handler(folder: Path) -> type[BaseHTTPRequestHandler]:
    folding = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE_S
        server_version, sys_version = "orgraph", ""

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                self._answer(404, "application/json", _NOWHERE)
                return
            with folding:
                fold(folder)
                self._answer(200, "text/plain; version=0.0.4; charset=utf-8", exposition(folder))

        def _answer(self, status: int, media_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", media_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
            """Asked every few seconds: no news."""

    return Handler


def exposition(folder: Path) -> bytes:
    """All numbers of this folder, as Prometheus reads them."""
    # Late: a server that nobody asks for metrics loads none of it here.
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def fold(folder: Path) -> None:
    """Add what ended workers counted to one file a kind, and forget what only the living have."""
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415

    for file in folder.glob("*.db"):
        kind, _, number = file.stem.rpartition("_")
        if number == _ENDED or _lives(int(number)):
            continue
        if not kind.startswith("gauge"):
            total = MmapedDict(str(folder / f"{kind}_{_ENDED}.db"))  # type: ignore[no-untyped-call]
            values = MmapedDict.read_all_values_from_file(str(file))  # type: ignore[no-untyped-call]
            for key, value, _, _ in values:
                before, _ = total.read_value(key)  # type: ignore[no-untyped-call]
                total.write_value(key, before + value, 0.0)  # type: ignore[no-untyped-call]
            total.close()  # type: ignore[no-untyped-call]
        file.unlink()


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
