import os
import socket
import subprocess
import sys
from datetime import date
from types import SimpleNamespace

import pytest

from storage import chunks, forecasts
from storage.models import Chunk, ForecastRun
from tests.storage.factories import make_products, make_sales
from tests.workers.factories import Sent, csv_import
from workers import stopping
from workers.context import Context


@pytest.fixture
def app(context: Context) -> SimpleNamespace:
    return SimpleNamespace(composition=SimpleNamespace(settings=context.settings, context=lambda: context))


def test_what_was_broken_off_waits_for_another_and_counts_no_attempt(
    context: Context, workspace_id: int, app: SimpleNamespace, sent: Sent
) -> None:
    job_id = csv_import(context, workspace_id, "reviews", "a", ["1"])
    with context.sessions.begin() as session:
        [chunk] = chunks.pending_chunks(session, workspace_id, job_id)
        chunks.claim(session, chunk.id, f"{socket.gethostname()}:12:x", 60)
    assert stopping.return_work(app, [1]) == 0
    assert stopping.return_work(app, [11, 12]) == 1
    with context.sessions() as session:
        chunk = session.get_one(Chunk, chunk.id)
    assert (chunk.state, chunk.attempts, chunk.leased_by, chunk.error) == ("pending", 0, "", "")
    assert sent == [("workers.tasks.import_chunk", (chunk.id,), "nlp")]


def test_a_forecast_is_returned_too(
    context: Context, workspace_id: int, app: SimpleNamespace, sent: Sent
) -> None:
    with context.sessions.begin() as session:
        [product_id] = make_products(session, workspace_id, "A1")
        make_sales(session, workspace_id, product_id, date(2026, 6, 1), [3.0] * 40)
        run, _ = forecasts.get_or_create_run(session, workspace_id, product_id)
        forecasts.claim_run(session, run.id, f"{socket.gethostname()}:12:x", 60)
    assert stopping.return_work(app, [12]) == 1
    with context.sessions() as session:
        run = session.get_one(ForecastRun, run.id)
    assert (run.state, run.attempts, run.leased_by) == ("queued", 0, "")
    assert sent == [("workers.tasks.run_forecast", (str(run.id),), "forecast")]


def test_the_database_may_be_away(app: SimpleNamespace, caplog: pytest.LogCaptureFixture) -> None:
    app.composition.settings = SimpleNamespace(database_url="postgresql+psycopg://127.0.0.1:1/none")
    assert stopping.return_work(app, [os.getpid()]) == 0
    assert "the leases will run out" in caplog.text


def test_children_are_ended() -> None:
    program = (
        "import subprocess, sys\nfrom workers import stopping\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "assert stopping.end_children() == [child.pid]\nassert child.wait(5) in (-9, 0)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_only_a_warm_stop_begins_to_count(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    timer = lambda seconds, _function: SimpleNamespace(start=lambda: begun.append(seconds))  # noqa: E731
    monkeypatch.setattr(stopping.threading, "Timer", timer)
    step = stopping.PromptStop(SimpleNamespace(app=None))
    step.begin(how="Cold")
    step.begin(how="Warm")
    assert begun == [stopping.GRACE_SECONDS]
