from flask import Flask
from sqlalchemy.orm import Session

from storage import audit
from storage.models import Workspace


def test_an_empty_log_is_whole(app: Flask) -> None:
    found = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert (found.exit_code, found.output) == (0, "0 entries verified\n")


def test_each_chain_is_told_with_its_head(
    app: Flask, session: Session, workspace: Workspace, stranger_workspace: Workspace
) -> None:
    heads = {
        one.id: audit.record(session, one.id, audit.Actor("li@example.com"), "login").hash
        for one in (workspace, stranger_workspace)
    }
    session.commit()
    found = app.test_cli_runner().invoke(args=["audit", "verify"])
    lines = [f"workspace {id}: 1 entries, head {head}, whole" for id, head in sorted(heads.items())]
    assert (found.exit_code, found.output.splitlines()) == (0, [*lines, "2 entries verified"])
