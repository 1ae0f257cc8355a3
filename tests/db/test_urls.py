"""Connection strings as libpq's programs take them: whole, in the environment, under TLS off the machine."""

from __future__ import annotations

import pytest

from db.urls import UrlError, libpq


def test_every_part_of_a_connection_string_reaches_libpq() -> None:
    target = libpq(
        "postgresql+asyncpg://r%40le:p%2Fw@db.internal:5433/o%20g?sslmode=verify-full&sslrootcert=/ca.pem", {}
    )
    assert target.environ == {
        "PGHOST": "db.internal",
        "PGPORT": "5433",
        "PGUSER": "r@le",
        "PGPASSWORD": "p/w",
        "PGDATABASE": "o g",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/ca.pem",
    }
    assert target.tls


def test_the_callers_own_variables_never_bend_where_it_goes() -> None:
    strange = {"PGHOSTADDR": "203.0.113.9", "PGSERVICE": "other", "PGOPTIONS": "-c role=x", "PATH": "/bin"}
    target = libpq("postgresql://role:word@/orgraph?host=/run/socket&port=5432", strange)
    assert target.environ == {
        "PATH": "/bin",
        "PGHOST": "/run/socket",
        "PGPORT": "5432",
        "PGUSER": "role",
        "PGPASSWORD": "word",
        "PGDATABASE": "orgraph",
    }
    assert not target.tls


@pytest.mark.parametrize("ending", ["", "?sslmode=prefer", "?ssl=require"])
def test_a_server_elsewhere_is_spoken_to_under_tls_or_not_at_all(ending: str) -> None:
    target = libpq(f"postgresql://role@db.internal/orgraph{ending}", {})
    assert (target.tls, target.environ["PGSSLMODE"]) == (True, "require")


@pytest.mark.parametrize("url", ["postgresql://role@db.internal/o?sslmode=disable", "postgresql://role@127.0.0.1/o"])
def test_tls_is_left_out_only_when_told_so_or_on_this_machine(url: str) -> None:
    assert not libpq(url, {}).tls


@pytest.mark.parametrize("url", ["mysql://role:word@host/o", "word", "postgresql://role:word@host:port/o"])
def test_what_cannot_be_read_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(UrlError, match="expected postgresql://") as refused:
        libpq(url, {})
    assert "role:word@host/o" not in str(refused.value)
