"""The explorer over HTTP: the page for `GET /graphql`, and the files it is made of."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from graph.accept import weights_of

DIST = Path(__file__).parent / "dist"
PREFIX = "/graphql/explorer"

# The editor writes style attributes while it draws, hence 'unsafe-inline' for styles and for nothing else. Its style
# sheet holds small pictures as data. Workers are files of ours: no `blob:`.
POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; "
    "font-src 'self'; "
    "img-src 'self' data:; "
    "worker-src 'self'; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
FILE_HEADERS = {
    # A worker takes its policy from the file it is: it computes, and asks nobody for anything.
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "vary": "accept-encoding",
}
# Said here and not looked up: the system's own table differs from machine to machine.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
}
# A file's name carries the digest of its content.
FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Manifest:
    """What a finished build holds: the names of its files, and which two the page begins with."""

    script: str
    style: str
    files: frozenset[str]


def page(*, development: bool) -> Response:
    """The HTML for a browser at `/graphql`: GraphiQL, or how to build it when there is no build."""
    manifest = built()
    body = _explorer(manifest, development=development) if manifest else _missing(development=development)
    return HTMLResponse(body, headers=PAGE_HEADERS)


def routes(prefix: str = PREFIX) -> list[BaseRoute]:
    """The routes of the files; `prefix` is where `page()` looks for them."""
    return [Route(f"{prefix}/{{name}}", file, methods=["GET"])]


def file(request: Request) -> Response:
    """One file of the build, packed if the browser takes it so. Raises 404 for any other name."""
    name = request.path_params["name"]
    manifest = built()
    if manifest is None or name not in manifest.files:
        raise HTTPException(404, f"The explorer has no file of this name. Reload {PREFIX.rsplit('/', 1)[0]}.")
    media_type = MEDIA_TYPES[Path(name).suffix]
    headers = FILE_HEADERS | {"cache-control": "no-cache" if name == "NOTICES.txt" else FOR_GOOD}
    packed = DIST / f"{name}.gz"
    if weights_of(request.headers.get("accept-encoding", "")).get("gzip", 0.0) > 0 and packed.is_file():
        return FileResponse(packed, media_type=media_type, headers=headers | {"content-encoding": "gzip"})
    return FileResponse(DIST / name, media_type=media_type, headers=headers)


def built() -> Manifest | None:
    """The finished build, or None; a new build is seen without a restart."""
    path = DIST / "manifest.json"
    try:
        return _manifest(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=1)
def _manifest(path: Path, _modified: int) -> Manifest:
    content = json.loads(path.read_bytes())
    return Manifest(content["script"], content["style"], frozenset(content["files"]))


def _explorer(manifest: Manifest, *, development: bool) -> str:
    script, style = (html.escape(f"{PREFIX}/{name}") for name in (manifest.script, manifest.style))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>orgraph explorer</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{style}">
<script type="module" src="{script}"></script>
</head>
<body>
<header id="account" data-development="{str(development).lower()}"></header>
<main id="explorer"><noscript>The explorer needs JavaScript.</noscript></main>
</body>
</html>
"""


def _missing(*, development: bool) -> str:
    if development:
        advice = (
            "<p>Build it, then reload this page:</p><pre>make install</pre><p>or</p><pre>orgraph explorer build</pre>"
        )
    else:
        advice = "<p>This installation carries no build of it: <code>orgraph explorer build</code> makes one.</p>"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The explorer is not built</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
body {{ max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem; }}
pre {{ padding: .6rem .9rem; border-radius: 8px; background: color-mix(in srgb, currentColor 8%, transparent); }}
</style>
</head>
<body>
<h1>The explorer is not built</h1>
<p>GraphQL itself answers at this address: <code>POST /graphql</code>.</p>
{advice}
</body>
</html>
"""
