"""What the makers of graphql-http audit a server for, asked of ours: all of it holds but what docs/http.md lists."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import orjson
import pytest

from tests.clients import node
from tests.server.site import Site

PAGE = Path(__file__).parents[2] / "docs" / "http.md"
AUDITS = 61


def deviations() -> set[str]:
    """The ids of the audits that the page says we do not follow."""
    return set(re.findall(r"^\| `([0-9A-Z]{4})` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_package_is_named_by_its_digest_and_none_by_an_address() -> None:
    lock = json.loads((node.HERE / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


async def test_every_audit_holds_but_those_that_the_page_lists(site: Site) -> None:
    if reason := await asyncio.to_thread(node.missing):
        pytest.skip(reason)
    found = orjson.loads(await asyncio.to_thread(node.run, "audit.mjs", f"{site.url}/graphql"))
    assert len(found) == AUDITS
    assert {one["id"] for one in found if one["status"] != "ok"} == deviations()
    assert [one for one in found if one["status"] == "error"] == []
