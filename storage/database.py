"""The engine and the session factory; made by whoever composes the program."""

from __future__ import annotations

import select
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError
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
    engine = create_engine(
        settings.database_url,
        pool_size=pool_size,
        hide_parameters=True,  # what reviewers wrote has no place in logs
        connect_args={"options": "-c timezone=UTC", "application_name": "fengping"},
    )
    event.listen(engine, "checkout", _check)
    return engine


def _check(connection: Any, _record: object, _proxy: object) -> None:
    """Replace a connection whose server hung up; to see that costs no question, as a ping would."""
    if connection.closed or _says_something(connection.fileno()):
        raise InvalidatePoolError("the server closed the connection")


def _says_something(socket: int) -> bool:
    """Tell whether something has come that nobody asked for: it can only be the end."""
    waiting = select.poll()
    waiting.register(socket, select.POLLIN)
    return bool(waiting.poll(0))


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Make the factory of sessions; rows stay readable after a commit."""
    return sessionmaker(engine, expire_on_commit=False)
