"""The local issuer's one page: who would you like to be?"""

from __future__ import annotations

import html
from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import Response

from auth.answers import page
from db.directory import MembershipEntry, PersonEntry

SHOWN = 100  # a seeded database holds thousands; the demo people come first


def people_page(people: Sequence[PersonEntry], query: QueryParams) -> Response:
    """A link for each person: the same request once more, with the person named as `login_hint`."""
    rest = [(name, value) for name, value in query.multi_items() if name != "login_hint"]
    cards = "".join(_card(person, rest) for person in people[:SHOWN])
    if not cards:
        return page("Nobody to sign in as", "<p>The database has no people yet. Run <code>orgraph db seed</code>.</p>")
    return page(
        "Sign in as",
        "<p>Development sign-in, on this machine only: the people of the demo data, without passwords.</p>"
        f'<ul class="people">{cards}</ul>{_others(len(people) - SHOWN)}',
    )


def _others(count: int) -> str:
    """How the rest are reached: by name, at the address that this page is at."""
    if count <= 0:
        return ""
    return f"<p>And {count} more: add <code>login_hint</code> with an e-mail address to /auth/sign-in.</p>"


def _card(person: PersonEntry, rest: list[tuple[str, str]]) -> str:
    address = html.escape(f"?{urlencode([*rest, ('login_hint', person.email)])}")
    name = " ".join(part for part in (person.first_name, person.last_name) if part)
    named = f'<span class="name">{html.escape(name)}</span> ' if name else ""
    lines = "".join(f"<li>{_line(entry)}</li>" for entry in person.memberships) or "<li>no organization</li>"
    return (
        f'<li><a href="{address}">{named}<span class="email">{html.escape(person.email)}</span>'
        f"<ul>{lines}</ul></a></li>"
    )


def _line(entry: MembershipEntry) -> str:
    status = "" if entry.status == "active" else f", {entry.status}"
    return html.escape(f"{entry.organization_name}: {entry.role.replace('_', ' ')}{status}")
