"""The container, the composition and the units are what they promise: no root, nothing writable, no secret, in order.

No Docker runs here: what matters is read from the files; systemd reads its own, where it is installed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from cli.main import main
from db.embedded.cluster import SETTINGS
from server.serving import GRACE_S
from server.settings import variables

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
# Written by hand into an image or a file, it would be everybody's.
SECRET = re.compile(r"(password|secret|api_key|token)", re.IGNORECASE)
# Its entry point gives the volume to postgres, which runs as itself.
STEPS_DOWN = {"postgres"}


def instructions() -> list[tuple[str, str]]:
    """What the container file says: each word and what follows it, stages and all, lines put together."""
    text = re.sub(r"\\\n", " ", "".join(line for line in containerfile() if not line.lstrip().startswith("#")))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def containerfile() -> list[str]:
    return (DEPLOY / "Containerfile").read_text().splitlines(keepends=True)


def options_of(arguments: list[str]) -> dict[str, Any]:
    """What `orgraph …` understands these words as. Raises what click raises where it does not."""
    command: click.Command = main
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), arguments[0])
        assert found is not None, arguments
        command, arguments = found, arguments[1:]
    return command.make_context("orgraph", arguments).params


def test_the_container_is_made_of_what_is_pinned_and_runs_as_nobody_in_particular() -> None:
    said = instructions()
    [image] = [rest.partition("=")[2] for word, rest in said if word == "ARG"]
    assert re.fullmatch(r"docker\.io/library/python:\d+\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", image)
    stages = [rest.split()[0] for word, rest in said if word == "FROM"]
    assert stages == ["${PYTHON}", "${PYTHON}"]
    final = said[max(at for at, (word, _) in enumerate(said) if word == "FROM") :]
    assert [rest for word, rest in final if word == "USER"] == ["10001:10001"]
    assert [word for word, _ in final].index("USER") < [word for word, _ in final].index("ENTRYPOINT")
    assert any("--require-hashes" in rest for word, rest in said if word == "RUN")
    assert not any(word == "ADD" for word, _ in said)
    assert "/livez" in next(rest for word, rest in final if word == "HEALTHCHECK")
    for word, rest in said:
        assert word not in {"ENV", "ARG", "LABEL"} or not SECRET.search(rest), rest


def test_the_container_copies_what_there_is_and_serves_with_options_that_exist() -> None:
    kept = {line[1:].strip() for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    sources = [
        source
        for word, rest in instructions()
        if word == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    ]
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {source.removeprefix("./") for source in sources} == kept
    said = dict(instructions())
    served = options_of(yaml.safe_load(said["CMD"]))
    assert yaml.safe_load(said["ENTRYPOINT"]) == ["orgraph"]
    assert (served["host"], served["port"]) == ("0.0.0.0", int(said["EXPOSE"]))  # noqa: S104 - inside a container


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["image"] == "orgraph" or re.search(r":v?\d+\.\d+[\w.-]*$", service["image"]), "a version, not latest"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "healthcheck" in service
    assert "privileged" not in service
    assert "cap_add" not in service or name in STEPS_DOWN
    assert service["image"] == "orgraph" or "user" in service or name in STEPS_DOWN
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert all(network in COMPOSE["networks"] for network in service["networks"])
    for variable, value in service.get("environment", {}).items():
        assert not SECRET.search(variable) or value.startswith("/run/secrets/")
        assert not re.search(r"://\w+:[^@/]+@", value), "a password in an address"
    for mounted in service.get("volumes", ()):
        source, _, rest = mounted.partition(":")
        assert source in COMPOSE["volumes"] or ((DEPLOY / source).exists() and rest.endswith(":ro"))


def test_secrets_are_files_that_are_never_committed() -> None:
    files = [one["file"] for one in COMPOSE["secrets"].values()]
    files += [file for service in SERVICES.values() for file in service.get("env_file", ())]
    assert all(file.startswith("./secrets/") for file in files)
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().split()
    assert {name for service in SERVICES.values() for name in service.get("secrets", ())} == set(COMPOSE["secrets"])


def test_the_server_is_told_what_it_understands_and_given_time_to_end() -> None:
    server = SERVICES["server"]
    assert set(server["environment"]) <= set(variables())
    longest = float(server["environment"]["ORGRAPH_DRAIN_S"]) + GRACE_S
    assert float(server["stop_grace_period"].removesuffix("s")) > longest
    assert server["environment"]["DATABASE_POOLER"] == "pgbouncer"
    assert "/readyz" in server["healthcheck"]["test"][-1]
    assert server["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert options_of(SERVICES["migrate"]["command"])["sql"] is False
    assert COMPOSE["networks"]["database"] == {"internal": True}
    assert "database" not in server["networks"], "through PgBouncer only"


def test_postgres_and_pgbouncer_are_told_to_write_no_values_down_and_carry_nothing_over() -> None:
    said = dict(
        re.findall(r"^(\w+) = '?([^'\n]*?)'?$", (DEPLOY / "postgres" / "orgraph.conf").read_text(), re.MULTILINE)
    )
    quiet = {name: value for name, value in SETTINGS.items() if name.startswith("log_") and name != "log_timezone"}
    assert {name: said.get(name) for name in quiet} == quiet
    bouncer = RawConfigParser(comment_prefixes=(";",))
    bouncer.read(DEPLOY / "pgbouncer" / "pgbouncer.ini")
    assert bouncer["pgbouncer"]["pool_mode"] == "transaction"
    assert bouncer["pgbouncer"]["auth_type"] == "scram-sha-256"
    assert int(bouncer["pgbouncer"]["default_pool_size"]) < int(said["max_connections"])
    assert bouncer["databases"]["orgraph"].split()[0] == "host=postgres"


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """A unit's sections, each word with all it is given."""
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in (DEPLOY / "systemd" / name).read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            word, _, value = line.partition("=")
            found.setdefault(section, {}).setdefault(word, []).append(value)
    return found


def test_the_unit_serves_on_systemds_socket_and_is_given_time_to_end() -> None:
    service = unit("orgraph.service")
    [command] = service["Service"]["ExecStart"]
    served = options_of(command.split()[1:])
    assert served["host"], "taken from the socket, which is systemd's"
    assert float(service["Service"]["TimeoutStopSec"][0]) > served["drain_seconds"] + GRACE_S
    assert service["Service"]["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert service["Service"]["KillMode"] == ["mixed"], "SIGTERM is for the supervisor, which tells the workers"
    assert service["Unit"]["Requires"] == ["orgraph.socket"]
    assert unit("orgraph.socket")["Socket"]["ListenStream"] == ["127.0.0.1:8000"]
    assert not [value for value in service["Service"]["Environment"] if SECRET.search(value) and "=%d/" not in value]
    for word, value in {"DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict"}.items():
        assert service["Service"][word] == [value]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed: it would read its units")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for name in ("orgraph.service", "orgraph.socket"):
        text = (DEPLOY / "systemd" / name).read_text()
        # It looks whether the program is there.
        (tmp_path / name).write_text(text.replace("/opt/orgraph/bin/orgraph", shutil.which("true") or "/bin/true"))
    files = [str(tmp_path / "orgraph.service"), str(tmp_path / "orgraph.socket")]
    said = subprocess.run(  # noqa: S603 - systemd's own
        ["systemd-analyze", "verify", "--man=no", *files],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, [line for line in said.stderr.splitlines() if "orgraph" in line]) == (0, [])
