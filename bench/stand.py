"""Where contenders are put up: Postgres, the issuer of their callers' tokens, and the environment they start in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from anyio.from_thread import start_blocking_portal

from auth.local import issuer_key
from bench.callers import Tokens
from bench.contenders import Contender
from bench.databases import postgres
from bench.processes import Process, started
from bench.progress import say
from db.embedded import Cluster
from server.issuing import issuing

# In development, since the tokens come from the local issuer; else as in production: it logs each request as JSON
# and shows no IDE. What is left of the difference is in the words of errors.
SERVED = {
    "ORGRAPH_ENVIRONMENT": "development",
    "ORGRAPH_LOG_FORMAT": "json",
    "ORGRAPH_GRAPHIQL": "false",
    "ORGRAPH_POOL_SIZE": "8",
    "ORGRAPH_POOL_WAIT_S": "5",
    # Eight clients that never rest are one credential here.
    "ORGRAPH_BUDGET": "off",
}


@dataclass(frozen=True)
class Stand:
    """`issuer` holds the variables that name it."""

    cluster: Cluster
    issuer: Mapping[str, str]
    logs: Path
    tokens: Tokens

    @contextmanager
    def running(
        self, contenders: Sequence[Contender], database: str, more: Mapping[str, str] | None = None
    ) -> Iterator[list[Process]]:
        """These contenders over a database, taking connections until the block ends. Raises ContenderError."""
        environ = {
            **_plain_environ(),
            **self.issuer,
            **SERVED,
            "DATABASE_URL": self.cluster.url("orgraph_api", database),
            **(more or {}),
        }
        with ExitStack() as stack:
            up = []
            for contender in contenders:
                say(f"starting {contender.name} over {database}")
                up.append(stack.enter_context(started(contender, environ, self.logs)))
            yield up


@contextmanager
def stand(home: Path) -> Iterator[Stand]:
    """Postgres and the issuer of `home` for the length of the block. Raises EmbeddedError."""
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    (home / ".gitignore").write_text("*\n")
    with postgres(home) as cluster, over(cluster, home / "logs") as there:
        yield there


@contextmanager
def over(cluster: Cluster, logs: Path) -> Iterator[Stand]:
    """The issuer of a Postgres that runs; contenders write their logs to that folder."""
    logs.mkdir(exist_ok=True)
    with start_blocking_portal("asyncio") as portal:
        # The issuer only answers its keys: nobody signs in here.
        issuer = issuing(cluster.home, cluster.url("orgraph_worker"))
        with portal.wrap_async_context_manager(issuer) as variables:
            yield Stand(cluster, variables, logs, Tokens(issuer_key(cluster.home), variables["WORKOS_ISSUER"]))


def _plain_environ() -> dict[str, str]:
    ours = ("DATABASE_", "WORKOS_", "ORGRAPH_", "PG")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
