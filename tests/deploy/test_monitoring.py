"""The alert rules and the dashboard are what Prometheus and Grafana read, and ask for nothing that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import promql_parser
import pytest
import yaml
from prometheus_client import generate_latest

from graph.happened import Happened
from server.metrics import REGISTRY, Meter
from tests.server.scraping import read

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
RUNBOOK = ROOT / "docs" / "operating.md"
# Set by Prometheus when it scrapes.
SCRAPED = {"job", "instance"}
RULES: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD: dict[str, Any] = orjson.loads((DEPLOY / "grafana" / "orgraph.json").read_bytes())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = {
    **{rule["alert"]: [rule["expr"]] for rule in RULES},
    **{panel["title"]: [target["expr"] for target in panel["targets"]] for panel in PANELS},
}


@pytest.fixture(scope="module")
def labels() -> dict[str, set[str]]:
    """What /metrics answers when everything has happened once: each name, and the labels it comes with."""
    meter = Meter()
    meter.observe(Happened(operation="One", code="INTERNAL", cost=1, denials=1, gaps=1), 0.1, left=False)
    meter.carry()
    found: dict[str, set[str]] = {}
    for name, pairs in read(generate_latest(REGISTRY).decode()).samples:
        found.setdefault(name, set(SCRAPED)).update(label for label, _ in pairs)
    return found


def selectors(expression: str) -> Iterator[promql_parser.VectorSelector]:
    """What an expression asks for."""
    found: list[promql_parser.VectorSelector] = []
    tree = promql_parser.parse(expression.replace("$__rate_interval", "5m"))

    def enter(node: promql_parser.Expr) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(tree, enter)
    yield from found


@pytest.mark.parametrize("title", EXPRESSIONS)
def test_every_expression_is_promql_over_metrics_and_labels_that_exist(title: str, labels: dict[str, set[str]]) -> None:
    for expression in EXPRESSIONS[title]:
        asked = list(selectors(expression))
        assert asked
        for selector in asked:
            assert selector.name in labels
            assert {matcher.name for matcher in selector.matchers.matchers} <= labels[selector.name]
        grouped = {label.strip() for group in re.findall(r"\bby \(([^)]*)\)", expression) for label in group.split(",")}
        assert grouped <= set.union(*(labels[str(selector.name)] for selector in asked))


def test_every_metric_is_on_the_dashboard_and_in_the_documentation(labels: dict[str, set[str]]) -> None:
    shown = " ".join(expression for panel in PANELS for expression in EXPRESSIONS[panel["title"]])
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in labels if not name.endswith("_created")}
    assert [name for name in families if name not in shown] == []
    assert [name for name in families if f"`{name}`" not in RUNBOOK.read_text()] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_what_is_the_case_and_leads_to_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.MULTILINE)
    assert anchor in {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    promql_parser.parse_duration(rule.get("for", "1m"))


def test_codes_that_are_asked_for_exist() -> None:
    said = (ROOT / "docs" / "errors.md").read_text()
    for expression in (one for many in EXPRESSIONS.values() for one in many):
        for codes in re.findall(r'code=~?"([^"]+)"', expression):
            assert [code for code in codes.split("|") if f"| `{code}` |" not in said] == []


def test_the_dashboard_is_one_that_grafana_can_lay_out() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    variables = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert set(re.findall(r"\$\{?([a-z]+)\b", orjson.dumps(DASHBOARD).decode())) <= variables
    for panel in PANELS:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references)
        for target in panel["targets"]:
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= set(
                re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", target["expr"])))
            )
