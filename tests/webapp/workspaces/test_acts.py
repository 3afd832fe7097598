"""The audit page names every action that the code writes, and who acted, in both languages."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from storage import audit
from storage.models import Workspace
from tests.webapp.conftest import LogIn
from webapp.workspaces.acts import act, actor

ROOT = Path(__file__).parents[3]
PLACES = {"note": 2, "_note_everywhere": 1, "_finish": 2, "record": 3}
"""Calls that write an entry: where among their arguments the action stands."""


def written(tree: ast.Module) -> set[str]:
    """Return the actions that a file writes, also by a condition or a name given before."""
    given = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        place = PLACES.get(name)
        if place is None or len(call.args) <= place:
            continue
        value: ast.expr | None = call.args[place]
        if isinstance(value, ast.Name):
            value = given.get(value.id)
        parts = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
        found |= {p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)}
    return found


@pytest.fixture(scope="module")
def actions() -> set[str]:
    files = [path for part in ("webapp", "workers") for path in (ROOT / part).rglob("*.py")]
    return set().union(*(written(ast.parse(path.read_text("utf-8"))) for path in files))


def test_the_walk_finds_actions_of_every_shape(actions: set[str]) -> None:
    assert {
        *("second_factor.on", "login", "login.refused", "password.link", "erase.product", "retention"),
        *("aspects.reset", "review.undo", "alert_rule.change", "member.set"),
    } <= actions


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
def test_every_action_has_a_name(app: Flask, actions: set[str], language: str) -> None:
    with app.test_request_context("/"), force_locale(language):
        names = {code: act(code) for code in actions}
    assert [code for code, name in names.items() if name == code] == []
    chinese = [code for code, name in names.items() if re.search("[\u4e00-\u9fff]", name)]
    assert sorted(chinese) == (sorted(actions) if language != "en" else [])


def test_unknown_actions_and_people_stay_as_they_are(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("zh_Hans_CN"):
        assert act("moon.land") == "moon.land"
        assert actor("li@example.com") == "li@example.com"
        assert actor("command line (root)") == "命令行（root）"
        assert actor("token shop 100%") == "令牌 shop 100%"


def test_the_page_shows_names(log_in: LogIn, session: Session, workspace: Workspace) -> None:
    audit.record(session, workspace.id, audit.Actor("command line (root)"), "second_factor.off", "x")
    session.commit()
    page = log_in("owner").get("/settings/audit?lang=zh").text
    assert "命令行（root）" in page
    assert "关闭两步验证" in page
    assert "command line" not in page
