"""What is done to answers before they are compared, and how a difference is told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest

from bench.renaming import canonical, difference
from graph.ids import global_id

ID = UUID("01a20a7f-f226-7981-9d0a-fa6f16150c27")


def answered(**data: Any) -> bytes:
    return orjson.dumps({"data": data})


def test_the_peers_ids_times_and_enums_become_ours() -> None:
    member = {"id": str(ID), "role": "billing_admin", "joinedAt": "2024-11-18T23:21:26.073290+01:00"}

    data = canonical(answered(memberships={"totalCount": 1, "nodes": [member]}), "postgraphile")

    ours = {"id": global_id("Membership", ID), "role": "BILLING_ADMIN", "joinedAt": "2024-11-18T22:21:26.073Z"}
    assert data == {"memberships": {"totalCount": 1, "nodes": [ours]}}


def test_the_peers_booking_stands_where_ours_does() -> None:
    data = canonical(answered(createMeeting={"meeting": {"id": str(ID), "event": None}}), "postgraphile")

    assert data == {"bookMeeting": {"id": global_id("Meeting", ID), "event": None}}


def test_our_answers_are_compared_as_they_are() -> None:
    assert canonical(answered(meetings={"nodes": [{"id": "x"}]}), "orgraph") == {"meetings": {"nodes": [{"id": "x"}]}}


@pytest.mark.parametrize("body", [b'{"data":null}', b'{"errors":[{"message":"no"}],"data":{"meetings":null}}'])
def test_an_answer_with_errors_is_none(body: bytes) -> None:
    with pytest.raises(ValueError, match="errors"):
        canonical(body, "orgraph")


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"nodes": [{"id": 1}, {"id": 2}]}, None),
        ({"nodes": [{"id": 1}, {"id": 3}]}, "data.nodes[1].id: 2 and 3"),
        ({"nodes": [{"id": 1}]}, "data.nodes: 2 and 1 items"),
        ({"nodes": [{"id": 1}, {"id": True}]}, "data.nodes[1].id: 2 and True"),
        ({"edges": []}, "data: the fields ['nodes'] and ['edges']"),
    ],
)
def test_the_first_difference_is_named_by_its_place(other: Any, told: str | None) -> None:
    assert difference({"nodes": [{"id": 1}, {"id": 2}]}, other) == told
