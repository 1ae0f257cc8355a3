"""A tiny data set in the tests' own Postgres, and the contenders in Python over it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.contenders import BARE, INTERPRETED, PLANNED, RAW, TUTORIAL
from bench.databases import prepare
from bench.processes import Process
from bench.sets import DataSet
from bench.stand import Stand, over
from db.embedded import Cluster

TINY = DataSet(3, 4, 6)


@pytest.fixture(scope="session")
def stand(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    prepare(cluster, TINY)
    with over(cluster, tmp_path_factory.mktemp("bench")) as there:
        yield there


@pytest.fixture(scope="module")
def running(stand: Stand) -> Iterator[list[Process]]:
    with stand.running([RAW, BARE, PLANNED, INTERPRETED, TUTORIAL], TINY.database) as processes:
        yield processes
