from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import forecasts
from storage.errors import BadCursor
from storage.forecasts import Outcome
from storage.product_rows import ProductRow, product_rows
from tests.storage.factories import (
    analysis,
    make_model,
    make_products,
    make_reviews,
    make_sales,
    review_row,
)

START = date(2026, 6, 8)
END = START + timedelta(days=1)


def rows_of(session: Session, workspace_id: int, **wanted: object) -> list[ProductRow]:
    return product_rows(session, workspace_id, start=START, end=END, **wanted).items


def names(session: Session, workspace_id: int, **wanted: object) -> list[str]:
    return [row.product.external_id for row in rows_of(session, workspace_id, **wanted)]


def forecast(session: Session, workspace_id: int, product_id: int, yhat: float, **wishes: object) -> None:
    run, _ = forecasts.get_or_create_run(session, workspace_id, product_id, **wishes)
    points = [
        {"ds": END + timedelta(days=n), "yhat": yhat, "bands": {"lo-80": yhat - 1, "hi-80": yhat + 2}}
        for n in (1, 2)
    ]
    forecasts.save_outcome(session, run, Outcome("ARIMA", points))


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    [id] = make_products(session, workspace_id, "A1", category="杯", shop="天猫")
    make_sales(session, workspace_id, id, START - timedelta(days=3), [100, 1, 2, 3, 4, 100])
    return id


def test_the_days_before_are_as_many_as_the_days(
    session: Session, workspace_id: int, product_id: int
) -> None:
    rows = [
        review_row(product_id, START - timedelta(days=3), analysis=analysis()),
        review_row(product_id, START - timedelta(days=2), analysis=analysis("negative", -1.0)),
        review_row(product_id, END, analysis=analysis("positive", 0.5)),
        review_row(product_id, END, analysis=analysis("neutral", 0.0)),
        review_row(product_id, END),
    ]
    make_reviews(session, workspace_id, rows)
    [row] = rows_of(session, workspace_id)
    assert (row.units, row.previous_units, row.units_spark) == (7.0, 3.0, [3.0, 4.0])
    assert (row.reviews, row.net_sentiment, row.previous_net_sentiment) == (3, 0.5, -1.0)
    assert row.sentiment_spark == [None, pytest.approx(0.25)]


def test_only_the_plain_forecast_of_the_default_horizon_is_shown(
    session: Session, workspace_id: int, product_id: int
) -> None:
    forecast(session, workspace_id, product_id, 50.0, horizon=7)
    forecast(session, workspace_id, product_id, 60.0, models="ARIMA")
    forecast(session, workspace_id, product_id, 70.0, scenario={"promo": 1})
    forecasts.get_or_create_run(session, workspace_id, product_id)
    [row] = rows_of(session, workspace_id)
    assert (row.forecast_units, row.forecast_low, row.forecast_high) == (None, None, None)
    forecast(session, workspace_id, product_id, 5.0)
    [row] = rows_of(session, workspace_id)
    assert (row.forecast_units, row.forecast_low, row.forecast_high) == (10.0, 8.0, 14.0)


def test_the_direction_is_that_of_the_newest_plain_forecast(
    session: Session, workspace_id: int, product_id: int
) -> None:
    for p_up, scenario in ((0.7, {}), (0.2, {"promo": 1})):
        run, _ = forecasts.get_or_create_run(session, workspace_id, product_id, scenario=scenario)
        said = {"p_up": p_up, "brier": 0.2, "brier_base": 0.25}
        forecasts.save_outcome(session, run, Outcome("ARIMA", [], direction=said))
    [row] = rows_of(session, workspace_id)
    assert row.p_up == 0.7


@pytest.mark.parametrize("brier", [0.25, 0.3, None])
def test_the_base_rate_of_all_products_is_no_direction_of_one(
    session: Session, workspace_id: int, product_id: int, brier: float | None
) -> None:
    run, _ = forecasts.get_or_create_run(session, workspace_id, product_id)
    said = {"p_up": 0.33, "brier": brier, "brier_base": brier and 0.25}
    forecasts.save_outcome(session, run, Outcome("ARIMA", [], direction=said))
    [row] = rows_of(session, workspace_id)
    assert (row.forecast_units, row.p_up) == (None, None)


def test_of_two_plain_forecasts_the_newest_is_shown(
    session: Session, workspace_id: int, product_id: int
) -> None:
    forecast(session, workspace_id, product_id, 5.0)
    make_sales(session, workspace_id, product_id, END + timedelta(days=2), [1])
    forecast(session, workspace_id, product_id, 9.0)
    [row] = rows_of(session, workspace_id)
    assert row.forecast_units == 18.0


def test_the_verdict_is_the_newest_models(session: Session, workspace_id: int, product_id: int) -> None:
    make_model(session, workspace_id, product_id, lift={"verdict": "helps"})
    assert rows_of(session, workspace_id)[0].verdict == "helps"
    make_model(session, workspace_id, product_id, lift=None)
    assert rows_of(session, workspace_id)[0].verdict is None


def test_change_is_relative_and_unknown_after_nothing(
    session: Session, workspace_id: int, product_id: int
) -> None:
    grown, new, stopped = make_products(session, workspace_id, "B2", "C3", "D4")
    before = START - timedelta(days=2)
    make_sales(session, workspace_id, grown, before, [1, 0, 4, 0])
    make_sales(session, workspace_id, new, before, [0, 0, 9, 9])
    make_sales(session, workspace_id, stopped, before, [5, 5, 0, 0])
    assert names(session, workspace_id, sort="change") == ["B2", "A1", "D4", "C3"]
    assert names(session, workspace_id, sort="change", descending=False) == ["D4", "A1", "B2", "C3"]


def test_products_without_data_keep_their_order_across_pages(session: Session, workspace_id: int) -> None:
    wanted = [f"P{n}" for n in range(5)]
    make_products(session, workspace_id, *wanted)
    seen, cursor = [], None
    while True:
        page = product_rows(session, workspace_id, start=START, end=END, cursor=cursor, limit=2)
        seen += [row.product.external_id for row in page.items]
        if (cursor := page.next) is None:
            break
    assert seen == wanted
    assert page.items[0].units_spark == [None, None]
    assert (page.items[0].units, page.items[0].reviews) == (None, 0)


def test_lines_are_searched_within_their_workspace(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    make_products(session, workspace_id, "B2", category="壶", shop="京东")
    make_products(session, other_id, "A1", category="杯")
    assert names(session, workspace_id, category="杯") == ["A1"]
    assert names(session, workspace_id, shop="京东") == ["B2"]
    assert names(session, workspace_id, category="杯", shop="京东") == []
    assert names(session, workspace_id, query="%") == []
    [theirs] = rows_of(session, other_id)
    assert (theirs.product.workspace_id, theirs.units) == (other_id, None)


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_bounds(session: Session, workspace_id: int, limit: int) -> None:
    with pytest.raises(ValueError, match=str(limit)):
        rows_of(session, workspace_id, limit=limit)


def test_an_unknown_order_and_a_foreign_cursor_are_refused(session: Session, workspace_id: int) -> None:
    with pytest.raises(ValueError, match="colour"):
        rows_of(session, workspace_id, sort="colour")
    with pytest.raises(BadCursor, match="nonsense"):
        rows_of(session, workspace_id, cursor="nonsense")
