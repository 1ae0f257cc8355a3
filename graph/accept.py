"""Content negotiation: which of our three media types a request prefers, and how such headers are read."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal, TypeAlias

GRAPHQL: Final = "application/graphql-response+json"
JSON: Final = "application/json"
HTML: Final = "text/html"

MediaType: TypeAlias = Literal["application/graphql-response+json", "application/json", "text/html"]


@lru_cache(maxsize=128)
def preferred(accept: str | None, *, page: bool) -> MediaType | None:
    """The media type to answer in; None where the header takes none of ours.

    JSON by its older rules is for whoever names it, or names nothing. The page is for whoever names HTML, and only
    where there is one (`page`): a `*/*` is a program. Between the two kinds of JSON a draw goes to the newer one.
    """
    if accept is None or not accept.strip():
        return JSON
    weights = weights_of(accept)
    anything = max(weights.get("application/*", 0.0), weights.get("*/*", 0.0))
    named: dict[MediaType, float] = {
        GRAPHQL: weights.get(GRAPHQL, 0.0),
        JSON: weights.get(JSON, 0.0),
        HTML: weights.get(HTML, 0.0) if page else 0.0,
    }
    best = max(named, key=lambda one: named[one])
    if named[best] > 0 and (named[best] >= anything or best != HTML):
        return best
    return JSON if anything > 0 and weights.get(JSON, 1.0) > 0 else None


def takes_json(accept: str | None) -> bool:
    """Whether plain JSON may be answered: a list of answers has no media type of its own."""
    if accept is None or not accept.strip():
        return True
    weights = weights_of(accept)
    return next((weights[name] for name in (JSON, "application/*", "*/*") if name in weights), 0.0) > 0


def weights_of(header: str) -> dict[str, float]:
    """Each range or name of such a header, and how much it is wanted; an unreadable weight counts as none given."""
    weights: dict[str, float] = {}
    for entry in header.split(","):
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                weight = _weight(value.strip())
        weights[name] = max(weight, weights.get(name, 0.0))
    return weights


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 1.0
    return weight if 0.0 <= weight <= 1.0 else 1.0
