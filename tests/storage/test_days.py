from datetime import date, timedelta

from sqlalchemy.orm import Session

from storage.days import Cutoff, daily_series, history
from storage.overview import data_cutoff
from storage.sales import copy_sales
from tests.storage.factories import analysis, make_products, make_reviews, make_sales, review_row

FIRST = date(2026, 5, 25)
FAKE = {"is_suspect": True, "reasons": ["template"]}


def on(step: int) -> date:
    return FIRST + timedelta(days=step)


def fill(session: Session, workspace_id: int, product_id: int) -> None:
    """Ten days of sales over the end of a month, a day that is only planned, and reviews."""
    sold = {"revenue": 9.5, "price": 5.25, "promo": 1.0, "stockout": 0.0}
    make_sales(session, workspace_id, product_id, on(0), range(10), **sold)
    copy_sales(session, workspace_id, [{"product_id": product_id, "day": on(20), "promo": 1.0}])
    bad = analysis("negative", -0.6, suspect=FAKE)
    rows = [
        review_row(product_id, on(-3), analysis=bad),
        review_row(product_id, on(2), analysis=analysis()),
        review_row(product_id, on(2)),
        review_row(product_id, on(12), analysis=analysis()),
    ]
    make_reviews(session, workspace_id, rows)


def test_the_history_says_what_the_questions_for_some_days_say(
    session: Session, workspace_id: int, other_id: int
) -> None:
    [product_id] = make_products(session, workspace_id, "A")
    [foreign] = make_products(session, other_id, "A")
    for owner, id in ((workspace_id, product_id), (other_id, foreign)):
        fill(session, owner, id)
    found = history(session, workspace_id, product_id)
    assert found.cutoff == data_cutoff(session, workspace_id, product_id) == Cutoff(on(12), on(9), on(-3))
    for start, end in ((on(-3), on(12)), (on(1), on(4)), (on(10), on(25))):
        asked = daily_series(session, workspace_id, product_id, start=start, end=end)
        assert found.series(start, end) == asked
    assert found.suspects == 1
    assert history(session, workspace_id, foreign).said == {}


def test_the_newest_reviews_lie_in_the_days_from_one_on(session: Session, workspace_id: int) -> None:
    [product_id] = make_products(session, workspace_id, "A")
    assert history(session, workspace_id, product_id).newest(1) is None
    assert history(session, workspace_id, product_id).cutoff == Cutoff(None, None, None)
    fill(session, workspace_id, product_id)
    found = history(session, workspace_id, product_id)
    assert [found.newest(n) for n in (1, 2, 3, 4, 500)] == [on(12), on(2), on(2), on(-3), on(-3)]
