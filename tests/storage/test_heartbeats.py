from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from storage import heartbeats
from storage.models import WorkerHeartbeat

STARTED = datetime(2026, 6, 1, 8, tzinfo=UTC)


def silence(session: Session, name: str, minutes: int) -> None:
    ago = datetime.now(UTC) - timedelta(minutes=minutes)
    session.execute(update(WorkerHeartbeat).where(WorkerHeartbeat.name == name).values(seen_at=ago))


def seen_at(session: Session, name: str) -> datetime:
    return session.get_one(WorkerHeartbeat, name, populate_existing=True).seen_at


def test_a_worker_is_alive_while_it_beats(session: Session) -> None:
    for name in ("nlp@a", "old@a"):
        heartbeats.beat(session, name, ["nlp"], 1, STARTED)
    silence(session, "old@a", 5)
    assert "nlp@a" in {worker.name for worker in heartbeats.live_workers(session)}
    assert "old@a" not in {worker.name for worker in heartbeats.live_workers(session)}
    assert "old@a" in {worker.name for worker in heartbeats.live_workers(session, within_seconds=600)}
    heartbeats.beat(session, "old@a", ["nlp"], 1, STARTED)
    assert "old@a" in {worker.name for worker in heartbeats.live_workers(session)}


def test_a_restarted_worker_takes_the_place_of_the_old_one(session: Session) -> None:
    heartbeats.beat(session, "nlp@a", ["nlp"], 1, STARTED)
    later = STARTED + timedelta(hours=1)
    heartbeats.beat(session, "nlp@a", ["nlp", "forecast"], 2, later)
    [found] = [worker for worker in heartbeats.live_workers(session) if worker.name == "nlp@a"]
    assert (found.pid, found.queues, found.started_at) == (2, ["nlp", "forecast"], later)


def test_beats_within_one_transaction_move_on(session: Session) -> None:
    heartbeats.beat(session, "nlp@a", [], 1, STARTED)
    before = seen_at(session, "nlp@a")
    heartbeats.beat(session, "nlp@a", [], 1, STARTED)
    assert seen_at(session, "nlp@a") > before


def test_workers_are_listed_by_name(session: Session) -> None:
    session.execute(delete(WorkerHeartbeat))
    assert heartbeats.live_workers(session) == []
    for name in ("nlp@b", "forecast@b", "nlp@a"):
        heartbeats.beat(session, name, [], 1, STARTED)
    found = heartbeats.live_workers(session)
    assert [worker.name for worker in found] == ["forecast@b", "nlp@a", "nlp@b"]
    assert found[0].queues == []


def test_nobody_is_alive_within_no_time(session: Session) -> None:
    heartbeats.beat(session, "nlp@a", ["nlp"], 1, STARTED)
    assert heartbeats.live_workers(session, within_seconds=0) == []
