"""Fixtures of a database where commits are real; the conftest of a folder that needs them imports them."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from storage.database import session_factory

__all__ = ["database_url", "engine", "sessions"]


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
