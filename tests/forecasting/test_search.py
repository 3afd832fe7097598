from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecasting.frame import PanelError, PanelSpec, validate_panel
from forecasting.grid import Array, Grid
from forecasting.model import Forecaster, State
from forecasting.search import LATER, METHODS, search
from forecasting.search_space import Choice, Span

H = 7
SPEC = PanelSpec()
SPACE = {"level": Span(1.0, 100.0, log=True), "broken": Choice((False,))}


class Level(Forecaster):
    """Forecasts its parameter, whatever it sees."""

    def __init__(self, level: float = 2.0, broken: bool = False, alias: str = "Level") -> None:
        self.level = level
        self.broken = broken
        self.alias = alias

    def _learn(self, grid: Grid) -> None:
        if self.broken:
            raise ValueError("this cannot be learned")

    def forecast(self, grid: Grid, h: int) -> Array:
        return np.full((len(grid.ids), h), self.level)

    def state(self) -> State:
        return {}, {}

    def restore(self, meta: dict[str, Any], arrays: dict[str, Array]) -> None:
        pass


def panel(days: int = 70, late: float = 30.0) -> pd.DataFrame:
    """Ten a day, and something else in the windows after the search."""
    y = np.full(days, 10.0)
    y[-LATER * H :] = late
    return pd.DataFrame({"unique_id": "a", "ds": pd.date_range("2026-01-05", periods=days), "y": y})


@pytest.mark.parametrize("method", METHODS)
def test_the_best_parameters_are_found(method: str) -> None:
    result = search(Level, SPACE, panel(late=10.0), SPEC, H, method, trials=15)
    assert result.best["level"] == pytest.approx(10, rel=0.35)
    assert result.gain > 0.5
    assert result.log[0]["params"] == {}
    assert result.log[0]["error"] == pytest.approx(0.8)
    assert all(len(row["wape"]) == 3 and row["state"] == "complete" for row in result.log)
    assert [row["trial"] for row in result.log] == list(range(len(result.log)))


def test_a_grid_ends_when_it_is_exhausted() -> None:
    assert len(search(Level, SPACE, panel(), SPEC, H, "grid", trials=50).log) == 1 + 3


def test_the_same_seed_tries_the_same_and_another_does_not() -> None:
    first, again, other = (
        [row["params"] for row in search(Level, SPACE, panel(), SPEC, H, trials=5, seed=seed).log]
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_what_comes_after_the_inner_windows_decides_nothing_but_the_gain() -> None:
    calm, turned = (search(Level, SPACE, panel(late=late), SPEC, H, trials=8) for late in (10.0, 3.0))
    assert calm.best == turned.best
    assert [row["wape"] for row in calm.log] == [row["wape"] for row in turned.log]
    assert calm.gain > 0.5
    assert turned.gain < 0
    assert turned.chosen > turned.default


def test_a_trial_that_breaks_costs_only_itself() -> None:
    result = search(Level, {"broken": Choice((True, False))}, panel(), SPEC, H, "grid", trials=2)
    assert sorted(row["state"] for row in result.log) == ["complete", "complete", "failed"]
    failed = next(row for row in result.log if row["state"] == "failed")
    assert failed["reason"] == "ValueError: this cannot be learned"


def test_defaults_that_nothing_beats_stay() -> None:
    result = search(Level, {"level": Choice((50.0, 60.0))}, panel(), SPEC, H, "grid", trials=2)
    assert result.best == {}
    assert (result.chosen, result.gain) == (result.default, 0.0)


def test_a_grid_of_arrays_can_be_given() -> None:
    grid = Grid.from_frame(validate_panel(panel(), SPEC), SPEC)
    by_grid, by_frame = (search(Level, SPACE, data, SPEC, H, trials=3) for data in (grid, panel()))
    assert by_grid.best == by_frame.best


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"method": "luck"}, "unknown method 'luck'; there are: grid, random, bayes"),
        ({"trials": 0}, "trials must be at least 1"),
        ({"n_windows": 9}, "need at least"),
    ],
)
def test_wrong_wishes_are_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(PanelError, match=message):
        search(Level, SPACE, panel(), SPEC, H, **wrong)


def test_sales_of_nothing_have_no_error_to_search_by() -> None:
    with pytest.raises(PanelError, match="nothing was sold"):
        search(Level, SPACE, panel().assign(y=0.0), SPEC, H, trials=1)
