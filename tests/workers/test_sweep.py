from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from sqlalchemy import update

from settings import Settings
from storage import chunks, forecasts
from storage.models import Chunk, ForecastRun
from tests.storage.factories import make_products, make_sales
from tests.workers.factories import Sent, csv_import
from workers.app import create_app
from workers.context import Composition, Context
from workers.sweep import MOST, sweep
from workers.tasks import depth_of


def empty(_queue: str) -> int:
    return 0


@pytest.fixture
def chunk_id(context: Context, workspace_id: int) -> int:
    job_id = csv_import(context, workspace_id, "reviews", "a", ["1"])
    with context.sessions() as session:
        return chunks.pending_chunks(session, workspace_id, job_id)[0].id


@pytest.fixture
def run_id(context: Context, workspace_id: int) -> str:
    with context.sessions.begin() as session:
        [product_id] = make_products(session, workspace_id, "A1")
        make_sales(session, workspace_id, product_id, datetime(2026, 1, 1, tzinfo=UTC).date(), [1.0])
        return str(forecasts.get_or_create_run(session, workspace_id, product_id)[0].id)


def test_what_waits_is_woken_once(context: Context, chunk_id: int, run_id: str, sent: Sent) -> None:
    sweep(context, empty)
    assert sent.count(("workers.tasks.import_chunk", (chunk_id,), "nlp")) == 1
    assert sent.count(("workers.tasks.run_forecast", (run_id,), "forecast")) == 1


def test_a_long_queue_is_left_to_be_worked_off(
    context: Context, chunk_id: int, run_id: str, sent: Sent
) -> None:
    sweep(context, lambda queue: MOST if queue == "nlp" else 0)
    assert {queue for _, _, queue in sent} == {"forecast"}


def test_what_is_worked_on_is_left_alone_until_its_worker_falls_silent(
    context: Context, chunk_id: int, run_id: str, sent: Sent
) -> None:
    with context.sessions.begin() as session:
        chunks.claim(session, chunk_id, "me", 60)
        forecasts.claim_run(session, run_id, "me", 60)
    assert sweep(context, empty) == 0
    past = datetime.now(UTC) - timedelta(seconds=1)
    with context.sessions.begin() as session:
        session.execute(update(Chunk).where(Chunk.id == chunk_id).values(lease_until=past))
        session.execute(update(ForecastRun).where(ForecastRun.id == run_id).values(lease_until=past))
    assert sweep(context, empty) == 2


def test_a_broker_that_is_away_costs_only_a_warning(
    context: Context, chunk_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_message: object) -> None:
        raise OperationalError("connection refused")

    broken = Context(context.settings, context.sessions, context.artifacts, away)
    sweep(broken, empty)
    assert "broker is away" in caplog.text


def test_messages_in_a_queue_are_counted(settings: Settings) -> None:
    app: Celery = create_app(settings)
    queue = "a queue of this test"
    assert depth_of(app, queue) == 0
    app.send_task("workers.tasks.sweep", queue=queue)
    app.send_task("workers.tasks.sweep", queue=queue)
    assert depth_of(app, queue) == 2
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge(queue)


def test_each_process_makes_its_own_connections(
    settings: Settings, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    composition = Composition(settings, context.artifacts, Sent())
    first = composition.context()
    assert composition.context() is first
    monkeypatch.setattr("workers.context.os.getpid", lambda: -1)
    forked = composition.context()
    assert forked.sessions.kw["bind"] is not first.sessions.kw["bind"]
