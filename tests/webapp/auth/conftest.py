"""Somebody with a second factor."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import User
from tests.webapp.auth.test_views import token_of
from webapp.auth.recovery import make_codes
from webapp.auth.second import keep_secret

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def guarded(app: Flask, user: User, session: Session) -> User:
    with app.app_context():
        keep_secret(user, SECRET)
    session.commit()
    return user


@pytest.fixture
def codes(guarded: User, session: Session) -> list[str]:
    """The recovery codes of that user."""
    made = make_codes(session, guarded)
    session.commit()
    return made


def send(client: FlaskClient, code: str) -> int:
    """Give the code of a second factor after the password."""
    token = token_of(client.get("/login/code").text)
    return client.post("/login/code", data={"csrf_token": token, "code": code}).status_code
