"""The rules of the project as facts: which way imports run, where words are said, what is beside what."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

from graph.schema import build

ROOT = Path(__file__).parent.parent
PACKAGES = ("auth", "cli", "db", "graph", "server")
LAYERS = ("db", "auth", "graph", "server", "cli")  # each may import those before it
TABLES = sorted(path.stem for path in (ROOT / "sql" / "policies").glob("*.sql"))


def tracked() -> list[Path]:
    """What belongs to the project: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def modules(*packages: str) -> list[Path]:
    return [
        path
        for package in packages or PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in path.parts
    ]


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def strings(path: Path) -> Iterator[str]:
    """Every string of a file that is not a docstring."""
    tree = ast.parse(path.read_text())
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("package", LAYERS)
def test_imports_flow_one_way(package: str) -> None:
    above = set(LAYERS[LAYERS.index(package) + 1 :])
    against = [
        f"{named(path)} imports {module}"
        for path in modules(package)
        for module in imported(path)
        if module.partition(".")[0] in above
    ]

    assert against == []


def test_the_contracts_of_the_import_linter_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603

    assert done.returncode == 0, done.stdout


def test_only_auth_imports_workos_and_only_db_imports_the_driver() -> None:
    homes = {"workos": "auth", "asyncpg": "db"}
    strangers = [
        f"{named(path)} imports {module}"
        for path in modules()
        for module in imported(path)
        if homes.get(module.partition(".")[0], path.relative_to(ROOT).parts[0]) != path.relative_to(ROOT).parts[0]
    ]

    assert strangers == []


def test_resolvers_never_mention_the_organization_column() -> None:
    """Row-level security filters; a resolver that did it too would hide the day on which a policy does not."""
    mentions = []
    for path in modules("graph"):
        for node in ast.walk(ast.parse(path.read_text())):
            words = (
                getattr(node, "attr", None),
                getattr(node, "arg", None),
                getattr(node, "id", None),
                node.value if isinstance(node, ast.Constant) else None,
            )
            if "org_id" in words:
                mentions.append(f"{named(path)}:{getattr(node, 'lineno', '?')}")

    # The trail leaves it out of what it tells.
    assert [one for one in mentions if not one.startswith("graph/audit.py")] == []


@pytest.mark.parametrize("folder", ["graph/resolvers"])
def test_a_resolver_knows_neither_the_schema_nor_http(folder: str) -> None:
    known = [
        f"{named(path)} imports {module}"
        for path in modules(folder)
        for module in imported(path)
        if module.partition(".")[0] in ("strawberry", "starlette", "graphql") or module.startswith("graph.schema")
    ]

    assert known == []


# Who works outside an operation: as the migrator, the superuser or a command on a connection of its own.
OWN_CONNECTIONS = {"db/scope.py"}
_ENDS = re.compile(r"^\s*(begin|commit|rollback|savepoint|release savepoint|start transaction)\b", re.IGNORECASE)


def test_only_the_scope_begins_and_ends_a_transaction_of_an_operation() -> None:
    sayers = {
        named(path)
        for path in (*modules("graph", "auth", "server"), ROOT / "db" / "scope.py", ROOT / "db" / "engine.py")
        for text in strings(path)
        if _ENDS.match(text)
    }
    callers = {
        f"{named(path)}:{node.lineno}"
        for path in modules("graph", "auth", "server")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("begin", "begin_nested", "commit", "rollback")
    }

    assert sayers == OWN_CONNECTIONS
    assert callers == set()


def test_no_setting_outlives_its_transaction() -> None:
    session_wide = re.compile(r"set_config\((?:[^()]|\([^()]*\))*,\s*false\s*\)", re.IGNORECASE)
    files = [*modules(), *(ROOT / "sql").rglob("*.sql")]

    assert [named(path) for path in files if session_wide.search(path.read_text())] == []


def test_a_resolver_leaves_nothing_in_the_session() -> None:
    """No scope sets anew what belongs to it: a lock, a setting, a cursor. It takes SQL by hand, or one of these."""
    by_hand = {"TextClause", "DDL", "literal_column", "exec_driver_sql", "op", "set_config", "connection"}
    words = [
        (path, node, word)
        for path in modules("graph/resolvers", "graph/schema")
        for node in ast.walk(ast.parse(path.read_text()))
        for word in (getattr(node, "attr", ""), getattr(node, "name", ""))
    ]
    found = [
        f"{named(path)}:{getattr(node, 'lineno', '?')} says {word}"
        for path, node, word in words
        if word in by_hand
        or (word == "text" and isinstance(node, ast.alias))  # `Check` has a method of that name
        or (word.startswith("pg_") and "_xact_" not in word)
    ]

    assert found == []


def test_settings_are_read_where_the_words_of_the_policies_are() -> None:
    readers = {
        named(path) for path in (ROOT / "sql" / "policies").glob("*.sql") if "current_setting" in path.read_text()
    }

    assert readers == set()


@pytest.mark.parametrize("table", TABLES)
def test_a_policy_file_forces_row_security_and_has_its_test(table: str) -> None:
    text = (ROOT / "sql" / "policies" / f"{table}.sql").read_text()

    assert f"alter table app.{table} enable row level security;" in text
    assert f"alter table app.{table} force row level security;" in text
    assert text.startswith("--"), "it opens with who may and why"
    assert (ROOT / "tests" / "policies" / f"test_{table}.py").exists()


