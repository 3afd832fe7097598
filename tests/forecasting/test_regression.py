from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from forecasting.backtest import run_backtest
from forecasting.checks import SPEC, H, sample_panel
from forecasting.design import Design
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive

PAST = PanelSpec(past=("sentiment",))


def grid_of(panel: pd.DataFrame, spec: PanelSpec) -> Grid:
    return Grid.from_frame(validate_panel(panel, spec), spec)


def loss(panel: pd.DataFrame, spec: PanelSpec, *models: Regression | SeasonalNaive) -> list[float]:
    backtest = run_backtest(models, grid_of(panel, spec), 7, n_windows=6, calibration=0)
    return [float(np.abs(backtest.errors(model.alias, slice(None))).mean()) for model in models]


def test_it_beats_seasonal_naive_where_there_is_a_week_and_a_promotion() -> None:
    naive, ours = loss(sample_panel(days=200, ahead=0), SPEC, SeasonalNaive(), Regression(h=7))
    assert ours < 0.8 * naive


def test_a_promotion_raises_the_forecast_by_about_its_effect() -> None:
    panel = sample_panel(days=300, ahead=H)
    model = Regression(h=H).fit(panel, SPEC)
    ahead = panel.loc[panel["y"].isna(), ["unique_id", "ds"]]
    with_, without = (model.predict(H, ahead.assign(promo=value))["Regression"] for value in (1.0, 0.0))
    assert (with_ / without).median() == pytest.approx(1.5, abs=0.12)


def test_a_real_lead_helps_and_noise_costs_nothing(make_planted: Callable[..., pd.DataFrame]) -> None:
    models = Regression(h=7, alias="without", ignore=("sentiment",)), Regression(h=7, alias="with")
    without, with_ = loss(make_planted(n=1, foretold=[0]), PAST, *models)
    assert with_ < 0.85 * without
    without, with_ = loss(make_planted(n=1), PAST, *models)
    assert with_ < 1.02 * without


def test_contributions_add_up_to_the_forecast() -> None:
    panel = sample_panel(days=150)
    model = Regression(h=H).fit(panel, SPEC)
    parts = model.contributions(model.grid_, H)
    assert np.expm1(parts.total).ravel() == pytest.approx(model.predict(H)["Regression"].to_numpy(), rel=1e-6)
    assert set(parts.effects) == {
        "trend",
        "weekday",
        "season",
        "holiday",
        "shopping_festival",
        "promo",
        "views",
    }


def test_it_ignores_what_it_was_told_to() -> None:
    panel = sample_panel(days=150)
    model = Regression(h=H, ignore=("views",)).fit(panel, SPEC)
    plain = Regression(h=H).fit(panel, PanelSpec(future=("promo",)))
    assert model.predict(H).equals(plain.predict(H))


def test_a_series_forecasts_the_same_in_a_larger_unit() -> None:
    panel = sample_panel(days=150)
    panel["y"] *= 100
    larger = Regression(h=H).fit(panel, SPEC).predict(H)["Regression"]
    panel["y"] /= 100
    smaller = Regression(h=H).fit(panel, SPEC).predict(H)["Regression"]
    assert (larger[2 * H :] / smaller[2 * H :]).to_numpy() == pytest.approx(100, rel=0.1)


def test_no_forecast_exceeds_twice_the_record() -> None:
    panel = sample_panel(days=120)
    panel.loc[panel["y"].isna(), "promo"] = 1e6
    forecast = Regression(h=H).fit(panel, SPEC).predict(H)
    record = panel.groupby("unique_id")["y"].max()
    assert (forecast["Regression"] <= 2 * forecast["unique_id"].map(record) + 1e-6).all()


def test_a_panel_too_short_to_learn_from_falls_back_by_name() -> None:
    model = Regression(h=H).fit(sample_panel(days=18), SPEC)
    assert model.fallbacks_ == dict.fromkeys("abc", "the panel has only 18 days: seasonal naive")
    assert model.predict(H)["Regression"].gt(0).all()


def test_a_longer_horizon_than_learned_is_refused() -> None:
    model = Regression(h=3).fit(sample_panel(days=60), SPEC)
    with pytest.raises(ValueError, match="fitted for 3 days ahead, not 4"):
        model.predict(4)


def test_the_same_panel_in_another_order_learns_the_same_weights() -> None:
    panel = sample_panel(days=150)
    first = Regression(h=H).fit(panel, SPEC)
    second = Regression(h=H).fit(panel.sample(frac=1, random_state=0), SPEC)
    assert np.array_equal(first.coef_, second.coef_)
    assert np.array_equal(first.intercept_, second.intercept_)


def test_a_series_is_forecast_alike_whoever_else_is_in_the_panel_by_name() -> None:
    panel = sample_panel(days=150)
    renamed = panel.assign(unique_id=panel["unique_id"].map({"a": "z", "b": "y", "c": "x"}))
    first = Regression(h=H).fit(panel, SPEC).predict(H)
    second = Regression(h=H).fit(renamed, SPEC).predict(H)
    for old, new in (("a", "z"), ("b", "y"), ("c", "x")):
        before = first.loc[first["unique_id"] == old, "Regression"].to_numpy()
        assert second.loc[second["unique_id"] == new, "Regression"].to_numpy() == pytest.approx(
            before, rel=1e-3
        )


