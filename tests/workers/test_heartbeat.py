import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from settings import Settings
from storage.heartbeats import live_workers
from storage.models import WorkerHeartbeat
from tests.workers.factories import SmallArtifacts
from workers.app import create_app
from workers.heartbeat import SECONDS, Heartbeat

NAME = "one@this-test"


class Timer:
    """Celery's timer, with the time passing when the test says so."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []
        self.cancelled = 0

    def call_repeatedly(self, seconds: float, call: Callable[..., None], args: tuple[Any, ...]) -> "Timer":
        self.calls.append((seconds, call, args))
        return self

    def cancel(self) -> None:
        self.cancelled += 1
        self.calls.clear()

    def tick(self) -> None:
        for _, call, args in self.calls:
            call(*args)


@pytest.fixture
def worker(settings: Settings, sessions: sessionmaker[Session]) -> Iterator[Any]:
    """What the step sees of a Celery worker that serves both queues."""
    app = create_app(settings, SmallArtifacts(settings))
    app.amqp.queues.select(["nlp", "forecast"])
    yield SimpleNamespace(app=app, hostname=NAME, timer=Timer())
    with sessions.begin() as session:
        session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.name.endswith("@this-test")))


def read(sessions: sessionmaker[Session], name: str = NAME) -> WorkerHeartbeat | None:
    with sessions() as session:
        return session.get(WorkerHeartbeat, name)


def without_database(worker: Any) -> Any:
    """Return the worker with a database that nobody answers for."""
    broken = replace(worker.app.composition.settings, database_url="postgresql+psycopg://x@127.0.0.1:1/x")
    app = SimpleNamespace(amqp=worker.app.amqp, composition=SimpleNamespace(settings=broken))
    return SimpleNamespace(app=app, hostname=NAME, timer=worker.timer)


def test_a_worker_is_alive_as_soon_as_it_starts(worker: Any, sessions: sessionmaker[Session]) -> None:
    before = datetime.now(UTC)
    step = Heartbeat(worker)
    assert read(sessions) is None
    step.start(worker)
    row = read(sessions)
    assert row.queues == ["forecast", "nlp"]
    assert row.pid == os.getpid()
    assert before <= row.started_at <= datetime.now(UTC)
    with sessions() as session:
        assert NAME in {alive.name for alive in live_workers(session)}


def test_a_beat_renews_the_row_and_keeps_the_start(worker: Any, sessions: sessionmaker[Session]) -> None:
    step = Heartbeat(worker)
    step.start(worker)
    first = read(sessions)
    worker.timer.tick()
    second = read(sessions)
    assert second.seen_at > first.seen_at
    assert second.started_at == first.started_at
    with sessions() as session:
        query = select(func.count()).select_from(WorkerHeartbeat).where(WorkerHeartbeat.name == NAME)
        assert session.scalar(query) == 1


def test_a_worker_beats_several_times_before_it_is_missed(
    worker: Any, sessions: sessionmaker[Session]
) -> None:
    Heartbeat(worker).start(worker)
    [(seconds, _, args)] = worker.timer.calls
    assert (seconds, args) == (SECONDS, (worker,))
    silent = datetime.now(UTC) - timedelta(seconds=3 * SECONDS)
    with sessions.begin() as session:
        session.execute(update(WorkerHeartbeat).where(WorkerHeartbeat.name == NAME).values(seen_at=silent))
        assert NAME in {alive.name for alive in live_workers(session)}
        gone = silent - timedelta(minutes=1)
        session.execute(update(WorkerHeartbeat).where(WorkerHeartbeat.name == NAME).values(seen_at=gone))
        assert NAME not in {alive.name for alive in live_workers(session)}
    worker.timer.tick()
    with sessions() as session:
        assert NAME in {alive.name for alive in live_workers(session)}


def test_stopping_ends_the_beats_and_may_be_asked_twice_or_before_the_start(worker: Any) -> None:
    step = Heartbeat(worker)
    step.stop(worker)
    assert worker.timer.cancelled == 0
    step.start(worker)
    step.stop(worker)
    step.stop(worker)
    assert worker.timer.cancelled == 1
    assert worker.timer.calls == []


def test_two_workers_have_a_row_each(worker: Any, sessions: sessionmaker[Session]) -> None:
    other = SimpleNamespace(app=worker.app, hostname="two@this-test", timer=Timer())
    for each in (worker, other):
        Heartbeat(each).start(each)
    assert read(sessions).name != read(sessions, "two@this-test").name


def test_a_worker_started_anew_on_fewer_queues_replaces_its_row(
    worker: Any, sessions: sessionmaker[Session]
) -> None:
    Heartbeat(worker).start(worker)
    old = read(sessions)
    worker.app.amqp.queues.select(["nlp"])
    Heartbeat(worker).start(worker)
    new = read(sessions)
    assert new.queues == ["nlp"]
    assert new.started_at > old.started_at


def test_a_database_that_is_away_is_no_reason_to_die(
    worker: Any, sessions: sessionmaker[Session], caplog: pytest.LogCaptureFixture
) -> None:
    away = without_database(worker)
    step = Heartbeat(away)
    with caplog.at_level(logging.WARNING, logger="workers.heartbeat"):
        step.start(away)
    assert "no heartbeat, the database is away" in caplog.text
    assert read(sessions) is None
    # The timer runs all the same: the database may come back.
    away.app.composition = worker.app.composition
    worker.timer.tick()
    assert read(sessions) is not None


def test_no_connection_stays_open_between_beats(worker: Any, sessions: sessionmaker[Session]) -> None:
    count = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> ALL(:known)"
    )
    with sessions() as session:
        known = list(session.scalars(text("SELECT pid FROM pg_stat_activity WHERE pid IS NOT NULL")))
        session.commit()
        step = Heartbeat(worker)
        step.start(worker)
        for _ in range(3):
            worker.timer.tick()
        # A server process needs a moment to end after its client said goodbye.
        for _ in range(100):
            left = session.scalar(count, {"known": known})
            session.commit()
            if not left:
                break
            session.execute(text("SELECT pg_sleep(0.05)"))
        assert left == 0


def test_the_app_lets_every_worker_beat_before_it_takes_work(settings: Settings) -> None:
    app: Celery = create_app(settings, SmallArtifacts(settings))
    assert Heartbeat in app.steps["worker"]
    assert "celery.worker.components:Timer" in Heartbeat.requires
