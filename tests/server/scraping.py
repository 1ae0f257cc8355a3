"""Prometheus's part: what `/metrics` says, read by Prometheus's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True)
class Scraped:
    """Each sample by its name and labels; each family by its name."""

    samples: Mapping[tuple[str, frozenset[tuple[str, str]]], float]
    families: Mapping[str, str]

    def get(self, name: str, labels: Mapping[str, str] | None = None) -> float:
        return self.samples[name, frozenset((labels or {}).items())]

    def names(self) -> set[str]:
        return {name for name, _ in self.samples}


def read(text: str) -> Scraped:
    families = list(text_string_to_metric_families(text))
    samples = {
        (sample.name, frozenset(sample.labels.items())): sample.value for one in families for sample in one.samples
    }
    return Scraped(samples, {one.name: one.documentation for one in families})


async def scraped(admin: str) -> Scraped:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as client:
        return read((await client.get(f"{admin}/metrics")).text)


async def nowhere(admin: str) -> int:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as client:
        return (await client.get(f"{admin}/")).status_code
