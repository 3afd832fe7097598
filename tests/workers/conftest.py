from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from settings import Settings
from storage import accounts
from storage.models import User, Workspace
from tests.committed import database_url, engine, sessions
from tests.storage.factories import make_workspace
from tests.workers.factories import Sent, SmallArtifacts
from tests.workers.standins import Mailbox, running_mailbox
from workers.context import Context
from workers.mail import send_mail

__all__ = ["database_url", "engine", "sessions"]


@pytest.fixture
def workspace_id(sessions: sessionmaker[Session]) -> Iterator[int]:
    with sessions.begin() as session:
        id = make_workspace(session).id
    yield id
    with sessions.begin() as session:
        session.execute(delete(Workspace).where(Workspace.id == id))


@pytest.fixture
def user_id(sessions: sessionmaker[Session], workspace_id: int) -> Iterator[int]:
    """Somebody who may subscribe to weekly reports."""
    with sessions.begin() as session:
        id = accounts.create_user(session, f"weekly{workspace_id}@example.com", "hash").id
        accounts.set_membership(session, workspace_id, id, "analyst")
    yield id
    with sessions.begin() as session:
        session.execute(delete(User).where(User.id == id))


@pytest.fixture
def sent() -> Sent:
    """The messages that would have gone to the broker."""
    return Sent()


@pytest.fixture
def context(settings: Settings, sessions: sessionmaker[Session], sent: Sent) -> Context:
    return Context(settings, sessions, SmallArtifacts(settings), sent)


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with running_mailbox(tmp_path) as running:
        yield running


@pytest.fixture
def mailing(context: Context, mailbox: Mailbox) -> Context:
    """A context whose settings name the mailbox."""
    settings = replace(context.settings, smtp_url=mailbox.url, mail_from="fp@example.com")
    return replace(context, settings=settings)


@pytest.fixture
def mail(mailbox: Mailbox) -> Any:
    """Send by a server that the machine's authorities do not vouch for."""
    return partial(send_mail, context=mailbox.trust)
