import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.arima import ARIMA
from forecasting.checks import SPEC, H, sample_panel
from forecasting.explain import explain, explain_mixture
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.model import Forecaster
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive
from forecasting.trees import Trees


def grid(promo: float) -> Grid:
    made = Grid.from_frame(validate_panel(sample_panel(days=200), SPEC), SPEC)
    future = made.future.copy()
    future[:, made.length :] = promo
    return replace(made, future=future)


def effects(model: Forecaster, promo: float) -> dict[str, float]:
    ahead = grid(promo)
    return {step["name"]: step["effect"] for step in explain(model.fit_grid(ahead), ahead, "b", H)}


@pytest.mark.parametrize(
    "model", [Regression(h=H), ARIMA(), Trees(h=H, trees=60)], ids=lambda model: model.alias
)
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


def test_a_dearer_price_is_named_with_its_loss() -> None:
    rng = np.random.default_rng(0)
    days = pd.date_range("2025-01-01", periods=200 + H)
    price = rng.choice([8.0, 10.0, 12.0], len(days))
    price[-H:] = 12.0
    y = rng.poisson(600 / price**1.2).astype(float)
    y[-H:] = np.nan
    panel = pd.DataFrame({"unique_id": "a", "ds": days, "y": y, "price": price})
    spec = PanelSpec(future=("price",))
    made = Grid.from_frame(validate_panel(panel, spec), spec)
    steps = {s["name"]: s["effect"] for s in explain(Regression(h=H).fit_grid(made), made, "a", H)}
    assert steps["price"] < -10
    assert abs(steps["price"]) == max(map(abs, steps.values()))


def test_a_holiday_ahead_is_named() -> None:
    days = pd.date_range("2023-01-02", "2025-01-27")
    rng = np.random.default_rng(0)
    spring = [dt.date(2023, 1, 21), dt.date(2024, 2, 9), dt.date(2025, 1, 28)]
    closed = np.array([any(0 <= (day.date() - first).days < 8 for first in spring) for day in days])
    parts = [
        pd.DataFrame({"unique_id": uid, "ds": days, "y": rng.poisson(np.where(closed, 8, 60)).astype(float)})
        for uid in ("a", "b", "c", "d")
    ]
    made = Grid.from_frame(validate_panel(pd.concat(parts), PanelSpec()), PanelSpec())
    steps = {s["name"]: s["effect"] for s in explain(Regression(h=8).fit_grid(made), made, "a", 8)}
    assert steps["holiday"] == min(steps.values())
    assert steps["holiday"] < -60


def test_a_mixture_is_explained_by_the_weighted_mean_of_its_parts() -> None:
    ahead = grid(1.0)
    models = [Regression(h=H).fit_grid(ahead), Trees(h=H, trees=60).fit_grid(ahead)]
    mixed = {
        s["name"]: s["effect"] for s in explain_mixture([(0.25, models[0]), (0.75, models[1])], ahead, "b", H)
    }
    first, second = ({s["name"]: s["effect"] for s in explain(model, ahead, "b", H)} for model in models)
    assert mixed["promo"] == pytest.approx(0.25 * first["promo"] + 0.75 * second["promo"])


@pytest.mark.parametrize("loss", ["absolute", "tweedie", "poisson"])
def test_shapley_values_of_the_trees_add_up_to_their_forecast(loss: str) -> None:
    ahead = grid(1.0)
    model = Trees(h=H, trees=60, loss=loss).fit_grid(ahead)
    for row in range(3):
        alone = ahead.take([row])
        parts = model.contributions(alone, H)
        total = parts.pop("total")
        assert total == pytest.approx(sum(parts.values()))
        assert total == pytest.approx(model.forecast_grid(alone, H).sum(), rel=1e-6)
