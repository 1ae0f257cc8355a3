"""`pgbench`: the same transaction without any server in between. What Postgres allows here."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile

from bench.callers import Caller
from bench.load import Loaded, LoadError
from bench.queries import read
from db.embedded.binaries import ProgramMissing, client
from db.scope import Claims, quoted
from db.urls import libpq

_TRANSACTIONS = re.compile(r"number of transactions actually processed: (\d+)")
_SECONDS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_FAILED = re.compile(r"number of failed transactions: (\d+)")


def program() -> Path | None:
    """The wheel's, else PATH's; None where there is none."""
    try:
        return client("pgbench", at_least=18)
    except ProgramMissing:
        return None


def script(who: Caller, folder: str) -> str:
    """Three round trips, as everyone's: the frame, one prepared statement, COMMIT."""
    claims = Claims(user_id=who.person.workos_user_id, workos_org_id=who.workos_org_id)
    settings = {**claims.settings(), "statement_timeout": "5000"}
    calls = ", ".join(f"set_config('{name}', {quoted(value)}, true)" for name, value in settings.items())
    # pgbench takes a colon before a letter for a variable, in a string too.
    statement = re.sub(
        r"'([^']*HH24:MI:SS[^']*)'",
        lambda found: "E'" + found[1].replace(":", r"\x3a") + "'",
        read(f"{folder}/raw.sql"),
    )
    return "\n".join(
        (
            r"\startpipeline",
            "begin isolation level repeatable read read only;",
            f"select {calls};",
            "select set_config('role', entrance.enter(), true);",
            r"\endpipeline",
            f"{statement};",
            "commit;",
            "",
        )
    )


def load(at: Path, url: str, text: str, *, clients: int, seconds: int) -> Loaded:
    """Run the script for so many seconds over as many connections as clients. Raises LoadError."""
    environ = {**libpq(url, os.environ).environ, "PGOPTIONS": "-c jit=off -c timezone=UTC"}
    with NamedTemporaryFile("w", prefix="bench-", suffix=".sql") as file:
        file.write(text)
        file.flush()
        words = [str(at), "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds), "-f", file.name]
        done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    counted, rate, failed = (pattern.search(done.stdout) for pattern in (_TRANSACTIONS, _SECONDS, _FAILED))
    if done.returncode or counted is None or rate is None or not int(counted[1]) or (failed and int(failed[1])):
        raise LoadError(f"pgbench failed: {done.stderr.strip() or done.stdout.strip()}")
    transactions = int(counted[1])
    return Loaded(transactions, transactions / float(rate[1]), 0, 0, None, None, None, transactions)
