"""Every task, woken in one workspace with the ids of its neighbour: it finds nothing and changes nothing."""

from collections.abc import Callable, Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from sqlalchemy import delete, text
from sqlalchemy.orm import Session, sessionmaker

from settings import Settings
from storage import chunks, jobs, tenancy
from storage.errors import ForeignRow
from storage.models import ForecastRun, Job, Workspace
from tests.storage.factories import (
    analysis,
    make_import,
    make_products,
    make_reviews,
    make_sales,
    make_workspace,
    review_row,
)
from workers.app import create_app
from workers.context import Context

DAY = date(2026, 6, 1)
SECRET = "别人的秘密很差"
# Tasks without an argument: they look for work of all workspaces and do each one's by itself.
ROUNDS = {
    *("workers.tasks.sweep", "workers.tasks.deliver", "workers.tasks.check_alerts"),
    "workers.tasks.nightly_refresh",
    "workers.tasks.weekly_reports",
}

Wake = Callable[[str, Any], None]


@pytest.fixture
def neighbour(sessions: sessionmaker[Session], settings: Settings) -> Iterator[SimpleNamespace]:
    """A workspace with a product, a scored review, sales and an uploaded file."""
    with sessions.begin() as session:
        id = make_workspace(session).id
        [product_id] = make_products(session, id, "P1", description=SECRET)
        row = review_row(product_id, DAY, text=SECRET)
        [review_id] = make_reviews(session, id, [row | {"analysis": analysis("negative", -0.9)}])
        make_sales(session, id, product_id, DAY, [3.0] * 40)
        job = make_import(session, id)
        upload_id, job_id = job.upload_id, job.id
    yield SimpleNamespace(id=id, product=product_id, review=review_id, upload=upload_id, job=job_id)
    with sessions.begin() as session:
        session.execute(delete(Workspace).where(Workspace.id == id))


@pytest.fixture
def wake(settings: Settings, context: Context) -> Wake:
    """Return a function that runs a task by its name, as a worker does."""
    app: Celery = create_app(settings)
    app.composition = SimpleNamespace(context=lambda: context)

    def run(name: str, argument: Any) -> None:
        app.tasks[name](argument)

    return run


def rows_of(sessions: sessionmaker[Session], workspace_id: int) -> dict[str, list[Any]]:
    """Return everything that a workspace owns, as text."""
    with sessions() as session:
        return {
            name: list(
                session.execute(
                    text(f"SELECT t::text FROM {name} AS t WHERE workspace_id = :id ORDER BY 1"),
                    {"id": workspace_id},
                ).scalars()
            )
            for name in sorted(tenancy.owned_tables())
        }


def job_with(sessions: sessionmaker[Session], workspace_id: int, kind: str, stage: str, payload: Any) -> Any:
    """Write down a job whose only chunk names what it must not reach; return the ids of both."""
    with sessions.begin() as session:
        job = Job(workspace_id=workspace_id, kind=kind, stage=stage, params={})
        session.add(job)
        session.flush()
        [chunk] = chunks.add_chunks(session, workspace_id, job.id, stage, [(1, payload)])
        return SimpleNamespace(job=job.id, chunk=chunk.id)


def test_the_walk_knows_every_task(settings: Settings) -> None:
    named = {name for name in create_app(settings).tasks if name.startswith("workers.tasks.")}
    assert named == {name for name, *_ in PAYLOADS} | ROUNDS | {
        "workers.tasks.import_chunk",
        "workers.tasks.undo_import",
        "workers.tasks.run_forecast",
    }


PAYLOADS = [
    ("workers.tasks.score_reviews", "score", "score", lambda near: {"review_ids": [near.review]}),
    ("workers.tasks.score_reviews", "score", "score", lambda near: {"describe": [near.product]}),
    ("workers.tasks.find_suspects", "score", "suspects", lambda near: {"suspects": [near.product]}),
    ("workers.tasks.rebuild_daily", "score", "daily", lambda near: {"daily": [near.product]}),
    ("workers.tasks.rebuild_daily", "import_orders", "daily", lambda near: {"daily": [near.product]}),
    ("workers.tasks.digest_products", "digest", "digest", lambda near: {"digest": near.product}),
    (
        "workers.tasks.digest_products",
        "digest",
        "digest",
        lambda near: {"plan": True, "products": [near.product]},
    ),
    ("workers.tasks.rebuild_daily", "undo", "daily", lambda near: {"daily": [near.product]}),
    ("workers.tasks.export_file", "export", "export", lambda near: {"product_ids": [near.product]}),
    ("workers.tasks.analyze_texts", "analyze", "analyze", lambda near: {"review_ids": [near.review]}),
    ("workers.tasks.train_models", "train", "train", lambda near: {"part": 0, "products": [near.product]}),
    ("workers.tasks.train_models", "train", "forecast", lambda near: {"part": 0}),
]


