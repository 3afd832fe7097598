from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from forecasting.checks import sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.regression import Regression
from forecasting.twins import OWN, Twins, run_twins

SPEC = PanelSpec(past=("sentiment",))
Make = Callable[..., pd.DataFrame]


def grid_of(panel: pd.DataFrame, spec: PanelSpec = SPEC) -> Grid:
    return Grid.from_frame(validate_panel(panel, spec), spec)


def changed(panel: pd.DataFrame, since: pd.Timestamp) -> pd.DataFrame:
    return panel.assign(sentiment=panel["sentiment"].where(panel["ds"] < since, -9.0))


def test_only_one_twin_sees_the_columns(make_planted: Make) -> None:
    panel = make_planted(n=2, days=200, foretold=[0])
    since = panel["ds"].min() + pd.Timedelta(days=180)
    pairs = [
        run_twins(grid_of(frame), ("sentiment",), 7, [186, 193]) for frame in (panel, changed(panel, since))
    ]
    assert np.array_equal(pairs[0].without, pairs[1].without)
    assert not np.allclose(pairs[0].with_[0], pairs[1].with_[0])


def test_nothing_from_the_cutoff_on_reaches_either(make_planted: Make) -> None:
    panel = make_planted(n=2, days=200, foretold=[0])
    cutoff = panel["ds"].min() + pd.Timedelta(days=186)
    later = changed(panel, cutoff).assign(y=panel["y"].where(panel["ds"] < cutoff, 3.0))
    first, second = (run_twins(grid_of(frame), ("sentiment",), 7, [179, 186]) for frame in (panel, later))
    assert np.array_equal(first.without, second.without)
    assert np.array_equal(first.with_, second.with_)


def test_coefficients_wait_while_the_history_hardly_grows(
    make_planted: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[int] = []
    fit = Twins.fit_grid
    monkeypatch.setattr(Twins, "fit_grid", lambda self, grid: learned.append(grid.length) or fit(self, grid))
    run_twins(grid_of(make_planted(n=1, days=200)), ("sentiment",), 7, list(range(95, 200, 7)))
    assert learned == [95, 116, 137, 158, 186]


def test_a_copy_of_the_sales_says_nothing_new(make_planted: Make) -> None:
    panel = make_planted(n=30, days=200)
    panel["sentiment"] = panel["y"]
    found = run_twins(grid_of(panel), ("sentiment",), 7, list(range(144, 200, 7)))
    errors = [np.abs(found.y - yhat).sum() for yhat in (found.without, found.with_)]
    assert errors[1] > 0.99 * errors[0]


def test_other_past_columns_are_seen_by_both(make_planted: Make) -> None:
    panel = make_planted(n=2, days=250, foretold=[0])
    panel["views"] = panel["sentiment"]
    spec = PanelSpec(past=("views", "sentiment"))
    twins = Twins(ignore=("sentiment",)).fit_grid(grid_of(panel, spec))
    assert twins.grid_.spec.past == ("views", OWN)
    assert np.abs(twins.past_[0][0]).sum() > 3 * np.abs(twins.felt_[0][0]).sum()


def test_a_series_too_short_or_unsold_is_not_corrected(make_planted: Make) -> None:
    panel = make_planted(n=3, days=200, foretold=[0, 1, 2])
    panel = panel[(panel["unique_id"] != "P001") | (panel["ds"] > panel["ds"].max() - pd.Timedelta(days=10))]
    panel.loc[panel["unique_id"] == "P002", "y"] = 0.0
    grid = grid_of(panel)
    without, with_ = Twins(ignore=("sentiment",)).fit_grid(grid).forecast_both(grid, 7)
    assert np.array_equal(without[1:], with_[1:])
    assert not np.array_equal(without[0], with_[0])


def test_without_the_columns_it_is_nearly_the_plain_regression(make_planted: Make) -> None:
    grid = grid_of(make_planted(n=4, days=200))
    without, _ = Twins(ignore=("sentiment",)).fit_grid(grid).forecast_both(grid, 7)
    plain = Regression(h=7, ignore=("sentiment",)).fit_grid(grid).forecast_grid(grid, 7)
    assert without == pytest.approx(plain, rel=0.1)


def test_too_few_days_to_learn_from_correct_nothing() -> None:
    made = grid_of(sample_panel(days=25, ahead=0), PanelSpec(past=("views",)))
    twins = run_twins(made, ("views",), 7, [18])
    assert np.array_equal(twins.without, twins.with_)
