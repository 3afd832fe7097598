from dataclasses import replace

import numpy as np
import pytest

from forecasting.arima import ARIMA
from forecasting.checks import SPEC, H, sample_panel
from forecasting.explain import explain
from forecasting.frame import validate_panel
from forecasting.grid import Grid
from forecasting.model import Forecaster
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive


def grid(promo: float) -> Grid:
    made = Grid.from_frame(validate_panel(sample_panel(days=200), SPEC), SPEC)
    future = made.future.copy()
    future[:, made.length :] = promo
    return replace(made, future=future)


def effects(model: Forecaster, promo: float) -> dict[str, float]:
    ahead = grid(promo)
    return {step["name"]: step["effect"] for step in explain(model.fit_grid(ahead), ahead, "b", H)}


@pytest.mark.parametrize("model", [Regression(h=H), ARIMA(max_order=1)], ids=lambda model: model.alias)
def test_promotions_ahead_are_the_largest_driver_and_have_the_right_sign(model: Forecaster) -> None:
    busy, quiet = effects(model, 1.0), effects(model, 0.0)
    assert next(iter(busy)) == "promo"
    assert busy["promo"] > 100
    assert quiet["promo"] < 0


@pytest.mark.parametrize("model", [Regression(h=H), SeasonalNaive()], ids=lambda model: model.alias)
def test_effects_add_up_to_the_forecast_minus_about_the_usual(model: Forecaster) -> None:
    ahead = grid(0.0)
    total = model.fit_grid(ahead).forecast_grid(ahead, H)[1].sum()
    usual = total - sum(step["effect"] for step in explain(model, ahead, "b", H))
    assert usual == pytest.approx(H * ahead.y[1, -28:].mean(), rel=0.1)


def test_drivers_are_sorted_by_size_and_none_is_zero() -> None:
    steps = explain(Regression(h=H).fit_grid(grid(1.0)), grid(1.0), "b", H)
    sizes = [abs(step["effect"]) for step in steps]
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) > 0
    assert all(isinstance(step["effect"], float) for step in steps)


def test_a_series_the_regression_could_not_learn_is_explained_by_comparison() -> None:
    ahead = grid(1.0)
    y = ahead.y.copy()
    y[1, :-10] = np.nan
    young = replace(ahead, y=y)
    model = Regression(h=H).fit_grid(young)
    assert "b" in model.fallbacks_
    assert [step["name"] for step in explain(model, young, "b", H)] == ["trend"]


def test_a_model_that_ignores_a_past_column_is_explained_without_it() -> None:
    steps = effects(Regression(h=H, ignore=("views",)), 1.0)
    assert "promo" in steps
    assert "views" not in steps
