from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import AlertRule, AuditEntry, Workspace


def test_a_rule_is_added_once_and_written_down(app: Flask, session: Session, workspace: Workspace) -> None:
    asked = ["alerts", "add", "negative_share", "--name", "途伴差评", "--brand", "途伴", "--sensitivity", "5"]
    run = app.test_cli_runner().invoke
    said = [run(args=[*asked, "--workspace", workspace.name]).output.strip() for _ in range(2)]
    assert said == ["1 rule added to workspace shop", "workspace shop has a rule of this name"]
    [rule] = session.scalars(select(AlertRule))
    assert (rule.workspace_id, rule.kind, rule.sensitivity) == (workspace.id, "negative_share", 5)
    assert (rule.scope, rule.destination_ids) == ({"brand": "途伴"}, [])
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "alert_rule.add"))
    assert entry.target == "途伴差评"


def test_what_is_no_rule_is_refused(app: Flask, workspace: Workspace) -> None:
    for wrong in (["weather"], ["stockout", "--sensitivity", "6"]):
        result = app.test_cli_runner().invoke(args=["alerts", "add", *wrong, "--name", "x"])
        assert result.exit_code == 2


def test_the_usual_rules_are_added_in_chinese(app: Flask, session: Session, workspace: Workspace) -> None:
    run = app.test_cli_runner().invoke(args=["alerts", "usual", "--workspace", workspace.name])
    assert run.output == f"4 rules added to workspace {workspace.name}\n"
    first, *_ = session.scalars(select(AlertRule).order_by(AlertRule.id))
    assert first.name == "差评占比上升"
