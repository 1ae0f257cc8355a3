"""How uvicorn runs our app: our log, our protocol, no header of its own, and no belief in X-Forwarded-For."""

from __future__ import annotations

import gc
from typing import Any

from starlette.types import ASGIApp

GRACE_S = 10  # seconds that requests under way have when the server is told to stop
# Longer than a proxy keeps a connection that rests (60 s is usual): who closes first must be whoever sends next.
KEPT_ALIVE_S = 75

OPTIONS: dict[str, Any] = {
    "factory": True,
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
    "ws": "none",
    "http": "server.protocol:JsonHttpProtocol",
    "lifespan": "on",
    "timeout_keep_alive": KEPT_ALIVE_S,
    "timeout_graceful_shutdown": GRACE_S,
}
APP = "server.serving:create"


def create() -> ASGIApp:
    """The app, loaded without a look for garbage, since all of it stays. Raises SettingsError.

    Nor is it looked through afterwards: among 200 000 objects more, every request under way would wait 75 ms each time.
    """
    gc.disable()
    try:
        # Late, so that there is something to gain; and whoever wants the options alone loads no app.
        from server import app  # noqa: PLC0415

        return app.create()
    finally:
        gc.freeze()
        gc.enable()
