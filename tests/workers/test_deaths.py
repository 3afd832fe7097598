import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest
from billiard.einfo import ExceptionInfo
from celery.exceptions import WorkerLostError
from celery.worker.request import Request

from storage import chunks
from storage.models import Chunk
from tests.workers.factories import csv_import
from workers.app import create_app, time_limits
from workers.context import Context
from workers.deaths import MemoryWatch, Observed, free, too_slow


@pytest.fixture
def app(context: Context):
    return SimpleNamespace(composition=SimpleNamespace(settings=context.settings))


def claimed(context: Context, workspace_id: int, pid: int) -> int:
    job_id = csv_import(context, workspace_id, "reviews", "a", ["1"])
    with context.sessions.begin() as session:
        [chunk] = chunks.pending_chunks(session, workspace_id, job_id)
        assert chunks.claim(session, chunk.id, f"{socket.gethostname()}:{pid}:x", 60)
        return chunk.id


def standing(context: Context, chunk_id: int) -> tuple[str, str, int, bool]:
    with context.sessions() as session:
        chunk = session.get_one(Chunk, chunk_id)
        free_now = chunks.first_claimable(session, chunk.job_id) == chunk_id
        return chunk.state, chunk.error, chunk.attempts, free_now


def test_what_a_dead_child_held_is_free_at_once(context: Context, workspace_id: int, app: object) -> None:
    dead, alive = claimed(context, workspace_id, 12), claimed(context, workspace_id, 123)
    free(app, 12, "took too long")
    assert standing(context, dead) == ("running", "took too long", 1, True)
    assert standing(context, alive) == ("running", "", 1, False)
    free(app, 12, "the first reason stays")
    assert standing(context, dead)[1] == "took too long"


def test_a_child_that_was_killed_frees_what_it_held(
    context: Context, workspace_id: int, app: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The main process is told of the death by the pool, which wraps the error."""
    monkeypatch.setattr(Request, "on_failure", lambda *_: None)
    chunk_id = claimed(context, workspace_id, 12)
    observed = object.__new__(Observed)
    observed._app, observed.worker_pid = app, 12
    for error, is_free in ((ValueError("a bad row"), False), (WorkerLostError("signal 9 (SIGKILL)"), True)):
        try:
            raise error
        except Exception:
            observed.on_failure(ExceptionInfo())
        assert standing(context, chunk_id)[3] is is_free
    assert "the worker died: signal 9 (SIGKILL)" in standing(context, chunk_id)[1]


def test_a_child_that_grew_too_big_is_killed_and_says_so(
    context: Context, workspace_id: int, app: SimpleNamespace
) -> None:
    eater = "x = b'x' * 200_000_000; print(len(x), flush=True); import time; time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", eater], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        chunk_id = claimed(context, workspace_id, child.pid)
        limits = {"child_memory_mb": 1000, "database_url": context.settings.database_url}
        app.composition.settings = SimpleNamespace(**limits)
        watch = MemoryWatch(None)
        assert watch.look(app) == []
        app.composition.settings.child_memory_mb = 50
        assert child.pid in watch.look(app)
        assert child.wait(10) == -9
        assert "more than 100 MB" in standing(context, chunk_id)[1]
    finally:
        child.kill()
        child.stdout.close()


def test_the_database_may_be_away(app: SimpleNamespace, caplog: pytest.LogCaptureFixture) -> None:
    app.composition.settings = SimpleNamespace(database_url="postgresql+psycopg://127.0.0.1:1/none")
    free(app, os.getpid(), "gone")
    assert "the database is away" in caplog.text


def test_every_task_is_observed_and_reading_has_a_limit_of_its_own(context: Context) -> None:
    app = create_app(context.settings)
    reading, importing = app.tasks["workers.tasks.score_reviews"], app.tasks["workers.tasks.import_chunk"]
    assert reading.Request == importing.Request == "workers.deaths:Observed"
    assert (reading.time_limit, reading.soft_time_limit) == (300, 240)
    assert (importing.time_limit, importing.soft_time_limit) == (3600, 3540)
    assert time_limits(3600)["task_soft_time_limit"] == 3540


def test_seconds_are_named() -> None:
    assert "2.5 s" in too_slow(2.5)
