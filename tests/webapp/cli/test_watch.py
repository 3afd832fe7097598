import pytest
from flask import Flask
from sqlalchemy.orm import Session

from storage.models import Workspace
from tests.webapp import factories
from webapp.cli import watch


def test_progress_is_shown_when_it_changes_and_only_then(
    app: Flask,
    session: Session,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    job = factories.job(session, workspace)
    states = iter(["queued", "queued", "running", "succeeded"])

    def next_state(_seconds: float) -> None:
        job.state = next(states)
        session.commit()

    monkeypatch.setattr(watch.time, "sleep", next_state)
    with app.app_context():
        ended = watch.watch(workspace.id, job.id)
    lines = [line for line in capsys.readouterr().err.splitlines() if "of 1" in line]
    assert [line.split()[0] for line in lines] == ["queued", "running", "succeeded"]
    assert ended.state == "succeeded"
