"""Documents that were made to cost: each a text that grows with a number."""

from __future__ import annotations

from collections.abc import Callable


def _fragments(number: int, type_name: str, body: Callable[[int], str]) -> str:
    return " ".join(f"fragment F{at} on {type_name} {{ {body(at)} }}" for at in range(number))


def _spread(number: int) -> str:
    return " ".join(f"...F{at}" for at in range(number))


def _many(number: int, text: str) -> str:
    return " ".join([text] * number)


def _doubling(number: int, twice: Callable[[str], str]) -> str:
    chain = _fragments(number, "Event", lambda at: twice(f"...F{at + 1}"))
    return f"{{ events {{ nodes {{ ...F0 }} }} }} {chain} fragment F{number} on Event {{ id }}"


# By what it does: how it is made, how much of it is sent, and what it is told.
HOSTILE: dict[str, tuple[Callable[[int], str], int, str]] = {
    "one field, repeated, and again inside": (
        lambda number: f"{{ {_many(number, 'viewer { user { id } }')} }}",
        300,
        "DOCUMENT_TOO_LARGE",
    ),
    "the same within the tokens": (
        lambda number: f"{{ {_many(number, 'viewer { user { id } }')} }}",
        120,
        "TOO_MANY_ALIASES",
    ),
    "the same as often as is allowed, and as often inside": (
        lambda number: f"{{ {_many(number, 'viewer { ' + _many(9, 'user { id }') + ' }')} }}",
        20,
        "DOCUMENT_TOO_LARGE",
    ),
    "fragments that overlap": (
        lambda number: (
            f"{{ events {{ nodes {{ {_spread(number)} }} }} }} "
            + _fragments(number, "Event", lambda _: " ".join(f"host {{ id{at}: id }}" for at in range(60)))
        ),
        60,
        "DOCUMENT_TOO_LARGE",
    ),
    "fragments that overlap within the tokens": (
        lambda number: (
            f"{{ events {{ nodes {{ {_spread(number)} }} }} }} "
            + _fragments(number, "Event", lambda _: "id name host { id firstName } organization { id name }")
        ),
        49,
        "TOO_MANY_ALIASES",
    ),
    "fragments that nobody uses": (
        lambda number: "{ viewer { role } } " + _fragments(number, "Event", lambda _: "id"),
        2_000,
        "DOCUMENT_TOO_LARGE",
    ),
    "as many as are allowed that nobody uses": (
        lambda number: "{ viewer { role } } " + _fragments(number, "Event", lambda _: "id"),
        50,
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "aliases": (
        lambda number: "{ " + " ".join(f"a{at}: __typename" for at in range(number)) + " }",
        3_000,
        "DOCUMENT_TOO_LARGE",
    ),
    "aliases within the tokens": (
        lambda number: "{ " + " ".join(f"a{at}: __typename" for at in range(number)) + " }",
        101,
        "TOO_MANY_ALIASES",
    ),
    "a long list of values": (
        lambda number: "{ nodes(ids: [" + _many(number, '"a"') + "]) { id } }",
        50_000,
        "DOCUMENT_TOO_LARGE",
    ),
    "fields in fields": (
        lambda number: (
            "{ organization " + "{ events { nodes { organization " * number + "{ id }" + " } } }" * number + " }"
        ),
        60,
        "TOO_DEEP",
    ),
    "deeper than the parser goes": (lambda number: "{a" * number + "}" * number, 300, "TOO_DEEP"),
    "lists in lists": (
        lambda number: "{ nodes(ids: " + "[" * number + "]" * number + ") { id } }",
        300,
        "TOO_DEEP",
    ),
    "fragments that double each other": (
        lambda number: _doubling(
            number, lambda below: f"a: organization {{ events {{ nodes {{ {below} }} }} }} {below}"
        ),
        30,
        "TOO_EXPENSIVE",
    ),
    "fragments that double each other at one level": (
        lambda number: _doubling(number, lambda below: f"{below} {below}"),
        40,
        "TOO_EXPENSIVE",
    ),
    "a bomb of two to the twelfth": (
        lambda number: _doubling(number, lambda below: f"{below} {below}"),
        12,
        "TOO_EXPENSIVE",
    ),
    "fragments in a circle": (
        lambda number: (
            "{ events { nodes { ...F0 } } } "
            + _fragments(number, "Event", lambda here: " ".join(f"...F{at}" for at in range(number) if at != here))
        ),
        15,
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "directives at one place": (
        lambda number: f"{{ viewer {{ role {_many(number, '@include(if: true)')} }} }}",
        10,
        "TOO_MANY_DIRECTIVES",
    ),
    "directives that are none": (
        lambda number: f"{{ viewer {{ role {_many(number, '@aa')} }} }}",
        400,
        "TOO_MANY_DIRECTIVES",
    ),
    "directives everywhere": (
        lambda number: "{ " + " ".join(f"viewer @aa {{ r{at}: role }}" for at in range(number)) + " }",
        51,
        "TOO_MANY_ALIASES",
    ),
    "nothing that exists": (
        lambda number: "{ " + " ".join(f"nothing{at}" for at in range(number)) + " }",
        900,
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "variables that nobody uses": (
        lambda number: "query(" + " ".join(f"$a{at}: Int" for at in range(number)) + ") { viewer { role } }",
        240,
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "operations": (
        lambda number: " ".join(f"query Q{at} {{ viewer {{ role }} }}" for at in range(number)),
        300,
        "DOCUMENT_TOO_LARGE",
    ),
    "operations that share a fragment": (
        lambda number: (
            " ".join(f"query Q{at} {{ ...F0 }}" for at in range(number))
            + " fragment F0 on Query { "
            + " ".join(f"viewer {{ a{at}: role }}" for at in range(19))
            + " }"
        ),
        120,
        "TOO_EXPENSIVE",
    ),
    "introspection in a circle": (
        lambda number: "{ __schema { types { " + "fields { type { " * number + "name" + " } }" * number + " } } }",
        20,
        "TOO_DEEP",
    ),
    "mutations": (
        lambda number: (
            "mutation { "
            + " ".join(f'a{at}: archiveEvent(input: {{id: "x"}}) {{ __typename }}' for at in range(number))
            + " }"
        ),
        6,
        "TOO_MANY_MUTATIONS",
    ),
}


def sent(name: str) -> tuple[str, str]:
    """A hostile document of its full size, and what it is told."""
    made, number, code = HOSTILE[name]
    return made(number), code
