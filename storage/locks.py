"""Single flight across processes, by PostgreSQL's advisory locks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import func, select
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
