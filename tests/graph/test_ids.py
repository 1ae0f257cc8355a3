"""Global ids: one spelling each, back and forth."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import BadUserInput
from graph.ids import global_id, parsed, uuid_of
from graph.schema.node import NODES


@given(type_name=st.sampled_from(sorted(NODES)), uuid=st.uuids())
def test_an_id_comes_back_as_it_was(type_name: str, uuid: UUID) -> None:
    written = global_id(type_name, uuid)

    assert parsed(written) == (type_name, uuid)
    assert uuid_of(type_name, written) == uuid
    assert written.isascii()
    assert "=" not in written


@given(text=st.text(max_size=130))
def test_no_text_is_read_as_an_id_unless_it_is_one(text: str) -> None:
    with suppress(BadUserInput):
        assert global_id(*parsed(text)) == text


@given(uuid=st.uuids(), at=st.integers(0, 50), letter=st.sampled_from("AZaz09-_=+/ \n\0é"))
def test_an_id_has_no_second_spelling(uuid: UUID, at: int, letter: str) -> None:
    written = global_id("Meeting", uuid)
    other = written[:at] + letter + written[at + 1 :]
    if other == written:
        return
    with suppress(BadUserInput):
        assert parsed(other) != ("Meeting", uuid)


def test_an_id_of_another_type_is_refused() -> None:
    with pytest.raises(BadUserInput, match="Invalid id"):
        uuid_of("Event", global_id("Meeting", UUID(int=1)))
