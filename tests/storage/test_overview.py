from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import overview
from storage.errors import BadCursor
from storage.sales import copy_sales
from tests.storage.factories import (
    analysis,
    make_products,
    make_reviews,
    make_sales,
    review_row,
)

START = date(2026, 6, 8)
END = START + timedelta(days=6)
FAKE = {"is_suspect": True, "reasons": ["template"]}


def on(step: int) -> date:
    return START + timedelta(days=step)


@pytest.fixture
def product_ids(session: Session, workspace_id: int) -> list[int]:
    """Two products over the week of START and the week before, the second one quieter."""
    first, second = make_products(session, workspace_id, "A1", "B2", category="杯")
    make_sales(session, workspace_id, first, on(-7), [1] * 7 + [3] * 7, revenue=10.0, price=5.0)
    make_sales(session, workspace_id, second, on(-7), [2] * 7 + [1] * 7, price=15.0)
    liked, hated = analysis("positive", 0.8), analysis("negative", -0.6)
    rows = [
        review_row(first, on(-1), analysis=hated, rating=1.0),
        review_row(first, on(0), analysis=liked, rating=5.0),
        review_row(first, on(0), analysis=liked, rating=4.0),
        review_row(first, on(2), analysis=hated, rating=1.0),
        review_row(first, on(2), analysis=analysis("positive", 1.0, suspect=FAKE), rating=None),
        review_row(first, on(3), analysis=analysis("uncertain", 0.0), rating=None),
        review_row(first, on(4), rating=None),
        review_row(second, on(1), analysis=analysis("neutral", 0.0), rating=3.0),
    ]
    make_reviews(session, workspace_id, rows)
    return [first, second]


def test_the_data_reaches_as_far_as_reviews_and_known_sales(
    session: Session, workspace_id: int, other_id: int, product_ids: list[int]
) -> None:
    copy_sales(session, workspace_id, [{"product_id": product_ids[0], "day": on(20), "promo": 1.0}])
    whole = overview.data_cutoff(session, workspace_id)
    assert (whole.reviews, whole.sales, whole.first) == (on(4), END, on(-7))
    assert overview.data_cutoff(session, workspace_id, product_ids[1]).reviews == on(1)
    nothing = overview.data_cutoff(session, other_id)
    assert (nothing.reviews, nothing.sales, nothing.first) == (None, None, None)


def test_figures_of_a_week_beside_the_week_before(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    found = overview.kpis(session, workspace_id, product_ids[0], start=START, end=END)
    now, before = found.current, found.previous
    assert (now.reviews, now.scored) == (6, 5)
    assert (now.positive, now.negative, now.neutral, now.uncertain) == (3, 1, 0, 1)
    assert now.net_sentiment == pytest.approx(0.4)
    assert (now.positive_share, now.negative_share) == (pytest.approx(0.6), pytest.approx(0.2))
    assert now.rating_mean == pytest.approx(10 / 3)
    assert (now.units, now.revenue) == (21.0, 70.0)
    assert (before.start, before.end) == (on(-7), on(-1))
    assert (before.units, before.net_sentiment) == (7.0, -1.0)


def test_suspected_fakes_are_left_out_on_request(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    found = overview.kpis(
        session, workspace_id, product_ids[0], start=START, end=END, exclude_suspect=True
    ).current
    assert (found.reviews, found.positive) == (5, 2)


def test_a_year_ago_is_the_same_days_of_the_week(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    previous = overview.kpis(session, workspace_id, start=START, end=END, compare="year").previous
    assert previous.start.weekday() == START.weekday()
    assert START - previous.start == timedelta(days=364)
    assert (previous.units, previous.net_sentiment, previous.reviews) == (None, None, 0)


def test_every_day_has_a_point_and_unknown_is_not_zero(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    points = overview.daily_series(session, workspace_id, product_ids[0], start=START, end=on(8))
    assert [point.day for point in points] == [on(step) for step in range(9)]
    assert [point.units for point in points] == [3.0] * 7 + [None, None]
    assert [point.reviews for point in points] == [2, 0, 2, 1, 1, 0, 0, 0, 0]
    assert [point.negative for point in points][:3] == [0, 0, 1]
    assert points[0].score_mean == pytest.approx(0.8)
    assert points[1].score_mean is None
    # The week that ends with the first day holds the bad review of the day before.
    assert points[0].sentiment_7 == pytest.approx((0.8 + 0.8 - 0.6) / 3)
    assert points[6].sentiment_7 == pytest.approx((0.8 + 0.8 - 0.6 + 1.0 + 0.0) / 5)
    assert points[8].sentiment_7 == pytest.approx((-0.6 + 1.0 + 0.0) / 3)
    assert points[0].price == 5.0


def test_the_workspaces_days_add_up_its_products(
    session: Session, workspace_id: int, other_id: int, product_ids: list[int]
) -> None:
    [point] = overview.daily_series(session, workspace_id, start=START, end=START)
    assert (point.units, point.price, point.reviews) == (4.0, 10.0, 2)
    [nothing] = overview.daily_series(session, other_id, start=START, end=START)
    assert (nothing.units, nothing.reviews, nothing.sentiment_7) == (None, 0, None)


def test_a_line_per_product(session: Session, workspace_id: int, product_ids: list[int]) -> None:
    page = overview.product_rows(session, workspace_id, start=START, end=END)
    first, second = page.items
    assert first.product.external_id == "A1"
    assert (first.units, first.previous_units, first.reviews) == (21.0, 7.0, 6)
    assert (first.net_sentiment, first.previous_net_sentiment) == (pytest.approx(0.4), pytest.approx(-1.0))
    assert first.units_spark == [3.0] * 7
    assert first.sentiment_spark[0] == pytest.approx(0.8)
    assert first.sentiment_spark[1] is None
    assert (first.forecast_units, first.verdict) == (None, None)
    assert (second.units, second.net_sentiment, second.previous_net_sentiment) == (7.0, 0.0, None)
    assert page.next is None


def names(session: Session, workspace_id: int, **wanted: object) -> list[str]:
    page = overview.product_rows(session, workspace_id, start=START, end=END, **wanted)
    return [row.product.external_id for row in page.items]


def test_lines_are_sorted_with_unknown_last_either_way(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    make_products(session, workspace_id, "C3")
    assert names(session, workspace_id, sort="units") == ["A1", "B2", "C3"]
    assert names(session, workspace_id, sort="units", descending=False) == ["B2", "A1", "C3"]
    assert names(session, workspace_id, sort="change") == ["A1", "B2", "C3"]
    assert names(session, workspace_id, sort="net_sentiment", descending=False) == ["B2", "A1", "C3"]
    assert names(session, workspace_id, sort="reviews", descending=False) == ["C3", "B2", "A1"]
    assert names(session, workspace_id, sort="title") == ["C3", "B2", "A1"]
    with pytest.raises(ValueError, match="colour"):
        names(session, workspace_id, sort="colour")


def test_lines_are_searched_and_paged(
    session: Session, workspace_id: int, other_id: int, product_ids: list[int]
) -> None:
    assert names(session, workspace_id, query="b2") == ["B2"]
    assert names(session, workspace_id, category="壶") == []
    assert names(session, other_id) == []
    page = overview.product_rows(session, workspace_id, start=START, end=END, limit=1)
    assert names(session, workspace_id, cursor=page.next, limit=1) == ["B2"]
    with pytest.raises(BadCursor):
        names(session, workspace_id, cursor="nonsense")
