from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
from celery import Celery

from settings import Settings
from storage import chunks, jobs
from storage.models import Job, MarkedDay, Review
from tests.storage.factories import make_products, make_reviews, review_row
from tests.workers.factories import VERSION, SmallArtifacts, csv_import
from workers.app import create_app
from workers.context import Context
from workers.tasks import context_of, depth_of


@pytest.fixture
def app(settings: Settings) -> Iterator[Celery]:
    app = create_app(settings, SmallArtifacts(settings))
    yield app
    context_of(app).sessions.kw["bind"].dispose()


def run(app: Celery, name: str, *args: object) -> None:
    app.tasks[f"workers.tasks.{name}"].apply(args=args).get()


@pytest.mark.parametrize("name", ["import_chunk", "score_reviews", "rebuild_daily"])
def test_a_chunk_that_is_gone_is_no_error(app: Celery, name: str) -> None:
    run(app, name, 987654321)


@pytest.mark.parametrize("name", ["analyze_texts", "train_models", "run_forecast"])
def test_a_job_or_run_that_is_gone_is_no_error(app: Celery, name: str) -> None:
    run(app, name, str(uuid4()))


def test_tasks_carry_a_job_to_its_end(app: Celery, context: Context, workspace_id: int) -> None:
    header = "product_id,review_id,created_at,text"
    job_id = csv_import(context, workspace_id, "reviews", header, ["A1,r1,2026-06-01,好"])
    for name in ("import_chunk", "score_reviews", "find_suspects", "rebuild_daily"):
        with context.sessions() as session:
            [chunk] = chunks.pending_chunks(session, workspace_id, job_id)
        run(app, name, chunk.id)
    with context.sessions() as session:
        assert session.get_one(Job, job_id).state == "succeeded"


def test_texts_are_analysed(app: Celery, context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        job_id = jobs.create_job(session, workspace_id, "analyze", params={"texts": ["差"]}).id
    run(app, "analyze_texts", str(job_id))
    with context.sessions() as session:
        assert session.get_one(Job, job_id).result["analyzer"] == VERSION


def test_the_night_and_the_sweep_start_what_is_to_be_done(
    app: Celery, context: Context, workspace_id: int
) -> None:
    with context.sessions.begin() as session:
        [product_id] = make_products(session, workspace_id, "A1")
        [review_id] = make_reviews(session, workspace_id, [review_row(product_id, date(2026, 6, 1))])
    run(app, "nightly_refresh")
    run(app, "sweep")
    with context.sessions() as session:
        assert session.get(MarkedDay, (date(2026, 11, 11), "双11")) is not None
        assert session.get_one(Review, review_id).scored_by is None
        [job] = jobs.list_jobs(session, workspace_id, kind="score").items
        [chunk] = chunks.pending_chunks(session, workspace_id, job.id)
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        raw = [channel.basic_get("nlp", no_ack=True) for _ in range(depth_of(app, "nlp"))]
    sent = [(message.headers["task"], tuple(message.decode()[0])) for message in raw]
    # Once by the night, once by the sweep that found nobody at work yet.
    assert sent.count(("workers.tasks.score_reviews", (chunk.id,))) == 2
