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
from forecasting.lstm import LSTM
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
    return explain(model.fit_grid(ahead), ahead, "b", H).effects


Fitted = tuple[Grid, list[Forecaster]]


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    models = [ARIMA(), Trees(h=H, trees=60), Regression(h=H), LSTM(h=H, max_steps=20), SeasonalNaive()]
    ahead = grid(1.0)
    return ahead, [model.fit_grid(ahead) for model in models]


@pytest.mark.parametrize("alias", ["Regression", "ARIMA", "Trees"])
def test_promotions_ahead_are_the_largest_driver_and_have_the_right_sign(alias: str, fitted: Fitted) -> None:
    model = next(model for model in fitted[1] if model.alias == alias)
    busy, quiet = (explain(model, grid(promo), "b", H).effects for promo in (1.0, 0.0))
    assert max(busy, key=lambda name: abs(busy[name])) == "promo"
    assert busy["promo"] > 100
    assert quiet["promo"] < 0


@pytest.mark.parametrize("model", [Regression(h=H), SeasonalNaive()], ids=lambda model: model.alias)
def test_the_usual_is_about_what_was_sold(model: Forecaster) -> None:
    ahead = grid(0.0)
    usual = explain(model.fit_grid(ahead), ahead, "b", H).usual
    assert usual == pytest.approx(H * ahead.y[1, -28:].mean(), rel=0.1)


def test_a_series_the_regression_could_not_learn_is_explained_by_comparison() -> None:
    ahead = grid(1.0)
    y = ahead.y.copy()
    y[1, :-10] = np.nan
    young = replace(ahead, y=y)
    model = Regression(h=H).fit_grid(young)
    assert "b" in model.fallbacks_
    assert {name for name, effect in explain(model, young, "b", H).effects.items() if effect} == {"trend"}


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
    steps = explain(Regression(h=H).fit_grid(made), made, "a", H).effects
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
    steps = explain(Regression(h=8).fit_grid(made), made, "a", 8).effects
    assert steps["holiday"] == min(steps.values())
    assert steps["holiday"] < -60


@pytest.mark.parametrize("seed", range(4))
def test_effects_of_any_mixture_add_up_to_its_forecast(seed: int, fitted: Fitted) -> None:
    rng = np.random.default_rng(seed)
    ahead, models = fitted
    future, past = ahead.future.copy(), ahead.past.copy()
    future[:, ahead.length :] = rng.integers(0, 2, future[:, ahead.length :].shape)
    past[:, -20:] *= rng.uniform(0.5, 2.0)
    ahead = replace(ahead, future=future, past=past)
    parts = list(zip(rng.dirichlet(np.ones(len(models))), models, strict=True))
    for row, uid in enumerate(ahead.ids):
        total = sum(share * model.forecast_grid(ahead, H)[row].sum() for share, model in parts)
        found = explain_mixture(parts, ahead, uid, H)
        assert found.total == pytest.approx(total)
        alone = [(share, explain(model, ahead, uid, H)) for share, model in parts]
        assert found.usual == pytest.approx(sum(share * each.usual for share, each in alone))
        promo = sum(share * each.effects.get("promo", 0.0) for share, each in alone)
        assert found.effects["promo"] == pytest.approx(promo)


def test_only_a_model_that_reads_past_columns_is_explained_by_them(fitted: Fitted) -> None:
    ahead, models = fitted
    moved = {model.alias for model in models if explain(model, ahead, "c", H).effects.get("views")}
    assert moved - {"Regression"} == {"LSTM", "Trees"}


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
