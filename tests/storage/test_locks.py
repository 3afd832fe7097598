import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from settings import Settings
from storage.database import create_engine_from, session_factory
from storage.locks import alone, hold, single_flight
from storage.models import Workspace
from tests.storage.factories import make_workspace

ROOT = Path(__file__).parents[2]
HOLDER = """
import os, time
from settings import Settings
from storage.database import create_engine_from, session_factory
from storage.locks import single_flight

url = os.environ["DATABASE_URL"]
engine = create_engine_from(Settings.from_env({"DATABASE_URL": url, "SECRET_KEY": "test " * 8}))
with single_flight(session_factory(engine), "killed") as held:
    print(held, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return session_factory(engine)


@pytest.fixture
def lone_sessions(settings: Settings) -> Iterator[sessionmaker[Session]]:
    """Sessions that take turns with one connection."""
    engine = create_engine_from(settings, pool_size=1)
    yield session_factory(engine)
    engine.dispose()


def is_free(sessions: sessionmaker[Session], key: str) -> bool:
    with single_flight(sessions, key) as held:
        return held


def test_one_flight_at_a_time_and_free_after_an_error(sessions: sessionmaker[Session]) -> None:
    with single_flight(sessions, "train 1") as first:
        with single_flight(sessions, "train 1") as second, single_flight(sessions, "train 2") as other:
            assert (first, second, other) == (True, False, True)
        # Whoever did not get the lock does not free it either.
        assert not is_free(sessions, "train 1")
    with pytest.raises(RuntimeError), single_flight(sessions, "train 1"):
        raise RuntimeError
    assert is_free(sessions, "train 1")


def test_of_many_at_once_one_gets_the_lock(settings: Settings) -> None:
    many = 6
    engine = create_engine_from(settings, pool_size=many)
    sessions = session_factory(engine)
    start, end = Barrier(many, timeout=30), Barrier(many, timeout=30)

    def fly(_: int) -> bool:
        start.wait()
        with single_flight(sessions, "rush") as held:
            end.wait()
            return held

    with ThreadPoolExecutor(many) as pool:
        assert sorted(pool.map(fly, range(many))) == [False] * (many - 1) + [True]
    engine.dispose()


def test_names_are_told_apart(sessions: sessionmaker[Session]) -> None:
    with single_flight(sessions, "训练 1"):
        assert not is_free(sessions, "训练 1")
        assert [is_free(sessions, key) for key in ("训练 2", "训练", "", "训练 1 ")] == [True] * 4


def test_a_held_lock_keeps_no_transaction_open(sessions: sessionmaker[Session]) -> None:
    holders = text("""
        SELECT activity.state FROM pg_locks JOIN pg_stat_activity AS activity USING (pid)
        WHERE locktype = 'advisory' AND activity.application_name = 'fengping'
    """)
    with single_flight(sessions, "long"), sessions() as session:
        assert session.scalars(holders).all() == ["idle"]


def test_the_connection_goes_back_to_normal_use(lone_sessions: sessionmaker[Session]) -> None:
    assert is_free(lone_sessions, "train 1")
    with lone_sessions() as session:
        name = make_workspace(session).name
        session.rollback()
        assert session.scalar(select(Workspace).where(Workspace.name == name)) is None


def test_a_killed_process_frees_its_lock(sessions: sessionmaker[Session], database_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=ROOT,
        env={"DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        try:
            assert holder.stdout.readline().strip() == "True"
            assert not is_free(sessions, "killed")
        finally:
            holder.kill()
    until = time.monotonic() + 10
    while not is_free(sessions, "killed"):
        assert time.monotonic() < until, "the lock is still held"
        time.sleep(0.05)


def test_a_lock_is_held_to_the_end_of_the_transaction(sessions: sessionmaker[Session]) -> None:
    with sessions() as first, sessions() as second:
        hold(first, "a")
        hold(first, "a")
        second.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            hold(second, "a")
        second.rollback()
        first.commit()
        hold(second, "a")


def test_a_lone_session_commits_and_keeps_its_lock(sessions: sessionmaker[Session]) -> None:
    with alone(sessions, "search 1") as session:
        for _ in range(2):
            session.execute(text("SELECT 1"))
            session.commit()
            assert not is_free(sessions, "search 1")
        with alone(sessions, "search 1") as second, alone(sessions, "search 2") as other:
            assert second is None
            assert other is not None
    assert is_free(sessions, "search 1")


def test_a_lone_session_ends_with_its_lock(sessions: sessionmaker[Session]) -> None:
    with alone(sessions, "search 1") as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with sessions.begin() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        assert is_free(sessions, "search 1")
        with pytest.raises(OperationalError):
            session.execute(text("SELECT 1"))
