"""JSON without room for two readings: UTF-8, no duplicate keys, no NaN, numbers that fit, bounded depth."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from graph.refusals import Refused

DEEPEST = 64
# Coercing a variable costs a thousand times what reading it does: a body of a megabyte could stop the process.
MOST_VALUES = 10_000
_KEY = re.compile(rb'"\s*:')


def read(text: bytes) -> Any:
    """The value of `text`. Raises Refused with 400 and a position, never with a part of the text."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _unreadable(text, error) from None
    # Every key of the text ends in a quote and a colon, so as many of those as keys read means that none was lost.
    # More of them may also stand inside strings: then, and only then, the slow reader decides.
    if _keys(value) != len(_KEY.findall(text)):
        json.loads(text, object_pairs_hook=_unique, parse_int=str, parse_float=str)
    return value


def _unreadable(text: bytes, error: orjson.JSONDecodeError) -> Refused:
    said = error.msg
    if "depth" in said:
        return too_deep()
    if "UTF-8" in said or "surrogate" in said:
        return _bad("The body is not valid UTF-8: send JSON in UTF-8, without a byte order mark.")
    # The driver counts characters; what stands there only decides between two sentences.
    if "infinity" in said or text.lstrip()[:1] in (b"N", b"I") or text[error.pos : error.pos + 1] in (b"N", b"I"):
        return _bad(f"Number not allowed, at line {error.lineno}, column {error.colno}.")
    return _bad(f"The body is not valid JSON, at line {error.lineno}, column {error.colno}.")


def _keys(value: Any) -> int:
    """How many keys all objects of `value` have, level by level. Raises Refused below the deepest level allowed."""
    keys = depth = values = 0
    level = [value]
    while level := [one for one in level if type(one) in (dict, list)]:
        depth += 1
        if depth > DEEPEST:
            raise too_deep()
        below: list[Any] = []
        for one in level:
            if type(one) is dict:
                keys += len(one)
                below += one.values()
            else:
                below += one
        values += len(below)
        if values > MOST_VALUES:
            raise Refused(400, "JSON_TOO_LARGE", f"The body holds too much: at most {MOST_VALUES} values.")
        level = below
    return keys


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise _bad("Duplicate key: every key of an object may stand once.")


def too_deep() -> Refused:
    return Refused(400, "JSON_TOO_DEEP", f"The body nests too deep: at most {DEEPEST} levels.")


def _bad(sentence: str) -> Refused:
    return Refused(400, "BAD_JSON", sentence)
