from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from storage import forecasts, sales, scenarios
from storage.errors import NotFound
from tests.storage.factories import analysis, aspect, make_products, make_reviews, make_workspace, review_row

DAY = date(2026, 6, 1)


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    return make_products(session, workspace_id, "A1")[0]


def sell(session: Session, workspace_id: int, product_id: int, day: date, **values: float | None) -> None:
    sales.copy_sales(session, workspace_id, [{"product_id": product_id, "day": day, **values}])


def test_the_range_of_price_and_promotion_is_of_days_that_sold(
    session: Session, workspace_id: int, product_id: int
) -> None:
    assert scenarios.seen(session, workspace_id, product_id) == scenarios.Seen(None, None, None, None, None)
    for back, price, promo in ((3, 39.0, 1.0), (2, 59.0, 0.0), (1, 49.0, None)):
        sell(
            session, workspace_id, product_id, DAY - timedelta(days=back), units=1.0, price=price, promo=promo
        )
    sell(session, workspace_id, product_id, DAY + timedelta(days=5), price=9.0)
    assert scenarios.seen(session, workspace_id, product_id) == scenarios.Seen(39.0, 59.0, 49.0, 0.0, 1.0)


def test_aspects_are_counted_in_four_weeks_beside_the_range_of_a_year(
    session: Session, workspace_id: int, product_id: int
) -> None:
    spoken = [(0, "物流", "negative")] * 2 + [(40, "物流", "negative")] * 5 + [(400, "物流", "negative")]
    spoken += [(3, "质量", "positive"), (60, "包装", "negative"), (0, "物流", "neutral")]
    make_reviews(
        session,
        workspace_id,
        [
            review_row(product_id, DAY - timedelta(days=back))
            | {"analysis": analysis(aspects=[aspect(*about)])}
            for back, *about in spoken
        ],
    )
    assert scenarios.talked_about(session, workspace_id, product_id, DAY) == [
        scenarios.Talk("物流", "negative", count=2, low=0, high=5),
        scenarios.Talk("质量", "positive", count=1, low=1, high=1),
    ]


def test_a_scenario_is_compared_with_the_plain_run_of_the_same_data(
    session: Session, workspace_id: int, product_id: int
) -> None:
    sell(session, workspace_id, product_id, DAY, units=1.0)
    asked, _ = forecasts.get_or_create_run(session, workspace_id, product_id, scenario={"promo": 1.0})
    assert scenarios.base_run(session, asked) is None
    plain, _ = forecasts.get_or_create_run(session, workspace_id, product_id)
    forecasts.get_or_create_run(session, workspace_id, product_id, horizon=7)
    assert scenarios.base_run(session, asked) is plain
    asked.feature_version = "data-older"
    assert scenarios.base_run(session, asked) is None


def test_a_run_is_found_under_its_own_product_alone(
    session: Session, workspace_id: int, product_id: int
) -> None:
    sell(session, workspace_id, product_id, DAY, units=1.0)
    run, _ = forecasts.get_or_create_run(session, workspace_id, product_id)
    assert scenarios.product_run(session, workspace_id, product_id, run.id) is run
    [other] = make_products(session, workspace_id, "A2")
    for workspace, product, id in (
        (workspace_id, other, run.id),
        (make_workspace(session).id, product_id, run.id),
        (workspace_id, product_id, uuid4()),
    ):
        with pytest.raises(NotFound):
            scenarios.product_run(session, workspace, product, id)
