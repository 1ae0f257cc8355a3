"""Whose address a request comes from, where proxies of ours stand in between.

`X-Forwarded-For` is read from its right end, which our own proxy wrote, and only as far as trusted addresses reach:
anybody may write the far end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from server.settings import Network


def client_of(peer: str, forwarded: Iterable[str], trusted: Sequence[Network]) -> str:
    """The nearest address that is no proxy of ours. `forwarded`: the lines of X-Forwarded-For, in order."""
    if not trusted and not peer.startswith("::"):
        return peer
    nearest = address(peer)
    if nearest is None:
        return peer
    hops = [hop for line in forwarded for hop in line.split(",")]
    while hops and any(nearest in network for network in trusted):
        hop = address(hops.pop())
        if hop is None:
            break
        nearest = hop
    return str(nearest)


@lru_cache(4096)  # reading one takes 4 µs, and a proxy is the same one all day
def address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that a proxy or the system wrote: perhaps with a port, a zone, or IPv4 in the clothes of IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped if isinstance(found, IPv6Address) else None) or found
