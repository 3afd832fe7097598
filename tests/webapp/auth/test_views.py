import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storage import accounts
from storage.models import LoginAttempt, User
from tests.webapp.conftest import PASSWORD
from webapp.auth.passwords import hash_password
from webapp.auth.throttle import MAX_BY_EMAIL


def token_of(html: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert found, html
    return found.group(1)


def log_in(
    client: FlaskClient, email: str = "li@example.com", password: str = PASSWORD, **more: str
) -> TestResponse:
    token = token_of(client.get("/login").text)
    return client.post("/login", data={"csrf_token": token, "email": email, "password": password, **more})


def test_the_right_password_opens_a_session(client: FlaskClient, user: User, session: Session) -> None:
    answer = log_in(client, email=" LI@example.com ")
    assert answer.status_code == 302
    assert answer.location == "/"
    assert client.get("/api/v1/jobs").status_code == 200
    session.refresh(user)
    assert user.last_login_at is not None


@pytest.mark.parametrize(
    ("email", "password"), [("li@example.com", "wrong password"), ("no@example.com", PASSWORD)]
)
def test_the_page_does_not_tell_which_was_wrong(
    client: FlaskClient, user: User, email: str, password: str
) -> None:
    answer = log_in(client, email, password)
    assert answer.status_code == 401
    assert "邮箱或密码" in answer.text or "E-mail or password is not right." in answer.text
    assert client.get("/api/v1/jobs").status_code == 401


def test_a_failure_is_recorded(client: FlaskClient, user: User, session: Session) -> None:
    log_in(client, password="wrong password")
    attempt = session.scalars(select(LoginAttempt)).one()
    assert (attempt.email, attempt.succeeded) == ("li@example.com", False)


def test_guessing_is_stopped_even_with_the_right_password(
    client: FlaskClient, user: User, session: Session
) -> None:
    for _ in range(MAX_BY_EMAIL):
        accounts.record_login(session, user.email, "10.0.0.1", False)
    session.commit()
    answer = log_in(client)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_an_empty_form_is_shown_again(client: FlaskClient) -> None:
    assert log_in(client, email="", password="").status_code == 400


def test_no_csrf_token_no_login(client: FlaskClient, user: User) -> None:
    answer = client.post("/login", data={"email": user.email, "password": PASSWORD})
    assert answer.status_code == 400
    assert client.get("/api/v1/jobs").status_code == 401


@pytest.mark.parametrize(
    ("wish", "target"),
    [
        ("/jobs?state=failed", "/jobs?state=failed"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("jobs", "/"),
        ("", "/"),
    ],
)
def test_a_login_leads_only_inside(client: FlaskClient, user: User, wish: str, target: str) -> None:
    assert log_in(client, next=wish).location == target


def docs_token(client: FlaskClient) -> str:
    page = client.get("/api/v1/docs").text
    found = re.search(r'data-csrf="([^"]+)"', page)
    assert found
    return found.group(1)


def test_logging_out_ends_the_session_and_keeps_the_language(client: FlaskClient, user: User) -> None:
    client.get("/login?lang=en")
    log_in(client)
    with client.session_transaction() as cookie:
        assert cookie["_user_id"].startswith(f"{user.id}:")
    token = docs_token(client)
    assert client.post("/logout", data={"csrf_token": token}).status_code == 302
    assert client.get("/api/v1/jobs").status_code == 401
    with client.session_transaction() as cookie:
        assert cookie["language"] == "en"


def test_logging_out_needs_a_token(client: FlaskClient, user: User) -> None:
    log_in(client)
    assert client.post("/logout").status_code == 400
    assert client.get("/api/v1/jobs").status_code == 200


def test_a_new_password_ends_old_sessions(client: FlaskClient, user: User, session: Session) -> None:
    log_in(client)
    user.password_hash = hash_password("another good password")
    session.commit()
    assert client.get("/api/v1/jobs").status_code == 401


def test_an_inactive_user_is_nobody(client: FlaskClient, user: User, session: Session) -> None:
    log_in(client)
    user.is_active = False
    session.commit()
    assert client.get("/api/v1/jobs").status_code == 401
    assert log_in(app_client(client), password=PASSWORD).status_code == 401


def app_client(client: FlaskClient) -> FlaskClient:
    return client.application.test_client()


def test_remember_makes_the_cookie_last(app: Flask, user: User) -> None:
    kept = log_in(app.test_client(), remember="y").headers["Set-Cookie"]
    brief = log_in(app.test_client()).headers["Set-Cookie"]
    assert "Expires" in kept
    assert "Expires" not in brief


def test_who_is_logged_in_needs_no_form(client: FlaskClient, user: User) -> None:
    log_in(client)
    assert client.get("/login?next=/jobs").location == "/jobs"
