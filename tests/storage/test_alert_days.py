"""Columns that rules look at, from rows as imports and the analyser leave them."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import Session

from storage import alert_days, alert_rules
from storage.alert_days import Table, last_day_of, product_columns, products_in
from storage.models import Backtest, DailyFeature, ForecastPoint, ForecastRun, MarkedDay
from tests.storage.factories import (
    analysis,
    aspect,
    make_model,
    make_products,
    make_reviews,
    make_sales,
    review_row,
)

DAY = date(2026, 6, 10)
START = DAY - timedelta(days=19)


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    [id] = make_products(session, workspace_id, "A")
    make_sales(session, workspace_id, id, START, [4.0] * 20)
    return id


def columns(session: Session, workspace_id: int, product_id: int, kind: str) -> dict[str, list[float]]:
    found = product_columns(session, workspace_id, [product_id], START, DAY, kind)[product_id]
    assert {len(values) for values in found.values()} == {20}
    return {name: values.tolist() for name, values in found.items()}


def mark(session: Session, day: date, kind: str) -> None:
    session.add(MarkedDay(day=day, name_zh="大促", name_en="Sale", kind=kind))
    session.flush()


def keep_backtest(session: Session, workspace_id: int, product_id: int, cutoff: date) -> Backtest:
    """Keep a backtest of fourteen days after `cutoff`, each with the same forecast."""
    days = [cutoff + timedelta(days=step) for step in range(1, 15)]
    make_model(session, workspace_id, product_id)
    kept = session.query(Backtest).filter_by(product_id=product_id).one()
    kept.cv = [{"ds": str(day), "cutoff": str(cutoff), "yhat": 5.0, "lo-80": 3.0} for day in days]
    session.flush()
    return kept


def keep_forecast(session: Session, workspace_id: int, product_id: int, cutoff: date, **values: Any) -> None:
    """Keep a forecast of ten units for each of the fourteen days after `cutoff`."""
    plain = {"models": "auto", "horizon": 14, "level": [80], "feature_version": "1", "state": "succeeded"}
    question = {"workspace_id": workspace_id, "product_id": product_id, "cutoff": cutoff}
    run = ForecastRun(**question | plain | values)
    days = [cutoff + timedelta(days=step) for step in range(1, 15)]
    run.points = [ForecastPoint(ds=day, yhat=10.0, bands={"lo-80": 7.5}) for day in days]
    session.add(run)
    session.flush()


def test_a_table_fills_what_nobody_wrote_and_drops_what_lies_outside() -> None:
    table = Table(DAY, DAY + timedelta(days=2))
    table.put(7, "units", DAY + timedelta(days=1), 3.0, np.nan)
    table.put(7, "stockout", DAY, None, 0.0)
    for outside in (DAY - timedelta(days=1), DAY + timedelta(days=3)):
        table.put(7, "units", outside, 9.0, np.nan)
    np.testing.assert_array_equal(table.products[7]["units"], [np.nan, 3.0, np.nan])
    np.testing.assert_array_equal(table.products[7]["stockout"], [0.0, 0.0, 0.0])


def test_sales_are_unknown_and_stock_is_full_where_nothing_is_stored(
    session: Session, workspace_id: int
) -> None:
    [id] = make_products(session, workspace_id, "A")
    make_sales(session, workspace_id, id, START, [4.0])
    make_sales(session, workspace_id, id, DAY, [0.0], stockout=1.0)
    said = columns(session, workspace_id, id, "stockout")
    assert (said["units"][0], said["units"][-1]) == (4.0, 0.0)
    assert np.isnan(said["units"][1:-1]).all()
    assert said["stockout"] == [0.0] * 19 + [1.0]
    assert set(said) == {"units", "stockout", "special", "special_ahead"}


def test_shares_become_counts(session: Session, workspace_id: int, product_id: int) -> None:
    shares = {"negative_share": 0.25, "positive_share": None, "suspect_share": 0.3}
    session.add(
        DailyFeature(
            workspace_id=workspace_id, product_id=product_id, day=DAY, reviews=8.0, version="1", **shares
        )
    )
    session.flush()
    said = columns(session, workspace_id, product_id, "negative_share")
    last = {name: said[name][-1] for name in alert_days.SAID}
    assert last == {"reviews": 8.0, "negative": 2.0, "positive": 0.0, "suspects": 2.0}
    assert {said[name][0] for name in alert_days.SAID} == {0.0}


def test_complaints_count_people_and_nameless_ones_each(
    session: Session, workspace_id: int, product_id: int
) -> None:
    bad, good = (analysis(aspects=[aspect("物流", of)]) for of in ("negative", "positive"))
    said = [("li", bad), ("li", bad), ("wang", bad), ("", bad), ("", bad), ("zhao", good)]
    rows = [review_row(product_id, DAY, user_key=who, analysis=of) for who, of in said]
    make_reviews(session, workspace_id, rows)
    assert columns(session, workspace_id, product_id, "aspect_complaints")["complaints:物流"][-1] == 4.0
    assert "complaints:物流" not in columns(session, workspace_id, product_id, "negative_share")


def test_large_promotions_and_festivals_are_special_and_so_is_what_comes(
    session: Session, workspace_id: int, product_id: int
) -> None:
    for day, kind in ((DAY, "festival"), (DAY + timedelta(days=14), "promotion")):
        mark(session, day, kind)
    mark(session, DAY + timedelta(days=15), "promotion")
    mark(session, DAY + timedelta(days=1), "workday")
    said = columns(session, workspace_id, product_id, "stockout")
    assert said["special"] == [0.0] * 19 + [1.0]
    assert said["special_ahead"][-1] == 1.0, "the fourteenth day to come, not the fifteenth nor a plain one"
    assert said["special_ahead"][-2] == 1.0, "today is ahead of yesterday"
    assert said["special_ahead"][0] == 0.0


def test_a_forecast_stands_on_its_days_and_its_sum_on_its_cutoff(
    session: Session, workspace_id: int, product_id: int
) -> None:
    keep_backtest(session, workspace_id, product_id, cutoff := DAY - timedelta(days=15))
    said = columns(session, workspace_id, product_id, "below_band")
    place = (cutoff - START).days
    assert said["ahead"][place] == pytest.approx(70.0)
    assert np.isfinite(said["ahead"]).sum() == 1
    assert said["yhat"][place + 1 : place + 15] == [5.0] * 14
    assert said["low"][place + 1 : place + 15] == [3.0] * 14
    assert np.isnan([said["yhat"][place], said["yhat"][-1], said["low"][-1]]).all()
    assert "yhat" not in columns(session, workspace_id, product_id, "stockout")


def test_the_newer_word_stands_and_a_short_forecast_has_no_sum(
    session: Session, workspace_id: int, product_id: int
) -> None:
    old, new = DAY - timedelta(days=16), DAY - timedelta(days=10)
    kept = keep_backtest(session, workspace_id, product_id, old)
    later = [
        {"ds": str(new + timedelta(days=step)), "cutoff": str(new), "yhat": 8.0, "lo-80": None}
        for step in (-1, 0, 1, 2)
    ]
    kept.cv = [*later, *kept.cv]
    session.flush()
    said = columns(session, workspace_id, product_id, "below_band")
    place = (new - START).days
    assert said["yhat"][place - 1 : place + 4] == [5.0, 5.0, 8.0, 8.0, 5.0], "no day up to its own cutoff"
    assert np.isnan(said["ahead"][place])


def test_a_stored_forecast_counts_as_the_backtests_do(
    session: Session, workspace_id: int, product_id: int
) -> None:
    keep_backtest(session, workspace_id, product_id, DAY - timedelta(days=15))
    keep_forecast(session, workspace_id, product_id, DAY - timedelta(days=2))
    said = columns(session, workspace_id, product_id, "below_band")
    assert (said["yhat"][-4:], said["low"][-1]) == ([5.0, 5.0, 10.0, 10.0], 7.5)
    assert said["ahead"][-3] == pytest.approx(140.0)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "failed"},
        {"models": "Trees"},
        {"scenario_hash": "what if"},
        {"horizon": 7},
        {"cutoff": START - timedelta(days=15)},
        {"cutoff": DAY + timedelta(days=1)},
    ],
)
def test_other_forecasts_are_not_what_was_expected(
    session: Session, workspace_id: int, product_id: int, values: dict[str, Any]
) -> None:
    keep_forecast(session, workspace_id, product_id, **{"cutoff": DAY - timedelta(days=2)} | values)
    assert "yhat" not in columns(session, workspace_id, product_id, "below_band")


def test_rows_of_a_neighbour_are_not_looked_at(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    bad = analysis(aspects=[aspect("物流", "negative")])
    make_reviews(session, workspace_id, [review_row(product_id, DAY, analysis=bad)])
    keep_backtest(session, workspace_id, product_id, DAY - timedelta(days=15))
    keep_forecast(session, workspace_id, product_id, DAY - timedelta(days=2))
    for kind in ("aspect_complaints", "below_band", "stockout"):
        assert product_columns(session, other_id, [product_id], START, DAY, kind) == {}
        assert product_columns(session, workspace_id, [], START, DAY, kind) == {}
    assert last_day_of(session, other_id, "stockout") is None


def test_the_last_day_is_that_of_what_is_looked_at(
    session: Session, workspace_id: int, product_id: int
) -> None:
    assert last_day_of(session, workspace_id, "negative_share") is None
    make_reviews(session, workspace_id, [review_row(product_id, DAY + timedelta(days=3))])
    assert last_day_of(session, workspace_id, "negative_share") == DAY + timedelta(days=3)
    assert {last_day_of(session, workspace_id, kind) for kind in alert_days.OF_SALES} == {DAY}


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ({}, "ABC"),
        ({"category": "手机"}, "AB"),
        ({"category": "手机", "brand": "风和"}, "B"),
        ({"shop": "没有"}, ""),
        ({"category": "", "brand": None}, "ABC"),
    ],
)
def test_a_scope_names_products(
    session: Session, workspace_id: int, other_id: int, scope: dict[str, Any], found: str
) -> None:
    ids = {
        "A": make_products(session, workspace_id, "A", category="手机")[0],
        "B": make_products(session, workspace_id, "B", category="手机", brand="风和")[0],
        "C": make_products(session, workspace_id, "C", category="家电", brand="风和")[0],
    }
    make_products(session, other_id, "D", category="手机")
    values = {"name": "规则", "kind": "stockout", "scope": scope}
    rule = alert_rules.add_rule(session, workspace_id, values)
    assert products_in(session, rule) == [ids[name] for name in found]


def test_named_products_and_those_most_spoken_of(session: Session, workspace_id: int) -> None:
    one, two, three = make_products(session, workspace_id, "A", "B", "C")
    make_reviews(session, workspace_id, [review_row(id, DAY) for id in (three, three, two)])
    values = {"name": "规则", "kind": "stockout", "scope": {"product_ids": [three, one]}}
    assert products_in(session, alert_rules.add_rule(session, workspace_id, values)) == [one, three]
    all_of_them = alert_rules.add_rule(session, workspace_id, {"name": "规则", "kind": "stockout"})
    assert products_in(session, all_of_them, most=2) == [three, two]
