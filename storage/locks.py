"""Single flight across processes, by PostgreSQL's advisory locks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import cast

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


def hold(session: Session, key: str) -> None:
    """Wait for the lock named `key` and hold it to the end of the session's transaction."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


@contextmanager
def single_flight(sessions: Callable[[], Session], key: str) -> Iterator[bool]:
    """Hold the lock named `key` for the block; yield whether we got it, without waiting.

    The lock lives on a connection of its own: if the process dies, it is free at once.
    """
    number = func.hashtextextended(key, 0)
    with sessions() as session:
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        held = bool(session.scalar(select(func.pg_try_advisory_lock(number))))
        try:
            yield held
        finally:
            if held:
                session.execute(select(func.pg_advisory_unlock(number)))


@contextmanager
def alone(sessions: Callable[[], Session], key: str) -> Iterator[Session | None]:
    """Open a session that holds the lock named `key` over all its transactions; yield None without the lock.

    The lock lives on the session's own connection: whatever ends one ends the other, so nothing is
    committed after the lock was lost.
    """
    session = sessions()
    with cast(Engine, session.get_bind()).connect() as connection, session:
        connection.detach()  # never lent to others, whatever becomes of the lock
        session.bind = connection
        number = func.hashtextextended(key, 0)
        held = session.scalar(select(func.pg_try_advisory_lock(number)))
        session.commit()
        try:
            yield session if held else None
        finally:
            with suppress(DBAPIError):  # a connection that was lost has freed it
                session.rollback()
                session.execute(select(func.pg_advisory_unlock_all()))
