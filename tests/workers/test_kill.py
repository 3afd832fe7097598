"""A worker that is killed loses nothing and does nothing twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from settings import Settings
from storage import heartbeats
from storage.models import Chunk, DailyFeature, Job, Review
from storage.progress import progress
from storage.wakeups import wakeups_of
from tests.workers.factories import VERSION, csv_import
from workers.app import create_app
from workers.context import Context

pytestmark = pytest.mark.functional

ROOT = Path(__file__).parents[2]
ROWS = 3000
PATIENCE_SECONDS = 240


class Workers:
    """Processes of Celery that this test started, and the only ones it ends."""

    def __init__(self, settings: Settings, logs: Path) -> None:
        self._environment = {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "BROKER_URL": settings.broker_url,
            "SECRET_KEY": settings.secret_key,
            "DATA_DIR": str(settings.data_dir),
            "LEASE_SECONDS": "2",
            "SWEEP_SECONDS": "1",
            "IMPORT_BATCH_ROWS": "100",
            "SCORE_CHUNK_ROWS": "50",
        }
        self._logs = logs
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.workers.small_worker", *arguments]
        with (self._logs / f"{len(self._started)}.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        self._started.append(process)
        return process

    def start_worker(self) -> "subprocess.Popen[bytes]":
        name = f"w{len(self._started)}@test"
        return self.start("worker", "-Q", "nlp", "-c", "1", "-n", name, "--loglevel", "WARNING")

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill a worker and its children at once: none of them can tidy up."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop_all(self) -> None:
        for process in self._started:
            if process.poll() is None:
                self.kill(process)

    def said(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self._logs.glob("*.log")))


@pytest.fixture
def workers(settings: Settings, tmp_path: Path) -> Iterator[Workers]:
    logs = tmp_path / "logs"
    logs.mkdir()
    workers = Workers(settings, logs)
    yield workers
    workers.stop_all()


def wait_for(reached: Callable[[], bool], what: str, workers: Workers) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} not reached; the workers said:\n{workers.said()}")
        time.sleep(0.02)


def wake(context: Context, settings: Settings, job_id: object) -> None:
    app = create_app(settings)
    with context.sessions() as session:
        chunks = session.scalars(select(Chunk).where(Chunk.job_id == job_id)).all()
    for wakeup in wakeups_of(chunks):
        app.send_task(wakeup.task, args=wakeup.args, queue=wakeup.queue)


@pytest.mark.timeout(800)
def test_killed_workers_lose_nothing(
    context: Context, settings: Settings, workspace_id: int, workers: Workers
) -> None:
    lines = [f"A{n % 7},r{n},2026-11-{n % 20 + 1:02d} 09:00:00,发货很快 {n},5" for n in range(ROWS - 1)]
    lines.append("A1,bad,not a day,文字,5")
    header = "product_id,review_id,created_at,text,rating"
    job_id = csv_import(context, workspace_id, "reviews", header, lines)

    def rows(stage: str) -> int:
        with context.sessions() as session:
            done = func.coalesce(func.sum(Chunk.done), 0)
            return session.scalars(select(done).where(Chunk.job_id == job_id, Chunk.stage == stage)).one()

    def state() -> str:
        with context.sessions() as session:
            return session.get_one(Job, job_id).state

    beat = workers.start("beat", "--loglevel", "WARNING", "--pidfile=")
    first = workers.start_worker()
    wake(context, settings, job_id)
    wait_for(lambda: rows("import") >= 500, "a part of the import", workers)
    workers.kill(first)
    assert 500 <= rows("import") < ROWS - 1, "killed too late to prove anything"

    second = workers.start_worker()
    wait_for(lambda: rows("score") >= 300, "a part of the scoring", workers)
    workers.kill(second)
    assert rows("score") < ROWS - 1, "killed too late to prove anything"
    assert state() == "running"

    workers.start_worker()
    wait_for(lambda: state() not in ("queued", "running"), "the end of the job", workers)
    assert beat.poll() is None
    with context.sessions() as session:
        job = session.get_one(Job, job_id)
        found = progress(session, job)
        assert (job.state, job.error) == ("succeeded", "")
        assert (found.total, found.done, found.failed) == (ROWS, ROWS - 1, 1)
        per_row = select(func.count(), func.count(func.distinct(Review.external_id))).where(
            Review.workspace_id == workspace_id, Review.scored_by == VERSION
        )
        assert session.execute(per_row).one() == (ROWS - 1, ROWS - 1)
        counted = select(func.sum(DailyFeature.reviews)).where(DailyFeature.workspace_id == workspace_id)
        assert session.scalar(counted) == ROWS - 1
        assert len(heartbeats.live_workers(session)) >= 1


@pytest.mark.timeout(300)
def test_a_broker_that_forgot_everything_costs_only_time(
    context: Context, workspace_id: int, workers: Workers
) -> None:
    """No message is ever sent for this job; the sweep alone finds it."""
    lines = [f"A1,r{n},2026-11-{n % 20 + 1:02d} 09:00:00,发货很快 {n},5" for n in range(120)]
    header = "product_id,review_id,created_at,text,rating"
    job_id = csv_import(context, workspace_id, "reviews", header, lines)
    workers.start("beat", "--loglevel", "WARNING", "--pidfile=")
    workers.start_worker()

    def is_over() -> bool:
        with context.sessions() as session:
            return session.get_one(Job, job_id).state == "succeeded"

    wait_for(is_over, "the end of the job", workers)
