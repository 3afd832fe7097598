from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import backtests, forecasts, sales
from storage.errors import NotFound
from storage.side_by_side import side_by_side
from tests.storage.factories import make_products, make_workspace

DAY = date(2026, 6, 1)
SPAN = {"start": DAY - timedelta(days=6), "end": DAY}


def test_each_product_has_its_days_newest_run_and_backtest(session: Session, workspace_id: int) -> None:
    first, second = make_products(session, workspace_id, "A1", "A2")
    rows = [{"product_id": first, "day": DAY - timedelta(days=back), "units": 2.0} for back in (0, 1, 9)]
    sales.copy_sales(session, workspace_id, rows)
    plain, _ = forecasts.get_or_create_run(session, workspace_id, first)
    forecasts.save_outcome(
        session, plain, forecasts.Outcome("ARIMA", [{"ds": DAY, "yhat": 3.0, "bands": {}}])
    )
    for scenario, horizon in (({"promo": 1.0}, 14), ({}, 7)):
        other, _ = forecasts.get_or_create_run(
            session, workspace_id, first, scenario=scenario, horizon=horizon
        )
        forecasts.save_outcome(session, other, forecasts.Outcome("ARIMA", []))
    model = {"version": "m", "horizon": 14, "cutoff": DAY, "data_version": 0, "path": "m", "seconds": 1.0}
    for champion in ("Old", "New"):
        found = {"product_id": second, "champion": champion, "metrics": {}, "coverage": {}}
        backtests.add_model(session, workspace_id, model | {"metrics": {}, "params": {}}, [found])
    left, right = side_by_side(session, workspace_id, [second, first], **SPAN)
    assert (left.product.id, left.units, left.run) == (second, {}, None)
    assert left.backtest is not None
    assert left.backtest.champion == "New"
    assert right.units == {DAY: 2.0, DAY - timedelta(days=1): 2.0}
    assert right.run is plain
    assert (right.scored, right.positive, right.negative) == (0, 0, 0)


def test_a_product_of_another_workspace_is_not_there(session: Session, workspace_id: int) -> None:
    [ours] = make_products(session, workspace_id, "A1")
    [theirs] = make_products(session, make_workspace(session).id, "B1")
    with pytest.raises(NotFound, match=str(theirs)):
        side_by_side(session, workspace_id, [ours, theirs], **SPAN)
