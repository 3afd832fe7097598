"""The engine and the session factory; made by whoever composes the program."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from settings import Settings


def create_engine_from(settings: Settings, *, pool_size: int = 5) -> Engine:
    """Make an engine whose connections speak UTC; nothing is connected yet.

    Parameters
    ----------
    settings
        Names the database.
    pool_size
        Connections kept open; a worker child needs two, a web process one per thread.
    """
    return create_engine(
        settings.database_url,
        pool_size=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,  # what reviewers wrote has no place in logs
        connect_args={"options": "-c timezone=UTC", "application_name": "fengping"},
    )


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Make the factory of sessions; rows stay readable after a commit."""
    return sessionmaker(engine, expire_on_commit=False)
