"""How uvicorn runs our app: our log, our protocol, no header of its own, and no belief in X-Forwarded-For."""

from __future__ import annotations

from typing import Any

GRACE_S = 10  # seconds that requests under way have when the server is told to stop

OPTIONS: dict[str, Any] = {
    "factory": True,
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
    "ws": "none",
    "http": "server.protocol:JsonHttpProtocol",
    "lifespan": "on",
    "timeout_graceful_shutdown": GRACE_S,
}
APP = "server.app:create"
