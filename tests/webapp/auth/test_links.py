from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import accounts, sign_ins
from storage.link_mails import PURPOSE
from storage.models import Invitation, PasswordReset, User, Workspace
from storage.sealing import Seal
from tests.webapp.auth.test_views import log_in, token_of
from tests.webapp.conftest import PASSWORD
from webapp.auth.tokens import hash_token

NEW = "a brand new password"


@pytest.fixture
def invitation(session: Session, workspace: Workspace) -> Invitation:
    made = sign_ins.invite(session, workspace.id, "Wang@Example.com", "viewer", hash_token("word"))
    session.commit()
    return made


def send(client: FlaskClient, path: str, password: str) -> int:
    token = token_of(client.get(path).text)
    return client.post(path, data={"csrf_token": token, "password": password}).status_code


def test_a_link_makes_an_account_once(
    client: FlaskClient, app: Flask, invitation: Invitation, workspace: Workspace, session: Session
) -> None:
    assert send(client, "/join/word", "short") == 400
    assert send(client, "/join/word", NEW) == 302
    assert client.get("/api/v1/jobs").status_code == 200
    made = accounts.find_user(session, "wang@example.com")
    assert made is not None
    assert [(m.workspace_id, m.role) for m in accounts.memberships_of(session, made.id)] == [
        (workspace.id, "viewer")
    ]
    assert app.test_client().get("/join/word").status_code == 404
    assert app.test_client().get("/join/other").status_code == 404


def test_an_account_that_exists_joins_with_its_password(
    client: FlaskClient, user: User, stranger_workspace: Workspace, session: Session
) -> None:
    sign_ins.invite(session, stranger_workspace.id, user.email, "owner", hash_token("word"))
    session.commit()
    assert send(client, "/join/word", NEW) == 401
    assert len(accounts.memberships_of(session, user.id)) == 1
    assert send(client, "/join/word", PASSWORD) == 302
    assert len(accounts.memberships_of(session, user.id)) == 2


def test_an_expired_or_withdrawn_invitation_opens_nothing(
    client: FlaskClient, invitation: Invitation, session: Session, workspace: Workspace
) -> None:
    invitation.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    session.commit()
    assert client.get("/join/word").status_code == 404
    sign_ins.invite(session, workspace.id, "wang@example.com", "viewer", hash_token("newer"))
    sign_ins.withdraw_invitation(
        session, workspace.id, sign_ins.open_invitations(session, workspace.id)[0].id
    )
    session.commit()
    assert client.get("/join/newer").status_code == 404


def test_a_password_link_opens_once_and_ends_every_session(
    client: FlaskClient, app: Flask, user: User
) -> None:
    log_in(client)
    printed = app.test_cli_runner().invoke(args=["user", "password-link", user.email]).output.strip()
    assert printed.startswith("/reset/")
    other = app.test_client()
    assert send(other, printed, NEW) == 200
    assert client.get("/api/v1/jobs").status_code == 401
    assert other.get(printed).status_code == 404
    assert log_in(other).status_code == 401
    assert log_in(other, password=NEW).status_code == 302


@pytest.mark.parametrize(
    ("public", "waits"), [("", False), ("https://fp.example.com", True)], ids=["nowhere to", "mailed"]
)
def test_a_password_link_is_mailed_where_there_is_a_server(
    app: Flask, user: User, session: Session, public: str, waits: bool
) -> None:
    given = {"smtp_url": "smtp://localhost:1", "mail_from": "fp@example.com", "public_url": public}
    settings = app.extensions["settings"] = replace(app.extensions["settings"], **given)
    printed = app.test_cli_runner().invoke(args=["user", "password-link", user.email]).stdout.strip()
    row = session.scalars(select(PasswordReset)).one()
    assert bool(row.letter) is waits
    if waits:
        opened = Seal(settings.secret_key, PURPOSE).open(row.letter)
        assert opened == {"link": f"{public}{printed}", "language": "zh"}


def test_a_newer_password_link_replaces_the_one_before(app: Flask, user: User) -> None:
    run = app.test_cli_runner().invoke
    first, second = (run(args=["user", "password-link", user.email]).output.strip() for _ in range(2))
    assert app.test_client().get(first).status_code == 404
    assert app.test_client().get(second).status_code == 200
    assert run(args=["user", "password-link", "no@example.com"]).exit_code == 1
