from dataclasses import FrozenInstanceError

import pytest
from flask import Flask
from flask import session as cookie
from flask.testing import FlaskClient
from flask_login import current_user
from sqlalchemy.orm import Session

from storage import accounts
from storage.models import User, Workspace
from tests.webapp.auth.test_views import log_in as send_login
from webapp.auth.passwords import hash_password
from webapp.auth.sessions import SessionUser, log_in, log_out


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client of an app that tells who it takes the caller for."""

    @app.get("/who")
    def who() -> dict[str, object]:
        names = ("id", "email", "name", "language", "workspace_id", "role")
        return {name: getattr(current_user, name, None) for name in names}

    return app.test_client()


def put(client: FlaskClient, **values: object) -> None:
    with client.session_transaction() as held:
        held.update(values)


def test_a_reader_is_who_the_rows_say(
    client: FlaskClient, user: User, workspace: Workspace, session: Session
) -> None:
    user.name, user.language = "李", "en"
    session.commit()
    send_login(client)
    assert client.get("/who").json == {
        "id": user.id,
        "email": "li@example.com",
        "name": "李",
        "language": "en",
        "workspace_id": workspace.id,
        "role": "analyst",
    }


def test_a_role_that_was_taken_away_is_gone_at_once(
    client: FlaskClient, user: User, workspace: Workspace, session: Session
) -> None:
    send_login(client)
    accounts.set_membership(session, workspace.id, user.id, "viewer")
    session.commit()
    assert client.get("/who").json["role"] == "viewer"
    accounts.remove_member(session, workspace.id, user.id)
    session.commit()
    found = client.get("/who").json
    assert (found["id"], found["workspace_id"], found["role"]) == (user.id, None, None)


def test_a_chosen_workspace_goes_before_the_oldest(
    client: FlaskClient, user: User, workspace: Workspace, stranger_workspace: Workspace, session: Session
) -> None:
    accounts.set_membership(session, stranger_workspace.id, user.id, "owner")
    session.commit()
    send_login(client)
    assert client.get("/who").json["workspace_id"] == workspace.id
    put(client, workspace_id=stranger_workspace.id)
    found = client.get("/who").json
    assert (found["workspace_id"], found["role"]) == (stranger_workspace.id, "owner")


def test_choosing_a_workspace_of_others_opens_nothing(
    client: FlaskClient, user: User, workspace: Workspace, stranger_workspace: Workspace
) -> None:
    send_login(client)
    put(client, workspace_id=stranger_workspace.id)
    assert client.get("/who").json["workspace_id"] == workspace.id


@pytest.mark.parametrize(
    "cookie_id", ["", "{id}", "{id}:", "{id}:0000000000000000", "x:{seal}", "-{id}:{seal}"]
)
def test_a_cookie_that_is_not_sealed_is_nobodys(client: FlaskClient, user: User, cookie_id: str) -> None:
    send_login(client)
    with client.session_transaction() as held:
        _, _, word = held["_user_id"].partition(":")
        held["_user_id"] = cookie_id.format(id=user.id, seal=word)
    assert client.get("/who").json["id"] is None


def test_one_users_seal_does_not_open_anothers_account(
    client: FlaskClient, user: User, session: Session
) -> None:
    other = accounts.create_user(session, "wang@example.com", hash_password("correct horse battery"))
    session.commit()
    send_login(client)
    with client.session_transaction() as held:
        held["_user_id"] = held["_user_id"].replace(f"{user.id}:", f"{other.id}:")
    assert client.get("/who").json["id"] is None


def test_the_cookie_tells_nothing_of_the_password(client: FlaskClient, user: User) -> None:
    send_login(client)
    with client.session_transaction() as held:
        _, _, word = held["_user_id"].partition(":")
    assert len(word) == 32
    assert word not in user.password_hash


def test_logging_in_keeps_nothing_of_before_but_the_language(app: Flask, user: User) -> None:
    with app.test_request_context("/"):
        cookie.update(language="zh", workspace_id=7, draft="x")
        log_in(user, remember=False)
        assert current_user.id == user.id
        assert cookie["language"] == "zh"
        assert {"workspace_id", "draft"}.isdisjoint(cookie)


def test_a_language_chosen_before_goes_before_the_users_own(app: Flask, user: User) -> None:
    user.language = "en"
    with app.test_request_context("/"):
        log_in(user, remember=False)
        assert cookie["language"] == "en"
    with app.test_request_context("/"):
        cookie["language"] = "zh"
        log_in(user, remember=False)
        assert cookie["language"] == "zh"


def test_logging_out_leaves_a_stranger(app: Flask, user: User) -> None:
    with app.test_request_context("/"):
        log_in(user, remember=True)
        assert cookie.permanent
        cookie["workspace_id"] = 7
        log_out()
        assert not current_user.is_authenticated
        assert {"workspace_id", "_user_id", "_permanent"}.isdisjoint(cookie)


def test_a_reader_cannot_be_made_another_on_the_way() -> None:
    reader = SessionUser(1, "a@example.com", "", None, "auto", "red", None, None, "seal")
    assert reader.get_id() == "1:seal"
    with pytest.raises(FrozenInstanceError):
        reader.role = "owner"  # type: ignore[misc]
