"""Uploads, idempotency keys, marked days, heartbeats, locks and wake-ups."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from storage import chunks, heartbeats, idempotency, marks, uploads, wakeups
from storage.database import session_factory
from storage.errors import NotFound
from storage.jobs import create_job
from storage.locks import single_flight
from storage.models import IdempotencyKey, WorkerHeartbeat
from tests.storage.factories import make_import, make_products, make_sales


def test_an_upload_belongs_to_its_workspace(session: Session, workspace_id: int, other_id: int) -> None:
    made = uploads.add_upload(
        session, workspace_id, path="a/b.csv", original_name="评论.csv", sha256="f" * 64, size=2**40
    )
    found = uploads.get_upload(session, workspace_id, made.id)
    assert (found.path, found.original_name, found.size) == ("a/b.csv", "评论.csv", 2**40)
    with pytest.raises(NotFound, match=str(made.id)):
        uploads.get_upload(session, other_id, made.id)


def test_a_key_is_taken_once_and_answers_again(session: Session, workspace_id: int, other_id: int) -> None:
    first = idempotency.claim_key(session, workspace_id, "k", "hash")
    assert first.status is None
    idempotency.save_answer(session, workspace_id, "k", 202, {"Location": "/x"}, {"id": 1})
    again = idempotency.claim_key(session, workspace_id, "k", "another hash")
    assert (again.fingerprint, again.status) == ("hash", 202)
    assert (again.headers, again.body) == ({"Location": "/x"}, {"id": 1})
    assert idempotency.claim_key(session, other_id, "k", "theirs").status is None


def test_old_keys_are_forgotten(session: Session, workspace_id: int) -> None:
    idempotency.claim_key(session, workspace_id, "old", "h")
    idempotency.claim_key(session, workspace_id, "new", "h")
    long_ago = datetime.now(UTC) - timedelta(days=8)
    session.execute(update(IdempotencyKey).where(IdempotencyKey.key == "old").values(created_at=long_ago))
    assert idempotency.forget_keys(session) == 1
    assert session.get(IdempotencyKey, (workspace_id, "new")) is not None


def mark(day: date, name: str) -> dict[str, object]:
    return {"day": day, "name_zh": name, "name_en": name, "kind": "promotion"}


def test_marks_of_a_span_are_replaced_and_others_kept(session: Session) -> None:
    first, last = date(2040, 1, 1), date(2040, 12, 31)
    kept = date(2041, 6, 18)
    marks.replace_marks(session, kept, kept, [mark(kept, "618")])
    day = date(2040, 11, 11)
    assert (
        marks.replace_marks(session, first, last, [mark(day, "双11"), mark(day, "光棍节"), mark(day, "双11")])
        == 3
    )
    assert {found.name_zh for found in marks.marked_days(session, day, day)} == {"双11", "光棍节"}
    marks.replace_marks(session, first, last, [])
    assert marks.marked_days(session, first, last) == []
    assert [found.name_zh for found in marks.marked_days(session, first, kept)] == ["618"]


def test_a_worker_is_alive_while_it_beats(session: Session) -> None:
    started = datetime.now(UTC)
    heartbeats.beat(session, "nlp@a", ["nlp"], 1, started)
    heartbeats.beat(session, "nlp@a", ["nlp", "forecast"], 2, started)
    heartbeats.beat(session, "old@a", ["nlp"], 3, started)
    long_ago = started - timedelta(minutes=5)
    session.execute(update(WorkerHeartbeat).where(WorkerHeartbeat.name == "old@a").values(seen_at=long_ago))
    live = {worker.name: worker for worker in heartbeats.live_workers(session)}
    assert "old@a" not in live
    assert (live["nlp@a"].pid, live["nlp@a"].queues) == (2, ["nlp", "forecast"])
    assert "old@a" in {worker.name for worker in heartbeats.live_workers(session, within_seconds=600)}


def test_one_flight_at_a_time_and_free_after_an_error(engine: Engine) -> None:
    sessions = session_factory(engine)
    with single_flight(sessions, "train 1") as first:
        with single_flight(sessions, "train 1") as second, single_flight(sessions, "train 2") as other:
            assert (first, second, other) == (True, False, True)
        with single_flight(sessions, "train 1") as still:
            assert still is False
    with pytest.raises(RuntimeError), single_flight(sessions, "train 1"):
        raise RuntimeError
    with single_flight(sessions, "train 1") as again:
        assert again is True


def test_each_stage_wakes_its_task(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id)
    [chunk] = chunks.pending_chunks(session, workspace_id, job.id)
    assert wakeups.wakeups_of([chunk]) == [
        wakeups.Wakeup("workers.tasks.import_chunk", (chunk.id,), "nlp"),
    ]
    train = create_job(session, workspace_id, "refresh")
    [chunk] = chunks.pending_chunks(session, workspace_id, train.id)
    assert wakeups.wakeup_of(chunk) == wakeups.Wakeup(
        "workers.tasks.train_models", (str(train.id),), "forecast"
    )
    assert set(wakeups.stages_of("nlp")) | set(wakeups.stages_of("forecast")) == set(wakeups.TASKS)


def test_a_run_wakes_the_forecast_queue(session: Session, workspace_id: int) -> None:
    from storage.forecasts import get_or_create_run

    [product_id] = make_products(session, workspace_id, "A1")
    make_sales(session, workspace_id, product_id, date(2026, 1, 1), [1])
    run, _ = get_or_create_run(session, workspace_id, product_id)
    assert wakeups.wakeup_of_run(run) == wakeups.Wakeup(
        "workers.tasks.run_forecast", (str(run.id),), "forecast"
    )
