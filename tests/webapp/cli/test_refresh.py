from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Job, Workspace
from tests.webapp.outbox import Outbox
from webapp.enqueue import TRAIN_MODELS


@pytest.mark.parametrize(("state", "code"), [("succeeded", 0), ("failed", 1), ("cancelled", 1)])
def test_it_waits_for_the_end_and_says_how_it_was(
    app: Flask, workspace: Workspace, session: Session, outbox: Outbox, state: str, code: int
) -> None:
    tasks = []

    def work(task: str, args: tuple[Any, ...], queue: str) -> None:
        tasks.append(task)
        job = session.scalars(select(Job).where(Job.workspace_id == workspace.id)).one()
        job.state, job.error = state, "no sales yet" if code else ""
        session.commit()

    outbox.send = work  # type: ignore[method-assign]
    result = app.test_cli_runner().invoke(args=["refresh", "--workspace", workspace.name])
    assert result.exit_code == code
    assert tasks == [TRAIN_MODELS]
    assert state in result.stdout
    assert ("no sales yet" in result.stderr) is bool(code)
