"""The pool: bounded, impatient, and without a memory."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from db.embedded import Cluster
from db.engine import create_engine


async def test_the_pool_never_grows_past_its_size_and_says_so_in_time(cluster: Cluster) -> None:
    engine = create_engine(cluster.url("orgraph_api"), size=2, wait_s=0.1)
    try:
        async with engine.connect(), engine.connect():
            began = asyncio.get_running_loop().time()
            with pytest.raises(PoolTimeout):
                await engine.connect()
            assert asyncio.get_running_loop().time() - began < 1
        async with engine.connect():
            pass
    finally:
        await engine.dispose()


async def test_a_statement_outside_a_scope_opens_no_transaction(cluster: Cluster) -> None:
    engine = create_engine(cluster.url("orgraph_api"), size=1)
    try:
        async with engine.connect() as connection:
            await connection.exec_driver_sql("select 1")
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            assert not driver.is_in_transaction()
    finally:
        await engine.dispose()


async def test_a_connection_says_what_it_is_and_keeps_the_clock_in_utc(cluster: Cluster) -> None:
    engine = create_engine(cluster.url("orgraph_api"), size=1, application="orgraph tests")
    try:
        async with engine.connect() as connection:
            words = await connection.exec_driver_sql(
                "select current_setting('application_name'), current_setting('timezone'), current_setting('jit')"
            )
            assert tuple(words.one()) == ("orgraph tests", "UTC", "off")
    finally:
        await engine.dispose()


async def test_a_silent_statement_is_given_up_by_the_driver(cluster: Cluster) -> None:
    engine = create_engine(cluster.url("postgres"), size=1, command_timeout_s=0.2)
    try:
        async with engine.connect() as connection:
            with pytest.raises(TimeoutError):
                await connection.exec_driver_sql("select pg_sleep(10)")
    finally:
        await engine.dispose()
