"""The process that `orgraph dev` starts, and starts again: serves on the socket it is given, ends when its parent does.

Its standard input is a pipe that nobody writes to. The system closes it however the parent dies, SIGKILL included.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time

import uvicorn

from server import serving, settings

LAST_WORDS_S = 2.0  # what requests under way have when the parent is gone


def main(descriptor: int) -> int:
    """Serve until told to stop; answers the exit code."""
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    try:
        settings.load()
    except settings.SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    server = uvicorn.Server(uvicorn.Config(serving.APP, log_level="warning", **serving.OPTIONS))
    server.run(sockets=[socket.socket(fileno=descriptor)])
    return 0 if server.started else 1


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_WORDS_S)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
