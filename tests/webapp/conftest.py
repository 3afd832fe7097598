"""An application on the test's own transaction, with a broker that only remembers what was sent."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from settings import Settings
from storage import accounts
from storage.models import User, Workspace
from tests.webapp.outbox import Outbox
from webapp import create_app
from webapp.auth.passwords import hash_password
from webapp.auth.tokens import generate_token, hash_token

PASSWORD = "correct horse battery"

LogIn = Callable[[str], FlaskClient]


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def app(settings: Settings, session: Session, outbox: Outbox) -> Flask:
    def factory() -> Session:
        return Session(session.get_bind(), join_transaction_mode="create_savepoint", expire_on_commit=False)

    return create_app(
        settings, TESTING=True, SESSION_FACTORY=factory, SENDER=outbox, ANALYZE_WAIT_SECONDS=0.0
    )


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def workspace(session: Session) -> Workspace:
    made = accounts.create_workspace(session, "shop")
    session.commit()
    return made


@pytest.fixture
def stranger_workspace(session: Session) -> Workspace:
    made = accounts.create_workspace(session, "somebody else's shop")
    session.commit()
    return made


@pytest.fixture
def bearer(session: Session, workspace: Workspace) -> Callable[..., dict[str, str]]:
    """Return a function that makes a token and gives its header."""

    def make(role: str = "analyst", of: Workspace = workspace, **details: Any) -> dict[str, str]:
        secret = generate_token()
        accounts.create_token(session, of.id, name=role, role=role, token_hash=hash_token(secret), **details)
        session.commit()
        return {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}

    return make


@pytest.fixture
def analyst(bearer: Callable[..., dict[str, str]]) -> dict[str, str]:
    return bearer("analyst")


@pytest.fixture
def viewer(bearer: Callable[..., dict[str, str]]) -> dict[str, str]:
    return bearer("viewer")


@pytest.fixture
def user(session: Session, workspace: Workspace) -> User:
    made = accounts.create_user(session, "li@example.com", hash_password(PASSWORD))
    accounts.set_membership(session, workspace.id, made.id, "analyst")
    session.commit()
    return made


@pytest.fixture
def log_in(app: Flask, session: Session, workspace: Workspace) -> LogIn:
    """Return a function that gives a client of somebody with a role."""
    app.config["WTF_CSRF_ENABLED"] = False

    def make(role: str) -> FlaskClient:
        person = accounts.create_user(session, f"{role}@example.com", hash_password(PASSWORD))
        accounts.set_membership(session, workspace.id, person.id, role)
        session.commit()
        client = app.test_client()
        client.post("/login", data={"email": person.email, "password": PASSWORD})
        return client

    return make


def member(session: Session, email: str) -> User:
    """Return somebody who has an account."""
    found = accounts.find_user(session, email)
    assert found is not None
    return found
