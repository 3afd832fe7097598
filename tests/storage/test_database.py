import pytest
from sqlalchemy import Engine, delete, text
from sqlalchemy.exc import OperationalError

from settings import Settings
from storage.database import create_engine_from, session_factory
from storage.models import Workspace
from tests.storage.factories import make_workspace


def test_connections_speak_utc_and_say_who_they_are(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW timezone")) == "UTC"
        assert connection.scalar(text("SHOW application_name")) == "fengping"
        # A day is cut in UTC whatever the machine's own zone is.
        day = connection.scalar(text("SELECT CAST(timestamptz '2026-06-02 01:00+08' AS date)::text"))
        assert day == "2026-06-01"


def test_nothing_is_connected_until_it_is_needed() -> None:
    nowhere = {"DATABASE_URL": "postgresql+psycopg://a@127.0.0.1:1/none", "SECRET_KEY": "test " * 8}
    engine = create_engine_from(Settings.from_env(nowhere))
    with pytest.raises(OperationalError), engine.connect():
        pass


def test_a_pool_keeps_as_many_connections_as_it_is_told(settings: Settings) -> None:
    engine = create_engine_from(settings, pool_size=2)
    opened = [engine.connect() for _ in range(3)]
    for connection in opened:
        connection.close()
    assert engine.pool.checkedin() == 2
    engine.dispose()


def test_a_connection_that_died_is_replaced(engine: Engine, settings: Settings) -> None:
    lone = create_engine_from(settings, pool_size=1)
    backend = text("SELECT pg_backend_pid()")
    with lone.connect() as connection:
        dead = connection.scalar(backend)
    with engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": dead})
    with lone.connect() as connection:
        assert connection.scalar(backend) != dead
    lone.dispose()


def test_rows_stay_readable_after_a_commit(engine: Engine) -> None:
    sessions = session_factory(engine)
    with sessions() as session:
        workspace = make_workspace(session)
        session.commit()
    assert workspace.name.startswith("workspace")
    with sessions.begin() as session:
        assert session.get(Workspace, workspace.id).name == workspace.name
        session.execute(delete(Workspace).where(Workspace.id == workspace.id))


def test_what_was_not_committed_is_gone(engine: Engine) -> None:
    sessions = session_factory(engine)
    with sessions() as session:
        id = make_workspace(session).id
    with sessions() as session:
        assert session.get(Workspace, id) is None