def test_a_shorter_horizon_is_the_start_of_a_longer_one() -> None:
    model = Regression(h=H).fit(sample_panel(days=150), SPEC)
    long, short = model.predict(H), model.predict(3)
    first = long.groupby("unique_id").head(3).reset_index(drop=True)
    pd.testing.assert_frame_equal(short, first)


def test_single_series_panels_work() -> None:
    panel = sample_panel(days=150)
    forecast = Regression(h=H).fit(panel[panel["unique_id"] == "b"], SPEC).predict(H)
    assert len(forecast) == H
    assert forecast["Regression"].between(30, 130).all()


def test_a_festival_seen_once_is_only_partly_believed() -> None:
    days = pd.date_range("2025-01-01", "2025-11-30")
    rng = np.random.default_rng(0)
    boost = 1 + 3.0 * ((days >= "2025-06-16") & (days <= "2025-06-18"))
    parts = [
        pd.DataFrame({"unique_id": uid, "ds": days, "y": rng.poisson(50 * boost).astype(float)})
        for uid in ("a", "b", "c")
    ]
    grid = grid_of(pd.concat(parts), PanelSpec())
    model = Regression(h=7).fit_grid(grid)
    index = Design(grid, 0).names.index("shopping_festival:618")
    effect = model.coef_[:, index].mean() * Design(grid, 0).scale.mean()
    assert 0.02 < effect < 0.5 * np.log(4)


def test_growth_is_followed() -> None:
    days = pd.date_range("2025-01-01", periods=200)
    rng = np.random.default_rng(0)
    rising = rng.poisson(np.linspace(10, 100, 200)).astype(float)
    flat = rng.poisson(50, 200).astype(float)
    panel = pd.concat(
        pd.DataFrame({"unique_id": uid, "ds": days, "y": y})
        for uid, y in (("flat", flat), ("rising", rising))
    )
    forecast = Regression(h=7).fit(panel, PanelSpec()).predict(7).groupby("unique_id")["Regression"].mean()
    assert forecast["flat"] == pytest.approx(50, rel=0.15)
    assert forecast["rising"] == pytest.approx(100, rel=0.2)


def test_intermittent_sales_give_small_but_not_negative_forecasts() -> None:
    days = pd.date_range("2025-01-01", periods=200)
    sold = (np.random.default_rng(0).random(200) < 0.2).astype(float)
    panel = pd.DataFrame({"unique_id": "a", "ds": days, "y": sold})
    forecast = Regression(h=7).fit(panel, PanelSpec()).predict(7)["Regression"]
    assert forecast.between(0, 1).all()


def test_all_zero_sales_are_forecast_as_zero() -> None:
    days = pd.date_range("2025-01-01", periods=100)
    panel = pd.DataFrame({"unique_id": "a", "ds": days, "y": 0.0})
    assert Regression(h=7).fit(panel, PanelSpec()).predict(7)["Regression"].eq(0).all()


def test_splits_of_known_days_are_averaged_over_them() -> None:
    model = Regression(h=H).fit(sample_panel(days=150), SPEC)
    before = model.contributions(model.grid_, H, back=28)
    recent = np.log1p(model.grid_.y[:, -28:]).mean(axis=1)
    assert before.total.mean(axis=1) == pytest.approx(recent, abs=0.15)


def test_past_columns_enter_only_the_last_layer(make_planted: Callable[..., pd.DataFrame]) -> None:
    panel = make_planted(n=2, foretold=[0])
    with_ = Regression(h=7).fit(panel, PAST)
    without = Regression(h=7, ignore=("sentiment",)).fit(panel, PAST)
    assert np.array_equal(with_.coef_, without.coef_)
    assert all(np.array_equal(a, b) for a, b in zip(with_.own_, without.own_, strict=True))
    assert np.any(with_.past_[0][0])
    assert without.past_ == []


def test_elastic_net_gives_columns_of_little_worth_no_weight_at_all() -> None:
    panel = sample_panel(days=200, ahead=0)
    ridge, net = (Regression(h=7, l1_ratio=part).fit(panel, SPEC) for part in (0.0, 0.5))
    useful = ridge.coef_ != 0
    assert (net.coef_[useful] == 0).mean() > 0.3
    naive, ours = loss(panel, SPEC, SeasonalNaive(), Regression(h=7, l1_ratio=0.5))
    assert ours < 0.9 * naive


def test_elastic_net_is_split_by_driver_exactly() -> None:
    model = Regression(h=H, l1_ratio=0.5).fit(sample_panel(days=150), SPEC)
    parts = model.contributions(model.grid_, H)
    assert np.expm1(parts.total).ravel() == pytest.approx(model.predict(H)["Regression"].to_numpy(), rel=1e-6)
