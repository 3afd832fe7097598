from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from storage import gauges, jobs
from storage.models import Chunk, ForecastPoint, ForecastRun, Review
from tests.storage.factories import make_model, make_products, make_reviews, make_sales, review_row


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def chunk(session: Session, workspace_id: int, **fields: object) -> None:
    job = jobs.create_job(session, workspace_id, "analyze", params={"texts": ["好"]})
    session.execute(update(Chunk).where(Chunk.job_id == job.id).values(stage="score", **fields))


def test_what_could_be_worked_on_waits_and_what_is_put_off_does_not(
    session: Session, workspace_id: int, now: datetime
) -> None:
    chunk(session, workspace_id, created_at=now - timedelta(seconds=90))
    chunk(
        session, workspace_id, created_at=now - timedelta(seconds=90), not_before=now - timedelta(seconds=30)
    )
    chunk(session, workspace_id, not_before=now + timedelta(hours=1))
    chunk(session, workspace_id, state="running")
    chunk(session, workspace_id, state="done")
    [found] = gauges.waiting(session)
    assert (found.stage, found.pending, found.running) == ("score", 2, 1)
    assert found.oldest_seconds == pytest.approx(90, abs=20)


def test_the_pace_is_of_the_last_minutes(session: Session, workspace_id: int, now: datetime) -> None:
    ended = {"state": "done", "done": 300, "finished_at": now}
    chunk(session, workspace_id, created_at=now - timedelta(seconds=10), **ended)
    chunk(session, workspace_id, created_at=now - timedelta(seconds=30), **ended)
    chunk(
        session,
        workspace_id,
        created_at=now - timedelta(hours=2),
        **ended | {"finished_at": now - timedelta(hours=1)},
    )
    [found] = gauges.pace(session, minutes=10)
    assert (found.mean_seconds, found.rows_per_second) == (pytest.approx(20), pytest.approx(1.0))
    assert found.p95_seconds == pytest.approx(29)


def test_the_share_that_is_uncertain(session: Session, workspace_id: int) -> None:
    assert gauges.abstained(session) is None
    [product_id] = make_products(session, workspace_id, "A1")
    ids = make_reviews(session, workspace_id, [review_row(product_id, date(2026, 6, 1)) for _ in range(5)])
    for id, label in zip(ids[:4], ("uncertain", "positive", "negative", "positive"), strict=True):
        session.execute(update(Review).where(Review.id == id).values(label=label))
    assert gauges.abstained(session) == 0.25


def test_forecasts_are_compared_with_the_days_that_came(
    session: Session, workspace_id: int, now: datetime
) -> None:
    assert gauges.kept(session) == gauges.Kept(0, None, None, None)
    today = now.date()
    [product_id] = make_products(session, workspace_id, "A1")
    first = today - timedelta(days=5)
    make_sales(session, workspace_id, product_id, first, [10, 20, 30])
    model = make_model(session, workspace_id, metrics={"Fengping": {"wape": 0.2}})
    run = ForecastRun(
        workspace_id=workspace_id, product_id=product_id, model_id=model.id, models="auto", horizon=7,
        level=[80], cutoff=first - timedelta(days=1), feature_version="1", state="succeeded",
    )  # fmt: skip
    session.add(run)
    session.flush()
    for day, yhat in enumerate((8.0, 20.0, 20.0, 99.0)):
        bands = {"lo-80": yhat - 5, "hi-80": yhat + 5}
        session.add(ForecastPoint(run_id=run.id, ds=first + timedelta(days=day), yhat=yhat, bands=bands))
    session.flush()
    found = gauges.kept(session)
    assert (found.days, found.wape, found.backtest_wape) == (3, pytest.approx(12 / 60), pytest.approx(0.2))
    assert found.coverage_80 == pytest.approx(2 / 3)
