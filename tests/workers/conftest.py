from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session, sessionmaker

from settings import Settings
from storage.database import session_factory
from storage.models import Workspace
from tests.storage.factories import make_workspace
from tests.workers.factories import Sent, SmallArtifacts
from workers.context import Context


@pytest.fixture(scope="session")
def database_url(committed_url: str) -> str:
    return committed_url


@pytest.fixture(scope="session")
def engine(committed_engine: Engine) -> Engine:
    return committed_engine


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions that really commit: workers use several at once."""
    return session_factory(engine)


@pytest.fixture
def workspace_id(sessions: sessionmaker[Session]) -> Iterator[int]:
    with sessions.begin() as session:
        id = make_workspace(session).id
    yield id
    with sessions.begin() as session:
        session.execute(delete(Workspace).where(Workspace.id == id))


@pytest.fixture
def sent() -> Sent:
    """The messages that would have gone to the broker."""
    return Sent()


@pytest.fixture
def context(settings: Settings, sessions: sessionmaker[Session], sent: Sent) -> Context:
    return Context(settings, sessions, SmallArtifacts(settings), sent)
