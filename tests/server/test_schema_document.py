"""`GET /schema.graphql` is the schema, for whoever may introspect; and a code generator makes types of it."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLScalarType, build_schema, specified_scalar_types

from graph.schema import build
from tests.clients import node
from tests.personas import Database, World
from tests.server.site import Site, served

ROOT = Path(__file__).parents[2]
SDL = (ROOT / "schema.graphql").read_text(encoding="utf-8")
INTROSPECTION = {"query": "{ __schema { queryType { name } } }"}
CODEGEN = ROOT / "docs" / "codegen"
# What a client writes with the types: it compiles if they are what docs/codegen/codegen.ts says.
USE = """
import type { CancelMeetingMutation, MeetingsOfADayQuery, MeetingsOfADayQueryVariables } from './api';

export const day: MeetingsOfADayQueryVariables = { from: '2026-01-31T00:00:00Z', before: '2026-02-01T00:00:00Z' };
export const income = (answer: MeetingsOfADayQuery): number =>
  answer.meetings?.nodes.reduce((sum, meeting) => sum + meeting.amountCents, 0) ?? 0;
export const refused = (answer: CancelMeetingMutation): string | undefined =>
  answer.cancelMeeting && 'code' in answer.cancelMeeting ? answer.cancelMeeting.message : undefined;
// @ts-expect-error a moment is a text
export const wrong: MeetingsOfADayQueryVariables = { from: new Date(), before: '2026-02-01T00:00:00Z' };
"""


@pytest.fixture(scope="module")
def developing(database: Database) -> Iterator[Site]:
    with served(database.api, build()) as running:
        yield running


async def test_in_development_it_is_everybodys(developing: Site) -> None:
    async with developing.client() as client:
        answer = await client.get("/schema.graphql")
    assert (answer.status_code, answer.text) == (200, SDL)
    assert answer.headers["content-type"] == "application/graphql; charset=utf-8"
    assert "Authorization" in answer.headers["vary"]


async def test_who_has_it_still_is_told_so(developing: Site) -> None:
    async with developing.client() as client:
        tag = (await client.get("/schema.graphql")).headers["etag"]
        again = await client.get("/schema.graphql", headers={"if-none-match": tag})
        packed = await client.get("/schema.graphql", headers={"accept-encoding": "gzip"})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (packed.headers["content-encoding"], packed.headers["etag"], packed.text) == ("gzip", tag, SDL)


@pytest.mark.parametrize("part", [None, "member", "owner"])
async def test_in_production_it_is_for_whoever_may_introspect(real: Site, world: World, part: str | None) -> None:
    headers = {}
    if part is not None:
        token = real.token(world.acme.people[part], world.acme.workos_id)
        headers = {"authorization": f"Bearer {token}"}
    async with real.client(headers=headers) as client:
        introspected = (await client.post("/graphql", json=INTROSPECTION)).json()
        answer = await client.get("/schema.graphql")
    if "errors" not in introspected:
        assert (answer.status_code, answer.text) == (200, SDL)
    else:
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["extensions"]["code"] == introspected["errors"][0]["extensions"]["code"]
        assert "etag" not in answer.headers


async def test_a_stranger_and_a_bad_token_get_what_they_always_get(real: Site, world: World) -> None:
    stranger = real.token(world.globex.people["owner"], world.acme.workos_id)
    async with real.client() as client:
        for token, status in (("a.b.c", 401), (stranger, 403)):
            answer = await client.get("/schema.graphql", headers={"authorization": f"Bearer {token}"})
            assert (answer.status_code, "type Query" in answer.text) == (status, False)
            assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_it_is_only_read(developing: Site) -> None:
    async with developing.client() as client:
        answer = await client.post("/schema.graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_the_configuration_of_the_code_generator_knows_every_scalar() -> None:
    text = (CODEGEN / "codegen.ts").read_text(encoding="utf-8")
    known = set(re.findall(r"^\s+(\w+): '\w+',", text, re.MULTILINE))
    scalars = {name for name, kind in build_schema(SDL).type_map.items() if isinstance(kind, GraphQLScalarType)}
    assert known == scalars - set(specified_scalar_types) | {"ID"}


async def test_the_code_generator_makes_types_that_compile(developing: Site, tmp_path: Path) -> None:
    if reason := await asyncio.to_thread(node.missing):
        pytest.skip(reason)
    for path in CODEGEN.iterdir():
        shutil.copy(path, tmp_path)
    (tmp_path / "node_modules").symlink_to(node.HERE / "node_modules")
    packages = node.HERE / "node_modules"
    environment = {"ORGRAPH_SCHEMA": f"{developing.url}/schema.graphql"}
    cli = packages / "@graphql-codegen" / "cli" / "esm" / "bin.js"
    await asyncio.to_thread(node.run, cli, "--config", "codegen.ts", cwd=tmp_path, **environment)

    generated = (tmp_path / "api.ts").read_text(encoding="utf-8")
    assert "amountCents: number" in generated
    assert "id: string | number" not in generated
    (tmp_path / "use.ts").write_text(USE, encoding="utf-8")
    words = [
        "--noEmit",
        "--strict",
        "--skipLibCheck",
        "--target",
        "es2022",
        "--moduleResolution",
        "bundler",
        "--module",
        "esnext",
    ]
    await asyncio.to_thread(node.run, packages / "typescript" / "bin" / "tsc", *words, "api.ts", "use.ts", cwd=tmp_path)
