from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from forecasting.backtest import run_backtest
from forecasting.checks import SPEC, H, sample_panel
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
