from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from forecasting.frame import PanelError, PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.lift import measure_lift

SPEC = PanelSpec(past=("sentiment",))


def grid_of(panel: pd.DataFrame, spec: PanelSpec = SPEC) -> Grid:
    return Grid.from_frame(validate_panel(panel, spec), spec)


def test_a_five_day_lead_is_found_where_it_was_planted(make_planted: Callable[..., pd.DataFrame]) -> None:
    foretold = [0, 3, 6]
    lift = measure_lift(grid_of(make_planted(n=12, days=250, foretold=foretold)), ("sentiment",), 7, 8)
    verdicts = [product["verdict"] for product in lift["products"]]
    assert [verdicts[i] for i in foretold] == ["helps"] * 3
    assert set(verdicts) - {"helps"} == {"none"}
    assert verdicts.count("helps") == 3
    best = lift["products"][0]
    assert best["wape_with"] < best["wape_without"]
    assert best["delta_mae"] < 0
    assert best["ci"][0] < best["delta_mae"] < best["ci"][1] < 0


def test_noise_helps_almost_nobody(make_planted: Callable[..., pd.DataFrame]) -> None:
    lift = measure_lift(grid_of(make_planted(n=30, days=200, seed=7)), ("sentiment",), 7, 8)
    products = lift["products"]
    assert sum(product["verdict"] != "none" for product in products) <= 1
    # By themselves, p-values below 5% may be as frequent as they say, not more.
    assert sum(product["p_value"] < 0.05 and product["delta_mae"] < 0 for product in products) <= 3
    assert (lift["columns"], lift["horizon"], lift["windows"]) == (["sentiment"], 7, 8)


def test_fewer_windows_are_used_when_the_history_is_short(make_planted: Callable[..., pd.DataFrame]) -> None:
    assert measure_lift(grid_of(make_planted(n=2, days=100)), ("sentiment",), 7, 8)["windows"] == 6
    with pytest.raises(PanelError, match="3 windows of 7 days need at least 35 days"):
        measure_lift(grid_of(make_planted(n=2, days=30)), ("sentiment",), 7, 8)


def test_unknown_columns_are_named(make_planted: Callable[..., pd.DataFrame]) -> None:
    with pytest.raises(PanelError, match="not among the past columns: mood"):
        measure_lift(grid_of(make_planted(n=1, days=60)), ("mood",))
    with pytest.raises(PanelError, match="no column was given"):
        measure_lift(grid_of(make_planted(n=1, days=60)), ())


def test_other_past_columns_stay_on_both_sides(make_planted: Callable[..., pd.DataFrame]) -> None:
    panel = make_planted(n=2, days=250, foretold=[0])
    panel["copy"] = panel["sentiment"]
    spec = PanelSpec(past=("copy", "sentiment"))
    both = measure_lift(grid_of(panel, spec), ("copy", "sentiment"))["products"][0]
    second = measure_lift(grid_of(panel, spec), ("sentiment",))["products"][0]
    assert both["verdict"] == "helps"
    assert second["verdict"] == "none"
    assert second["wape_without"] == pytest.approx(both["wape_with"], rel=0.1)


def test_a_misleading_column_is_not_called_helpful(make_planted: Callable[..., pd.DataFrame]) -> None:
    panel = make_planted(n=6, days=250, foretold=range(6))
    turned = panel["ds"] > panel["ds"].max() - pd.Timedelta(days=56)
    panel.loc[turned, "sentiment"] *= -1
    products = measure_lift(grid_of(panel), ("sentiment",))["products"]
    assert all(product["verdict"] != "helps" for product in products)
    assert sum(product["delta_mae"] > 0 for product in products) >= 5


def test_q_values_are_benjamini_and_hochbergs(make_planted: Callable[..., pd.DataFrame]) -> None:
    products = measure_lift(grid_of(make_planted(n=8, days=200, foretold=[0, 1])), ("sentiment",))["products"]
    ranked = sorted(products, key=lambda product: product["p_value"])
    least = 1.0
    for rank in range(len(ranked), 0, -1):
        least = min(least, ranked[rank - 1]["p_value"] * len(ranked) / rank)
        assert ranked[rank - 1]["q_value"] == pytest.approx(least)


def test_errors_and_verdicts_are_consistent(make_planted: Callable[..., pd.DataFrame]) -> None:
    lift = measure_lift(grid_of(make_planted(n=6, days=200, foretold=[2])), ("sentiment",))
    for product in lift["products"]:
        better = product["wape_with"] < product["wape_without"]
        assert (product["delta_mae"] < 0) == better
        assert 0 <= product["p_value"] <= product["q_value"] <= 1
        assert product["ci"][0] <= product["delta_mae"] <= product["ci"][1]
        if product["verdict"] != "none":
            assert product["q_value"] < lift["level"]
            assert (product["verdict"] == "helps") == better


def test_a_product_without_sales_in_the_windows_has_no_share_of_error() -> None:
    days = pd.date_range("2025-01-01", periods=150)
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"unique_id": uid, "ds": days, "y": y, "sentiment": rng.normal(size=150)})
        for uid, y in (("dead", np.r_[rng.poisson(9, 50), np.zeros(100)]), ("alive", rng.poisson(9, 150)))
    ]
    alive, dead = measure_lift(grid_of(pd.concat(parts)), ("sentiment",))["products"]
    assert dead["wape_without"] is None
    assert dead["verdict"] == "none"
    assert alive["wape_without"] > 0


@pytest.mark.parametrize("lead", [3, 4, 7])
def test_other_leads_are_found_as_well(make_planted: Callable[..., pd.DataFrame], lead: int) -> None:
    panel = make_planted(n=3, days=250, foretold=[1], lead=lead, seed=3)
    verdicts = [product["verdict"] for product in measure_lift(grid_of(panel), ("sentiment",))["products"]]
    assert verdicts == ["none", "helps", "none"]


def test_sentiment_with_gaps_is_carried_and_still_found(make_planted: Callable[..., pd.DataFrame]) -> None:
    panel = make_planted(n=2, days=250, foretold=[0])
    panel.loc[np.random.default_rng(0).random(len(panel)) < 0.2, "sentiment"] = np.nan
    verdicts = [product["verdict"] for product in measure_lift(grid_of(panel), ("sentiment",))["products"]]
    assert verdicts == ["helps", "none"]


def test_tomorrows_sales_as_a_past_column_gain_nothing(make_planted: Callable[..., pd.DataFrame]) -> None:
    panel = make_planted(n=4, days=200)
    panel["sentiment"] = panel.groupby("unique_id")["y"].shift(-1)
    for product in measure_lift(grid_of(panel), ("sentiment",))["products"]:
        assert product["verdict"] == "none"
        assert product["wape_with"] == product["wape_without"]


def test_a_small_effect_needs_the_windows_before_the_last_ones(
    make_planted: Callable[..., pd.DataFrame],
) -> None:
    panel = make_planted(n=8, days=400, foretold=range(8), strength=0.16)
    lift = measure_lift(grid_of(panel), ("sentiment",))
    short = measure_lift(
        grid_of(panel[panel["ds"] > panel["ds"].max() - pd.Timedelta(days=120)]), ("sentiment",)
    )
    assert (lift["windows"], lift["earlier_windows"]) == (8, 41)
    found = [sum(p["verdict"] == "helps" for p in result["products"]) for result in (lift, short)]
    assert found[0] >= 7
    assert found[0] > found[1]
