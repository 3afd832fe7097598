from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from forecasting.analogues import Analogues
from forecasting.arima import ARIMA
from forecasting.checks import SPEC, H, all_checks, run_checks, sample_panel
from forecasting.exponential import ETS, MSTL, Theta
from forecasting.frame import PanelSpec
from forecasting.grid import Array, Grid
from forecasting.gru import GRU
from forecasting.hybrid import Hybrid
from forecasting.intermittent import ADIDA, TSB, CrostonSBA
from forecasting.lstm import LSTM
from forecasting.model import Forecaster, State
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive
from forecasting.tcn import TCN
from forecasting.trees import Trees

SMALL: dict[str, Any] = {"h": H, "window": 14, "hidden": 4, "max_steps": 20, "batch": 8}


MAKERS: dict[str, Callable[[], Forecaster]] = {
    "SeasonalNaive": SeasonalNaive,
    "Regression": lambda: Regression(h=H),
    "ElasticNet": lambda: Regression(h=H, l1_ratio=0.5),
    **{model.__name__: partial(model, **SMALL) for model in (LSTM, GRU, TCN)},
    "Trees": lambda: Trees(h=H, trees=40),
    "TreesTweedie": lambda: Trees(h=H, trees=40, loss="tweedie"),
    **{
        model.__name__: model
        for model in (ARIMA, Analogues, Hybrid, ETS, Theta, MSTL, CrostonSBA, TSB, ADIDA)
    },
}


@pytest.mark.parametrize("check", list(all_checks()), ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", MAKERS)
def test_every_model_passes_every_check(name: str, check: Callable[..., None], tmp_path: Path) -> None:
    check(MAKERS[name], tmp_path)


class Cheat(SeasonalNaive):
    """Breaks one promise at a time."""

    def __init__(self, alias: str = "Cheat", promise: str = "") -> None:
        self.alias = alias
        self.promise = promise
        if promise == "init":
            self.early_ = 1

    def _learn(self, grid: Grid) -> None:
        self.shift_ = float(np.random.default_rng().random())

    def fit(self, df: pd.DataFrame, spec: object) -> "Cheat":  # type: ignore[override]
        if self.promise == "input":
            df["y"] = df["y"] + 1
        return super().fit(df, SPEC)

    def forecast(self, grid: Grid, h: int) -> Array:
        values = super().forecast(grid, h)
        if self.promise == "seed":
            return values + self.shift_
        if self.promise == "finite":
            return values * np.nan
        if self.promise == "part":
            return values + np.nanmean(grid.y)
        return values

    def forecast_grid(self, grid: Grid, h: int) -> Array:
        values = super().forecast_grid(grid, h)
        return values - 1e4 if self.promise == "negative" else values

    def state(self) -> State:
        return {}, {}


@pytest.mark.parametrize(
    ("promise", "check"),
    [
        ("init", "init_only_stores"),
        ("finite", "forecasts_h_days_of_every_series"),
        ("seed", "is_deterministic_and_blind_to_row_order"),
        ("input", "leaves_its_input_alone"),
        ("part", "forecasts_a_part_as_among_all"),
        ("negative", "never_goes_below_zero"),
    ],
)
def test_a_broken_promise_is_caught_by_its_check(promise: str, check: str, tmp_path: Path) -> None:
    checks = {found.__name__: found for found in all_checks()}
    with pytest.raises(AssertionError):
        checks[check](lambda: Cheat(promise=promise), tmp_path)


def test_run_checks_names_the_check_that_failed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="init_only_stores: "):
        run_checks(lambda: Cheat(promise="init"), tmp_path)


def test_run_checks_accepts_a_good_model(tmp_path: Path) -> None:
    run_checks(SeasonalNaive, tmp_path)


def test_the_sample_panel_knows_promotions_but_no_sales_ahead() -> None:
    panel = sample_panel(days=20, ahead=5)
    ahead = panel[panel["y"].isna()]
    assert len(ahead) == 15
    assert ahead["promo"].notna().all()
    assert ahead["views"].isna().all()


class Leaky(SeasonalNaive):
    """Looks at the whole grid's mean, and keeps a wider view than it was given."""

    seen: ClassVar[list[float]] = []

    def forecast(self, grid: Grid, h: int) -> Array:
        return super().forecast(grid, h) + len(self.seen)

    def _learn(self, grid: Grid) -> None:
        self.seen.append(1.0)


class Forgetful(SeasonalNaive):
    """Loses on disk what it learned."""

    def _learn(self, grid: Grid) -> None:
        self.extra_ = 5.0

    def forecast(self, grid: Grid, h: int) -> Array:
        return super().forecast(grid, h) + getattr(self, "extra_", 0.0)


class Shy(SeasonalNaive):
    """Returns nothing from fit."""

    def fit(self, df: pd.DataFrame, spec: PanelSpec) -> "Shy":
        super().fit(df, spec)
        return Shy()


class Eager(SeasonalNaive):
    """Answers before it has learned."""

    def predict(self, h: int, future: pd.DataFrame | None = None) -> pd.DataFrame:
        if not hasattr(self, "grid_"):
            return pd.DataFrame()
        return super().predict(h, future)


class Stateful(SeasonalNaive):
    """Changes an argument while fitting."""

    def _learn(self, grid: Grid) -> None:
        self.alias = "Changed"


class Short(SeasonalNaive):
    """Leaves out a day."""

    def predict(self, h: int, future: pd.DataFrame | None = None) -> pd.DataFrame:
        return super().predict(h, future).iloc[1:].reset_index(drop=True)


@pytest.mark.parametrize(
    ("make", "check"),
    [
        (Leaky, "is_deterministic_and_blind_to_row_order"),
        (Leaky, "knows_nothing_after_the_cutoff"),
        (Forgetful, "survives_saving"),
        (Shy, "init_only_stores"),
        (Stateful, "init_only_stores"),
        (Eager, "asks_for_fit_first"),
        (Short, "forecasts_h_days_of_every_series"),
    ],
)
def test_each_bad_habit_is_caught(make: Callable[[], Forecaster], check: str, tmp_path: Path) -> None:
    checks = {found.__name__: found for found in all_checks()}
    with pytest.raises(AssertionError):
        checks[check](make, tmp_path)


def test_every_check_has_a_sentence_that_says_what_it_holds() -> None:
    checks = list(all_checks())
    assert all(check.__doc__ for check in checks)
    assert len({check.__name__ for check in checks}) == len(checks) >= 10
