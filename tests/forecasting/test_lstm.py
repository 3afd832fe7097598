import numpy as np
import pandas as pd
import pytest
import torch

from forecasting.backtest import run_backtest
from forecasting.checks import SPEC, H, sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.lstm import LSTM
from forecasting.seasonal_naive import SeasonalNaive


def small(**changes: int) -> LSTM:
    return LSTM(h=H, **({"window": 14, "hidden": 8, "max_steps": 40, "batch": 16} | changes))  # type: ignore[arg-type]


def grid(days: int = 150, spec: PanelSpec = SPEC) -> Grid:
    return Grid.from_frame(validate_panel(sample_panel(days=days), spec), spec)


def test_it_learns_more_than_seasonal_naive() -> None:
    models = SeasonalNaive(), small(max_steps=120)
    backtest = run_backtest(models, grid(200), H, n_windows=3, calibration=0)
    naive, ours = (
        np.abs(backtest.errors(m.alias, slice(None)) / backtest.size[:, :, None]).mean() for m in models
    )
    assert ours < 0.85 * naive


def test_the_seed_decides_and_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = small(seed=1).fit_grid(grid()).predict(H)
    assert torch.equal(torch.rand(3), expected)
    assert small(seed=1).fit_grid(grid()).predict(H).equals(first)
    assert not small(seed=2).fit_grid(grid()).predict(H).equals(first)


def test_threads_are_given_back() -> None:
    before = torch.get_num_threads()
    small(threads=1, max_steps=2).fit_grid(grid())
    assert torch.get_num_threads() == before


def test_update_reads_on_without_learning_again() -> None:
    model = small().fit_grid(grid().until(120))
    weights = {name: value.clone() for name, value in model.network_.state_dict().items()}
    before = model.predict(H)["LSTM"].to_numpy()
    model.update(grid())
    assert all(torch.equal(value, weights[name]) for name, value in model.network_.state_dict().items())
    assert model.predict(H)["ds"].min() == grid().cutoff + pd.Timedelta(days=1)
    assert not np.array_equal(model.predict(H)["LSTM"].to_numpy(), before)


def test_learning_and_checking_days_do_not_overlap() -> None:
    early, late = small()._origins(grid())
    assert early.max() + H < late.min()
    assert late.max() + H == grid().length - 1


def test_past_columns_reach_the_encoder_unless_ignored() -> None:
    with_, without = small(max_steps=20).fit_grid(grid()), small(max_steps=20)
    without.ignore = ("views",)
    without.fit_grid(grid())
    assert with_.network_.width == without.network_.width + 1


def test_a_series_that_begins_inside_the_window_is_forecast() -> None:
    panel = sample_panel(days=60)
    young = (panel["unique_id"] == "a") & (panel["ds"] < panel["ds"].min() + pd.Timedelta(days=40))
    forecast = small().fit(panel[~young], SPEC).predict(H).query("unique_id == 'a'")["LSTM"]
    assert forecast.between(1, 20).all()


def test_a_panel_too_short_to_learn_from_falls_back_by_name() -> None:
    model = small().fit(sample_panel(days=25), SPEC)
    assert model.fallbacks_ == dict.fromkeys("abc", "the panel has only 25 days: seasonal naive")


def test_a_longer_horizon_than_learned_is_refused() -> None:
    with pytest.raises(ValueError, match=f"fitted for {H} days ahead, not {H + 1}"):
        small(max_steps=2).fit(sample_panel(days=90, ahead=H + 1), SPEC).predict(H + 1)
