"""Who did what is written down, by every call that changes something, and told to owners alone."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storage.models import AuditEntry, User, Workspace
from tests.webapp import factories
from tests.webapp.auth.test_views import docs_token, log_in
from tests.webapp.pages.factories import make_job, make_product, make_sales

Headers = dict[str, str]


def entries(session: Session, workspace: Workspace) -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.workspace_id == workspace.id)
    return list(session.scalars(query.order_by(AuditEntry.place)))


def test_logins_and_refused_ones_are_told_with_the_address(
    client: FlaskClient, user: User, workspace: Workspace, session: Session
) -> None:
    log_in(client, password="wrong password")
    log_in(client)
    client.post("/logout", data={"csrf_token": docs_token(client)})
    told = entries(session, workspace)
    assert [entry.action for entry in told] == ["login.refused", "login", "logout"]
    assert {(entry.actor, entry.user_id, entry.address) for entry in told} == {
        ("li@example.com", user.id, "127.0.0.1")
    }


def test_a_login_of_nobody_belongs_to_no_workspace(client: FlaskClient, session: Session) -> None:
    log_in(client, email="nobody@example.com", password="wrong password")
    [entry] = session.scalars(select(AuditEntry)).all()
    assert (entry.workspace_id, entry.actor, entry.action) == (0, "nobody@example.com", "login.refused")


def writes(session: Session, workspace: Workspace) -> list[tuple[str, str, dict[str, Any], str]]:
    """Method, address, arguments of the request, and the action that must be written down."""
    product = make_product(session, workspace.id)
    make_sales(session, product)
    running, failed = make_job(session, workspace.id), make_job(session, workspace.id, state="failed")
    session.commit()
    rows = {"kind": "sales", "rows": [{"product_id": "P1", "date": "2026-06-01", "units": 3}]}
    return [
        ("POST", "/api/v1/imports", {"json": rows}, "job.start"),
        ("POST", f"/api/v1/jobs/{running.id}/cancel", {}, "job.cancel"),
        ("POST", f"/api/v1/jobs/{failed.id}/retry", {}, "job.retry"),
        ("POST", "/api/v1/dictionary", {"json": {"words": [{"word": "冰丝凉感"}]}}, "dictionary.put"),
        ("POST", f"/api/v1/products/{product.id}/forecasts", {"json": {}}, "forecast.start"),
        ("POST", "/api/v1/workspace/refresh", {"json": {}}, "job.start"),
    ]


def test_every_write_leaves_an_entry(
    client: FlaskClient, analyst: Headers, workspace: Workspace, session: Session
) -> None:
    for method, path, arguments, action in writes(session, workspace):
        before = len(entries(session, workspace))
        answer = client.open(path, method=method, headers=analyst, **arguments)
        assert answer.status_code == 202, (path, answer.text)
        told = entries(session, workspace)[before:]
        assert action in {entry.action for entry in told}, path
        assert {entry.actor for entry in told} == {"token analyst"}


def test_the_dictionary_tells_what_was_before(
    client: FlaskClient, analyst: Headers, workspace: Workspace, session: Session
) -> None:
    for kind in ("keep", "split"):
        answer = client.post(
            "/api/v1/dictionary", headers=analyst, json={"words": [{"word": "冰丝凉感", "kind": kind}]}
        )
    client.delete(f"/api/v1/dictionary/{answer.json['words'][0]['id']}", headers=analyst)
    told = [entry for entry in entries(session, workspace) if entry.action.startswith("dictionary")]
    assert [(entry.before, entry.after) for entry in told] == [
        ({}, {"冰丝凉感": "keep"}),
        ({"冰丝凉感": "keep"}, {"冰丝凉感": "split"}),
        ({"冰丝凉感": "split"}, None),
    ]


def test_what_failed_is_not_told_as_done(
    client: FlaskClient, analyst: Headers, workspace: Workspace, session: Session
) -> None:
    done = factories.job(session, workspace, state="succeeded")
    assert client.post(f"/api/v1/jobs/{done.id}/cancel", headers=analyst).status_code == 409
    assert entries(session, workspace) == []


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("analyst", 403), ("owner", 200)])
def test_only_owners_read_it(
    client: FlaskClient, bearer: Any, workspace: Workspace, role: str, status: int
) -> None:
    assert client.get("/api/v1/audit", headers=bearer(role)).status_code == status


def test_the_api_shows_the_chain(client: FlaskClient, bearer: Any, analyst: Headers) -> None:
    client.post("/api/v1/workspace/refresh", headers=analyst)
    [item] = client.get("/api/v1/audit?action=job", headers=bearer("owner")).json["items"]
    assert (item["action"], item["after"], item["place"]) == ("job.start", {"kind": "refresh"}, 1)
    assert len(item["hash"]) == 64


def test_the_command_line_is_an_actor_and_verifies(
    app: Flask, session: Session, workspace: Workspace
) -> None:
    run = app.test_cli_runner().invoke
    run(args=["token", "create", "--workspace", workspace.name, "--role", "viewer", "--name", "bi"])
    [entry] = entries(session, workspace)
    assert entry.actor.startswith("command line (")
    assert (entry.action, entry.target, entry.after) == (
        "token.create",
        "bi",
        {"role": "viewer", "days": None, "scopes": []},
    )
    whole = run(args=["audit", "verify", "--head", entry.hash])
    assert (whole.exit_code, f"head {entry.hash}, whole" in whole.output) == (0, True)
    assert "1 entries verified" in whole.output
    assert run(args=["audit", "verify", "--head", "0" * 64]).exit_code == 1
    session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
    session.execute(text("UPDATE audit_entries SET actor = 'x'"))
    session.commit()
    broken = run(args=["audit", "verify"])
    assert (broken.exit_code, "entry 1 was changed" in broken.output) == (1, True)
