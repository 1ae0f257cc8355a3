"""How a contender in Python is served: uvicorn with the options of `orgraph serve`, at the port of the environment."""

from __future__ import annotations

import os

import uvicorn
from starlette.types import ASGIApp

from server.serving import OPTIONS

CONNECTIONS = 8


def serve(app: ASGIApp) -> None:
    """Until told to stop."""
    options = {**OPTIONS, "factory": False, "log_level": "warning"}
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), **options)
