"""What the sign-in routes answer: JSON, a redirect, or a small page; never stored, always with a request id."""

from __future__ import annotations

import base64
import hashlib
import html
import uuid
from collections.abc import Iterable
from typing import Any

import orjson
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response

from auth.errors import AuthError

STYLE = """
:root { color-scheme: light dark;
  --ink: #1c2024; --soft: #60646c; --ground: #fbfbfa; --card: #fff; --line: #e3e3e0; --link: #2f5fb3 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #edeef0; --soft: #a0a4ab; --ground: #151618; --card: #1d1f22; --line: #33363b; --link: #8db4f5 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 34rem; margin: 0 auto; padding: 12vh 1.25rem 4rem }
h1 { font-size: 1.4rem; font-weight: 600; margin: 0 0 .5rem }
p { margin: 0 0 1.25rem; color: var(--soft) }
a { color: var(--link) }
ul { list-style: none; margin: 0; padding: 0 }
.people a { display: block; margin: 0 0 .6rem; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .6rem;
  background: var(--card); color: inherit; text-decoration: none }
.people a:hover, .people a:focus-visible {
  border-color: var(--link); outline: 2px solid var(--link); outline-offset: -1px }
.name { font-weight: 600 }
.email, .people li li { color: var(--soft); font-size: .9rem }
""".strip()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff"}
PAGE_HEADERS = {
    **HEADERS,
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}


def page(title: str, body: str, *, status: int = 200) -> Response:
    """A page without scripts. `body` is markup: its caller has escaped what it did not write."""
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{html.escape(title)}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(text, status, PAGE_HEADERS)


def answer(body: Any, *, set_cookie: Iterable[str] = (), status: int = 200) -> Response:
    return with_cookies(Response(orjson.dumps(body), status, HEADERS, "application/json"), set_cookie)


def see_other(url: str, *, set_cookie: Iterable[str] = ()) -> Response:
    return with_cookies(RedirectResponse(url, 303, HEADERS), set_cookie)


def refusal(error: AuthError, request: HTTPConnection) -> Response:
    """The one shape of every error of ours."""
    extensions = {"code": error.code, "requestId": request_id(request)}
    response = answer(
        {"errors": [{"message": str(error), "extensions": extensions}]},
        set_cookie=error.set_cookie,
        status=error.status,
    )
    response.headers.update(error.headers)
    return response


def with_cookies(response: Response, set_cookie: Iterable[str]) -> Response:
    for line in set_cookie:
        response.headers.append("set-cookie", line)
    return response


def request_id(request: HTTPConnection) -> str:
    """The id that the server gave this request, else the caller's if it is a UUID, else a new one."""
    given = getattr(request.state, "request_id", None) or request.headers.get("x-request-id", "")
    try:
        return str(uuid.UUID(str(given)))
    except ValueError:
        return str(uuid.uuid4())
