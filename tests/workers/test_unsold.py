from datetime import date, timedelta

import pytest

from storage import forecasts, sales
from storage.models import ForecastRun
from tests.storage.factories import make_products, make_sales
from workers.context import Context
from workers.forecasts import run_forecast

START = date(2026, 1, 1)
DAYS = 70


@pytest.fixture
def cup(context: Context, workspace_id: int) -> int:
    """A cup that never sold, beside cups that sell 20 a day and pens that sell 2."""
    with context.sessions.begin() as session:
        for number in range(10):
            category, level = ("杯", 20.0) if number % 2 else ("笔", 2.0)
            [id] = make_products(session, workspace_id, f"P{number}", category=category, price=9.0 + number)
            make_sales(session, workspace_id, id, START, [level + day % 3 for day in range(DAYS)], price=9.0)
        return make_products(session, workspace_id, "NEW", category="杯", price=12.0)[0]


def forecast(context: Context, workspace_id: int, product_id: int, **wishes: object) -> ForecastRun:
    with context.sessions.begin() as session:
        run, _ = forecasts.get_or_create_run(session, workspace_id, product_id, **wishes)
    assert run_forecast(context, run.id)
    with context.sessions() as session:
        found = forecasts.get_run(session, workspace_id, run.id)
        assert found.points is not None
        return found


def test_a_product_that_never_sold_is_forecast_from_its_category(
    context: Context, workspace_id: int, cup: int
) -> None:
    run = forecast(context, workspace_id, cup)
    assert (run.state, run.error, run.model) == ("succeeded", "", "Analogues")
    assert [point.ds for point in run.points][:1] == [START + timedelta(days=DAYS)]
    assert len(run.points) == 14
    mean = sum(point.yhat for point in run.points) / 14
    assert mean == pytest.approx(21, rel=0.15)
    assert all(point.bands["lo-80"] < point.yhat < point.bands["hi-80"] for point in run.points)
    assert run.warnings == ["it has never sold: this is what 10 other products say of one like it"]
    assert run.remarks[0]["code"] == "never_sold"
    assert (run.coverage, run.lift, run.drivers) == ({}, None, [])
    with context.sessions() as session:
        assert forecasts.latest_run(session, workspace_id, cup).id == run.id


@pytest.mark.parametrize(
    ("wishes", "code"),
    [({"models": "ARIMA"}, "never_sold_model"), ({"scenario": {"promo": 1.0}}, "never_sold_scenario")],
)
def test_what_needs_sales_is_refused(
    context: Context, workspace_id: int, cup: int, wishes: dict[str, object], code: str
) -> None:
    run = forecast(context, workspace_id, cup, **wishes)
    assert (run.state, run.remarks[0]["code"]) == ("failed", code)
    assert "never sold" in run.error


def test_planned_days_of_a_launch_are_kept(context: Context, workspace_id: int, cup: int) -> None:
    ahead = START + timedelta(days=DAYS)
    with context.sessions.begin() as session:
        days = [{"product_id": cup, "day": ahead + timedelta(days=n), "price": 11.0} for n in range(14)]
        sales.copy_sales(session, workspace_id, days)
    assert forecast(context, workspace_id, cup).state == "succeeded"


def test_one_other_product_is_enough_and_the_band_says_how_little_it_is(
    context: Context, workspace_id: int
) -> None:
    with context.sessions.begin() as session:
        old, new = make_products(session, workspace_id, "A", "B")
        make_sales(session, workspace_id, old, START, [20.0] * DAYS)
    run = forecast(context, workspace_id, new)
    assert run.state == "succeeded"
    assert run.points[0].bands["hi-80"] > 1.5 * run.points[0].yhat


def test_alike_products_come_first_where_not_all_fit(context: Context, workspace_id: int, cup: int) -> None:
    with context.sessions() as session:
        found = sales.alike_products(session, workspace_id, cup, 5)
        everyone = sales.alike_products(session, workspace_id, cup, 50)
    assert len(everyone) == 10
    assert found == everyone[1::2]
