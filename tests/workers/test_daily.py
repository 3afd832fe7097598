from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import features
from storage.features import BASE
from storage.models import Chunk
from storage.progress import progress
from storage.reviews import get_review
from tests.storage.factories import analysis, make_products, make_reviews, make_sales, review_row
from tests.workers.factories import csv_import, work_off
from workers import daily
from workers.context import Context
from workers.daily import last_known_day, rebuild

DAY = date(2026, 6, 1)
HEADER = "product_id,review_id,created_at,text,rating"


def test_whole_days_are_made_anew_through_the_last_day_of_the_data(
    context: Context, workspace_id: int
) -> None:
    with context.sessions.begin() as session:
        first, second = make_products(session, workspace_id, "A", "B")
        make_reviews(
            session,
            workspace_id,
            [
                review_row(first, DAY, analysis=analysis("positive", 0.5), rating=4.0),
                review_row(first, DAY, analysis=analysis("negative", -0.5), rating=2.0),
                review_row(first, DAY),
                review_row(second, date(2026, 6, 3), analysis=analysis()),
            ],
        )
        make_sales(session, workspace_id, second, date(2026, 6, 4), [1])
        assert last_known_day(session, workspace_id) == date(2026, 6, 4)
        for _ in range(2):
            assert rebuild(session, workspace_id, [first]) == 4
        days = features.daily_features(session, workspace_id, first)
        assert [day.day.day for day in days] == [1, 2, 3, 4]
        # The third review is not scored yet: it counts once it is.
        assert (days[0].reviews, days[0].sentiment_mean, days[0].rating_mean) == (2.0, 0.0, 3.0)
        assert (days[1].reviews, days[1].sentiment_mean) == (0.0, None)
        assert days[3].smooth["negative_share_7"] == 0.5
        assert features.daily_features(session, workspace_id, second) == []
        assert set(BASE) <= {column.key for column in type(days[0]).__table__.columns}


def test_a_product_without_reviews_has_no_days_left(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        [product_id] = make_products(session, workspace_id, "A")
        [review_id] = make_reviews(session, workspace_id, [review_row(product_id, DAY, analysis=analysis())])
        assert rebuild(session, workspace_id, [product_id]) == 1
        session.delete(get_review(session, workspace_id, review_id))
        session.flush()
        assert rebuild(session, workspace_id, [product_id]) == 0
        assert features.daily_features(session, workspace_id, product_id) == []


def test_nothing_known_has_no_last_day(context: Context, workspace_id: int) -> None:
    with context.sessions() as session:
        assert last_known_day(session, workspace_id) is None


def test_progress_is_seen_between_the_products_and_a_second_try_goes_on_from_there(
    context: Context, workspace_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily, "AT_ONCE", 2)
    lines = [f"A{number},r{number},2026-06-0{number},好,5" for number in range(1, 6)]
    job_id = csv_import(
        context, workspace_id, "reviews", "product_id,review_id,created_at,text,rating", lines
    )
    seen: list[int] = []
    real = daily.rebuild

    def dies_once(session: Session, workspace: int, part: list[int]) -> int:
        chunk = session.scalars(select(Chunk).where(Chunk.job_id == job_id, Chunk.stage == "daily")).one()
        seen.append(chunk.done)
        if len(seen) == 3:
            raise RuntimeError("no more")
        return real(session, workspace, part)

    monkeypatch.setattr(daily, "rebuild", dies_once)
    work_off(context, job_id)
    with context.sessions.begin() as session:
        session.execute(update(Chunk).where(Chunk.job_id == job_id).values(not_before=None))
    job = work_off(context, job_id)
    assert seen == [0, 2, 4, 4]
    with context.sessions() as session:
        [counted] = [stage for stage in progress(session, job).stages if stage.name == "daily"]
    assert (job.state, counted.total, counted.done) == ("succeeded", 5, 5)