def test_every_table_has_a_policy_file() -> None:
    revisions = "\n".join(path.read_text() for path in (ROOT / "db" / "migrations" / "versions").glob("*.py"))
    made = set(re.findall(r"create (?:unlogged )?table (?:if not exists )?app\.(\w+)", revisions))

    assert {table for table in made if not table.startswith("audit_logs_")} == set(TABLES)


# The closed list of what a mutation or a read may leave in the trail: the words of docs, never renamed.
ACTIONS = {
    *(f"MEDICAL_RECORD_{what}" for what in ("CREATED", "VIEWED", "UPDATED", "DELETED")), "MEDICAL_RECORDS_EXPORTED",
    *(f"APPOINTMENT_{what}" for what in ("CREATED", "VIEWED", "UPDATED", "CANCELLED", "COMPLETED", "NO_SHOW")),
    *(f"PAYMENT_{what}" for what in ("INITIATED", "COMPLETED", "FAILED", "REFUNDED", "DISPUTED")),
    *(f"PRESCRIPTION_{what}" for what in ("CREATED", "VIEWED", "UPDATED", "CANCELLED")),
    "HEALTH_DATA_ACCESSED", "HEALTH_DATA_EXPORTED", "LAB_RESULTS_VIEWED", "DIAGNOSIS_RECORDED",
    *(f"PROFILE_{what}" for what in ("CREATED", "UPDATED", "VIEWED", "DELETED", "PUBLISHED", "UNPUBLISHED")),
    "ORG_MEMBER_INVITED", "ORG_MEMBER_REMOVED", "ORG_MEMBER_ROLE_CHANGED", "ORG_SETTINGS_UPDATED",
    "ORG_SUBSCRIPTION_CHANGED", "ORG_SWITCHED",
    "UNAUTHORIZED_ACCESS_ATTEMPT", "SUSPICIOUS_ACTIVITY_DETECTED", "DATA_BREACH_DETECTED", "SECURITY_ALERT_TRIGGERED",
    "COMPLIANCE_REPORT_GENERATED", "AUDIT_LOG_EXPORTED", "GDPR_DATA_REQUEST", "GDPR_DATA_DELETION",
    "EVENT_CREATED", "EVENT_UPDATED", "EVENT_ARCHIVED", "SCHEDULE_UPDATED", "SCHEDULING_SETTINGS_UPDATED",
    "BLOCKED_DATE_ADDED", "BLOCKED_DATE_REMOVED", "PRACTITIONER_AGREEMENT_ACCEPTED", "SIGNED_IN", "SIGNED_OUT",
    "API_KEY_DENIED", "OPERATIONS_PUBLISHED", "OPERATIONS_RETIRED", "CALENDAR_CONNECTED", "CALENDAR_DISCONNECTED",
    "TRANSFER_APPROVED", "RECORD_DECRYPT_FAILED",
}  # fmt: skip
RESOURCES = {
    "medical_record", "appointment", "payment", "prescription", "health_data", "lab_result", "profile", "organization",
    "user", "subscription", "security", "compliance", "event", "schedule", "calendar", "api_key", "transfer",
    "session", "operation",
}  # fmt: skip


def test_every_mutation_names_an_action_of_the_closed_list() -> None:
    mutations = build().mutation_type
    assert mutations is not None
    for name, field in mutations.fields.items():
        action = field.extensions["strawberry-definition"].metadata["mutation"].action
        assert action.name in ACTIONS, name
        assert action.resource_type in RESOURCES, name


def test_no_module_of_ours_stands_in_the_way_of_a_dependencys() -> None:
    ours = {*PACKAGES, "sql", "tests"}
    shadowed = {
        f"{distribution.name} brings {top}"
        for distribution in distributions()
        if (distribution.name or "").lower() != "orgraph"
        for file in distribution.files or ()
        if len(file.parts) > 1 and (top := file.parts[0]) in ours
    }

    assert shadowed == set()


def test_nothing_of_this_machine_is_in_the_project() -> None:
    """A path of whoever wrote it or the address of a registry's mirror would be wrong everywhere else."""
    elsewhere = re.compile(
        rb"/work/|\.\./shared|/home/[a-z]+/|/Users/|pypi\.org/simple|files\.pythonhosted|registry\.npmjs|--index-url|\"resolved\":"
    )
    binary = {".png", ".woff2", ".ico"}
    found = [
        named(path)
        for path in tracked()
        if path != Path(__file__) and path.suffix not in binary and elsewhere.search(path.read_bytes())
    ]

    assert found == []


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "manager", "service", "handler", "misc"])
def test_no_module_is_named_for_nothing(word: str) -> None:
    assert [named(path) for path in modules() if path.stem.rstrip("s") == word.rstrip("s")] == []


def test_every_module_says_in_its_first_line_what_it_is() -> None:
    mute = [
        named(path)
        for path in (*modules(), *(ROOT / "tests").rglob("*.py"))
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert mute == []
