import logging
from uuid import uuid4

import pytest
from celery import Celery
from kombu.exceptions import KombuError
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.webapp.outbox import Outbox
from webapp.enqueue import (
    ANALYZE_TEXTS,
    IMPORT_CHUNK,
    QUEUES,
    TRAIN_MODELS,
    CelerySender,
    attach,
    enqueue,
)


@pytest.fixture
def prepared(session: Session, outbox: Outbox) -> Session:
    return attach(session, outbox)


def test_nothing_is_sent_before_the_commit(prepared: Session, outbox: Outbox) -> None:
    prepared.execute(text("SELECT 1"))
    enqueue(prepared, IMPORT_CHUNK, 7)
    assert outbox.sent == []
    prepared.commit()
    assert outbox.sent == [(IMPORT_CHUNK, (7,), "nlp")]


def test_sent_once_even_when_the_session_goes_on(prepared: Session, outbox: Outbox) -> None:
    prepared.execute(text("SELECT 1"))
    enqueue(prepared, IMPORT_CHUNK, 7)
    prepared.commit()
    prepared.execute(text("SELECT 1"))
    prepared.commit()
    assert len(outbox.sent) == 1


def test_every_session_sends_even_at_the_address_of_one_that_is_gone(engine: Engine, outbox: Outbox) -> None:
    outlive = []
    for number in range(200):
        with attach(Session(engine), outbox) as short:
            outlive.append(short.dispatch)
            enqueue(short, IMPORT_CHUNK, number)
            short.execute(text("SELECT 1"))
            short.commit()
        del short
    assert [args for _, args, _ in outbox.sent] == [(number,) for number in range(200)]


def test_a_rollback_forgets(prepared: Session, outbox: Outbox) -> None:
    prepared.execute(text("SELECT 1"))
    enqueue(prepared, IMPORT_CHUNK, 7)
    prepared.rollback()
    prepared.execute(text("SELECT 1"))
    prepared.commit()
    assert outbox.sent == []


def test_a_savepoint_is_not_a_commit(prepared: Session, outbox: Outbox) -> None:
    with prepared.begin_nested():
        enqueue(prepared, IMPORT_CHUNK, 7)
    assert outbox.sent == []
    prepared.commit()
    assert outbox.sent == [(IMPORT_CHUNK, (7,), "nlp")]


def test_a_failed_savepoint_forgets_nothing(prepared: Session, outbox: Outbox) -> None:
    prepared.execute(text("SELECT 1"))
    enqueue(prepared, IMPORT_CHUNK, 7)
    with pytest.raises(DBAPIError), prepared.begin_nested():
        prepared.execute(text("SELECT 1 / 0"))
    prepared.commit()
    assert outbox.sent == [(IMPORT_CHUNK, (7,), "nlp")]


def test_uuids_travel_as_text_and_a_queue_can_be_named(prepared: Session, outbox: Outbox) -> None:
    job_id = uuid4()
    prepared.execute(text("SELECT 1"))
    enqueue(prepared, TRAIN_MODELS, job_id)
    enqueue(prepared, ANALYZE_TEXTS, job_id, queue="urgent")
    prepared.commit()
    assert outbox.sent == [
        (TRAIN_MODELS, (str(job_id),), "forecast"),
        (ANALYZE_TEXTS, (str(job_id),), "urgent"),
    ]


def test_an_unknown_task_is_refused(prepared: Session) -> None:
    with pytest.raises(ValueError, match=r"workers\.tasks\.nope"):
        enqueue(prepared, "workers.tasks.nope")


def test_a_broker_that_is_away_loses_no_request(
    prepared: Session, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    outbox.alive = False
    prepared.execute(text("SELECT 1"))
    enqueue(prepared, IMPORT_CHUNK, 7)
    with caplog.at_level(logging.WARNING, logger="webapp.enqueue"):
        prepared.commit()
    assert "the sweep will start" in caplog.text


def test_every_task_has_a_queue_that_workers_serve() -> None:
    assert set(QUEUES.values()) == {"nlp", "forecast"}


class TestCelerySender:
    def test_a_task_reaches_the_broker(self, broker_url: str) -> None:
        sender = CelerySender(broker_url)
        sender.send(IMPORT_CHUNK, (7,), "test-queue")
        assert sender.is_alive()
        with Celery(broker=broker_url, set_as_current=False).connection() as connection:
            queue = connection.SimpleQueue("test-queue")
            message = queue.get(timeout=5)
            message.ack()
            queue.close()
        assert message.headers["task"] == IMPORT_CHUNK
        assert message.payload[0] == [7]

    def test_no_broker_no_life_and_no_wait(self) -> None:
        sender = CelerySender("redis://127.0.0.1:1/0")
        assert not sender.is_alive()
        with pytest.raises((OSError, KombuError)):
            sender.send(IMPORT_CHUNK, (7,), "nlp")
