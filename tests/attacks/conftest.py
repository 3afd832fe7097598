"""A shop whose rows are really committed, and tokens of all who may call its API."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from settings import Settings
from storage import accounts
from storage.models import Workspace
from tests.committed import database_url, engine, sessions
from tests.workers.factories import Sent, SmallArtifacts
from webapp import create_app
from webapp.auth.tokens import generate_token, hash_token
from workers.context import Context

__all__ = ["database_url", "engine", "sessions"]

ROLES = ("viewer", "analyst", "owner")


@dataclass(frozen=True)
class Shop:
    """A workspace, the application and the workers that serve it, and a token for each role."""

    app: Flask
    id: int
    context: Context
    tokens: dict[str, str]

    def workspace(self, session: Session) -> Workspace:
        return session.get_one(Workspace, self.id)


@pytest.fixture
def shop(settings: Settings, sessions: sessionmaker[Session]) -> Iterator[Shop]:
    settings = replace(settings, max_unpacked_bytes=8 * 2**20)
    tokens = {role: generate_token() for role in ROLES}
    with sessions.begin() as session:
        id = accounts.create_workspace(session, "attacked").id
        for role, secret in tokens.items():
            accounts.create_token(session, id, name=role, role=role, token_hash=hash_token(secret))
    sent = Sent()
    app = create_app(settings, SESSION_FACTORY=sessions, SENDER=sent, ANALYZE_WAIT_SECONDS=0.0)
    yield Shop(app, id, Context(settings, sessions, SmallArtifacts(settings), sent), tokens)
    with sessions.begin() as session:
        session.execute(delete(Workspace).where(Workspace.id == id))
