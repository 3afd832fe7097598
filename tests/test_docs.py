"""The documentation names what exists, and what exists is documented."""

import inspect
import re
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from settings import Settings
from webapp import create_app

ROOT = Path(__file__).parents[1]
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
API = (ROOT / "docs/api.md").read_text(encoding="utf-8")
PACKAGES = "docs|ingest|nlp|forecasting|storage|workers|webapp|local|demo|benchmarks"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/**/*.md")])


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


def test_every_setting_is_documented() -> None:
    named = set(re.findall(r'"([A-Z][A-Z_]+)"', inspect.getsource(Settings)))
    assert len(named) > 10
    assert {name for name in named if f"`{name}`" not in OPERATIONS} == set()


def test_every_api_route_is_documented(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    paths = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in rules}
    documented = set(re.findall(r"/api/v1/[\w/{}.\-]+", API))
    shape = lambda path: re.sub(r"\{\w+\}", "{}", path)  # noqa: E731
    assert {path for path in paths if shape(path) not in {shape(name) for name in documented}} == set()


def test_every_flask_command_is_documented(app: Flask) -> None:
    builtin = {"run", "shell", "routes", "openapi"}
    for name, command in app.cli.commands.items():
        for sub in getattr(command, "commands", {"": None}) if name not in builtin else {}:
            assert f"flask --app webapp {name} {sub}".rstrip() in OPERATIONS.replace("\\|", "|")


def test_every_make_target_is_documented() -> None:
    listed = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    targets = re.findall(r"make ([a-z-]+)", listed)
    assert {"run", "test", "bench", "setup", "train-sentiment"} <= set(targets)
    assert {target for target in targets if f"`make {target}" not in OPERATIONS} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_named_files_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = {link for link in re.findall(r"\]\(([^)#\s]+)\)", text) if "://" not in link}
    assert {link for link in links if not (page.parent / link).exists()} == set()
    files = re.findall(
        r"`((?:docs|ingest|nlp|forecasting|storage|workers|webapp|local|demo|benchmarks)/[\w/]+\.\w+)", text
    )
    assert {name for name in files if not (ROOT / name).exists()} == set()