@pytest.mark.parametrize(("task", "kind", "stage", "payload"), PAYLOADS)
def test_a_chunk_that_names_a_neighbours_rows_finds_none(
    sessions: sessionmaker[Session],
    workspace_id: int,
    neighbour: SimpleNamespace,
    wake: Wake,
    task: str,
    kind: str,
    stage: str,
    payload: Callable[[Any], Any],
) -> None:
    before = rows_of(sessions, neighbour.id)
    made = job_with(sessions, workspace_id, kind, stage, payload(neighbour))
    wake(task, str(made.job) if stage in ("analyze", "train", "forecast") else made.chunk)
    assert rows_of(sessions, neighbour.id) == before
    ours = rows_of(sessions, workspace_id)
    assert SECRET not in str(ours)
    assert [
        name for name in ("reviews", "products", "daily_features", "product_digests", "sales") if ours[name]
    ] == []


def test_an_import_of_a_neighbours_file_reads_nothing(
    sessions: sessionmaker[Session],
    workspace_id: int,
    neighbour: SimpleNamespace,
    wake: Wake,
    settings: Settings,
) -> None:
    settings.uploads_dir.mkdir(parents=True)
    (settings.uploads_dir / "a.csv").write_text(f"product_id,created_at,text\nP1,2026-06-01,{SECRET}\n")
    with sessions.begin() as session:
        job = jobs.create_job(session, workspace_id, "import_reviews", upload_id=neighbour.upload)
        [chunk] = chunks.pending_chunks(session, workspace_id, job.id)
    wake("workers.tasks.import_chunk", chunk.id)
    ours = rows_of(sessions, workspace_id)
    assert ours["reviews"] == ours["products"] == []
    with sessions.begin() as session:
        ended = session.get_one(Job, job.id)
        assert ended.state == "failed"
        session.delete(ended)


def test_an_undo_of_a_neighbours_import_takes_nothing_back(
    sessions: sessionmaker[Session], workspace_id: int, neighbour: SimpleNamespace, wake: Wake
) -> None:
    with sessions.begin() as session:
        session.execute(
            text("UPDATE reviews SET job_id = :job WHERE id = :id"),
            {"job": neighbour.job, "id": neighbour.review},
        )
        session.execute(
            text("UPDATE sales SET job_id = :job WHERE product_id = :id"),
            {"job": neighbour.job, "id": neighbour.product},
        )
    before = rows_of(sessions, neighbour.id)
    made = job_with(sessions, workspace_id, "undo", "undo", {})
    with sessions.begin() as session:
        session.get_one(Job, made.job).params = {"undoes": str(neighbour.job)}
    wake("workers.tasks.undo_import", made.chunk)
    assert rows_of(sessions, neighbour.id) == before
    with sessions() as session:
        assert session.get_one(Job, made.job).state == "succeeded"


def test_a_run_for_a_neighbours_product_fails(
    sessions: sessionmaker[Session], workspace_id: int, neighbour: SimpleNamespace, wake: Wake
) -> None:
    question = {"models": "auto", "horizon": 7, "level": [80], "cutoff": DAY, "feature_version": "data-0"}
    with sessions.begin() as session:
        run = ForecastRun(id=uuid4(), workspace_id=workspace_id, product_id=neighbour.product, **question)
        session.add(run)
    before = rows_of(sessions, neighbour.id)
    wake("workers.tasks.run_forecast", str(run.id))
    with sessions() as session:
        found = session.get_one(ForecastRun, run.id)
        assert (found.state, found.points) == ("failed", [])
        session.delete(found)
        session.commit()
    assert rows_of(sessions, neighbour.id) == before


def test_the_session_of_an_assignment_is_bound(context: Context, workspace_id: int) -> None:
    with context.within(workspace_id).sessions() as session:
        assert tenancy.bound_to(session) == workspace_id
        with pytest.raises(ForeignRow):
            session.execute(text("SELECT * FROM reviews"))
