from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from settings import Settings
from storage import heartbeats
from tests.webapp.outbox import Outbox
from webapp import create_app


@pytest.fixture
def worker(session: Session) -> None:
    heartbeats.beat(session, "nlp@host", ["nlp"], 1, datetime.now(UTC))
    session.commit()


@pytest.fixture
def without_database(settings: Settings, outbox: Outbox) -> Flask:
    nowhere = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")
    return create_app(settings, SESSION_FACTORY=sessionmaker(nowhere), SENDER=outbox)


def test_the_process_lives(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_all_is_ready(client: FlaskClient, worker: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "database": True, "broker": True, "worker": True}


def test_without_a_worker_it_is_not(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "database": True, "broker": True, "worker": False}


def test_a_worker_that_fell_silent_does_not_count(
    client: FlaskClient, worker: None, session: Session
) -> None:
    session.execute(text("UPDATE worker_heartbeats SET seen_at = seen_at - interval '2 minutes'"))
    session.commit()
    assert client.get("/readyz").json["worker"] is False


def test_without_a_broker_it_is_not(client: FlaskClient, worker: None, outbox: Outbox) -> None:
    outbox.alive = False
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["broker"] is False


def test_without_a_database_it_lives_but_is_not_ready(without_database: Flask) -> None:
    client = without_database.test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "database": False, "broker": True, "worker": False}


def test_without_a_database_errors_keep_their_shape(without_database: Flask) -> None:
    client = without_database.test_client()
    answer = client.get("/api/v1/jobs", headers={"Authorization": "Bearer fp_x"})
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert "127.0.0.1" not in answer.text


def test_without_a_database_a_readers_page_is_still_an_error_page(without_database: Flask) -> None:
    client = without_database.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = "1:seal", True
    answer = client.get("/jobs")
    assert answer.status_code == 503
    assert answer.mimetype == "text/html"
    assert "503" in answer.text
