from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import accounts
from storage.models import ApiToken, User, Workspace
from tests.webapp.auth.test_views import docs_token, log_in
from webapp.auth import current_workspace, role_required

Bearer = Callable[..., dict[str, str]]


@pytest.fixture
def page(app: Flask) -> FlaskClient:
    """Return a client of an app with a page for analysts."""

    @app.get("/for-analysts")
    @role_required("analyst")
    def for_analysts() -> str:
        return current_workspace.name

    return app.test_client()


def test_a_stranger_is_told_how_to_come_in(client: FlaskClient) -> None:
    answer = client.get("/api/v1/jobs")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer fp_unknown", "Bearer nonsense", "Basic bGk6eA==", ""])
def test_a_wrong_token_is_nobody(client: FlaskClient, header: str) -> None:
    assert client.get("/api/v1/jobs", headers={"Authorization": header}).status_code == 401


def test_a_token_opens_its_workspace(client: FlaskClient, viewer: dict[str, str], session: Session) -> None:
    assert client.get("/api/v1/jobs", headers=viewer).status_code == 200
    assert session.scalars(select(ApiToken.last_used_at)).one() is not None


def test_an_expired_or_revoked_token_is_nobody(
    client: FlaskClient, bearer: Bearer, session: Session, workspace: Workspace
) -> None:
    expired = bearer(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert client.get("/api/v1/jobs", headers=expired).status_code == 401
    alive = bearer(expires_at=datetime.now(UTC) + timedelta(hours=1))
    assert client.get("/api/v1/jobs", headers=alive).status_code == 200
    newest = accounts.list_tokens(session, workspace.id)[0]
    accounts.revoke_token(session, workspace.id, newest.id)
    session.commit()
    assert client.get("/api/v1/jobs", headers=alive).status_code == 401


def test_a_wrong_token_is_not_saved_by_a_cookie(client: FlaskClient, user: User) -> None:
    log_in(client)
    assert client.get("/api/v1/jobs", headers={"Authorization": "Bearer fp_wrong"}).status_code == 401


def test_a_viewer_may_not_write(client: FlaskClient, viewer: dict[str, str]) -> None:
    answer = client.post("/api/v1/workspace/refresh", headers=viewer)
    assert answer.status_code == 403
    assert "Analyst" in answer.json["detail"]


def test_an_owner_may_do_what_an_analyst_may(client: FlaskClient, bearer: Bearer) -> None:
    assert client.post("/api/v1/workspace/refresh", headers=bearer("owner")).status_code == 202


def test_a_token_needs_no_csrf_header_but_a_cookie_does(
    client: FlaskClient, user: User, analyst: dict[str, str]
) -> None:
    assert client.post("/api/v1/workspace/refresh", headers=analyst).status_code == 202
    log_in(client)
    assert client.post("/api/v1/workspace/refresh").status_code == 400
    with_token = {"X-CSRFToken": docs_token(client)}
    assert client.post("/api/v1/workspace/refresh", headers=with_token).status_code == 202


def test_a_page_sends_strangers_to_the_login(page: FlaskClient) -> None:
    answer = page.get("/for-analysts")
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=")


def test_a_page_knows_the_workspace_of_its_reader(
    page: FlaskClient, user: User, workspace: Workspace
) -> None:
    log_in(page)
    assert page.get("/for-analysts").text == workspace.name


def test_a_page_refuses_too_small_a_role(
    page: FlaskClient, user: User, workspace: Workspace, session: Session
) -> None:
    accounts.set_membership(session, workspace.id, user.id, "viewer")
    session.commit()
    log_in(page)
    assert page.get("/for-analysts").status_code == 403


def test_a_user_of_no_workspace_sees_nothing(
    page: FlaskClient, user: User, workspace: Workspace, session: Session
) -> None:
    accounts.remove_member(session, workspace.id, user.id)
    session.commit()
    log_in(page)
    assert page.get("/for-analysts").status_code == 403
    assert page.get("/api/v1/jobs").status_code == 401


def test_the_workspace_of_a_stranger_is_an_error_not_none(app: Flask) -> None:
    with app.test_request_context("/"):
        g.principal = None
        with pytest.raises(Exception, match="401"):
            _ = current_workspace.id
