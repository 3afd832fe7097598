from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from forecasting.backtest import run_backtest
from forecasting.checks import SPEC, H, sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.lstm import LSTM
from forecasting.neural import NeuralForecaster
from forecasting.seasonal_naive import SeasonalNaive

STATIC = PanelSpec(future=("promo",), past=("views",), static=("category",))


def small(**changes: Any) -> NeuralForecaster:
    return LSTM(**({"h": H, "window": 14, "hidden": 8, "max_steps": 40, "batch": 16} | changes))


def grid(days: int = 150, spec: PanelSpec = SPEC) -> Grid:
    panel = sample_panel(days=days)
    panel["category"] = panel["unique_id"].map({"a": "tea", "b": "tea", "c": "coffee"})
    return Grid.from_frame(validate_panel(panel, spec), spec)


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
    assert small(seed=1, threads=1).fit_grid(grid()).predict(H).equals(first)
    assert not small(seed=2).fit_grid(grid()).predict(H).equals(first)


def test_threads_are_given_back() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        small(max_steps=2).fit_grid(grid()).predict(H)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_update_learns_on_from_the_weights_as_they_are() -> None:
    model = small(max_steps=120).fit_grid(grid().until(120))
    before = [value.clone() for value in model.networks_[0].state_dict().values()]
    model.update(grid())
    after = list(model.networks_[0].state_dict().values())
    change = sum(float((a - b).abs().sum()) for a, b in zip(after, before, strict=True))
    assert 0 < change < 0.2 * sum(float(value.abs().sum()) for value in before)
    assert model.predict(H)["ds"].min() == grid().cutoff + pd.Timedelta(days=1)


def test_update_across_two_years_keeps_its_features() -> None:
    model = small(max_steps=4).fit_grid(grid(740).until(700))
    assert np.isfinite(model.update(grid(740)).predict(H)["LSTM"]).all()


def test_learning_and_checking_days_do_not_overlap() -> None:
    early, late = small()._origins(grid())
    assert early.max() + H < late.min()
    assert late.max() + H == grid().length - 1


def test_past_columns_reach_the_encoder_unless_ignored() -> None:
    with_, without = (small(max_steps=2, ignore=names).fit_grid(grid()) for names in ((), ("views",)))
    assert with_.widths_[0] == without.widths_[0] + 1


def test_a_series_that_begins_inside_the_window_is_forecast() -> None:
    panel = sample_panel(days=60)
    young = (panel["unique_id"] == "a") & (panel["ds"] < panel["ds"].min() + pd.Timedelta(days=40))
    forecast = small().fit(panel[~young], SPEC).predict(H).query("unique_id == 'a'")["LSTM"]
    assert forecast.between(1, 20).all()


def test_a_panel_too_short_to_learn_from_falls_back_by_name(tmp_path: Path) -> None:
    model = small().fit(sample_panel(days=25), SPEC)
    assert model.fallbacks_ == dict.fromkeys("abc", "the panel has only 25 days: seasonal naive")
    model.save(tmp_path)
    again = LSTM.load(tmp_path)
    assert again.predict(H).equals(model.predict(H))
    assert again.update(grid()).networks_


def test_a_longer_horizon_than_learned_is_refused() -> None:
    with pytest.raises(ValueError, match=f"fitted for {H} days ahead, not {H + 1}"):
        small(max_steps=2).fit(sample_panel(days=90, ahead=H + 1), SPEC).predict(H + 1)


def test_a_series_alone_is_forecast_as_among_all() -> None:
    model = small(max_steps=10).fit_grid(grid())
    whole = model.forecast_grid(grid(), H)
    for row in range(3):
        assert model.forecast_grid(grid().take([row]), H)[0] == pytest.approx(whole[row], rel=1e-4)


def test_a_series_of_an_unknown_category_is_forecast() -> None:
    model = small(max_steps=10).fit(_with_category(["tea", "tea", "coffee"]), STATIC)
    assert model.networks_[0].embeddings[0].num_embeddings == 3
    other = _with_category(["water", "tea", "coffee"])
    model.see(Grid.from_frame(validate_panel(other, STATIC), STATIC))
    assert np.isfinite(model.predict(H)["LSTM"]).all()


def _with_category(names: list[str]) -> pd.DataFrame:
    panel = sample_panel(days=90)
    panel["category"] = panel["unique_id"].map(dict(zip("abc", names, strict=True)))
    return panel


def test_bands_are_nested_around_the_forecast_and_hold_most_days() -> None:
    whole = grid(260)
    model = small(max_steps=150).fit_grid(whole.until(252))
    bands = model.quantiles(whole.until(252), H)
    median = model.forecast_grid(whole.until(252), H)
    edges = [bands[95][0], bands[80][0], bands[50][0], median, bands[50][1], bands[80][1], bands[95][1]]
    assert (np.diff(np.stack(edges), axis=0) >= 0).all()
    inside = (whole.y[:, 252:] >= bands[95][0]) & (whole.y[:, 252:] <= bands[95][1])
    assert inside.mean() > 0.75


def test_bands_survive_saving_and_are_unknown_for_a_series_that_fell_back(tmp_path: Path) -> None:
    panel = sample_panel(days=90)
    young = (panel["unique_id"] == "a") & (panel["ds"] < panel["ds"].min() + pd.Timedelta(days=85))
    model = small(max_steps=5).fit(panel[~young], SPEC)
    model.save(tmp_path)
    again = LSTM.load(tmp_path).quantiles(model.grid_, H)
    for level, sides in model.quantiles(model.grid_, H).items():
        for side, stored in zip(sides, again[level], strict=True):
            assert np.array_equal(side, stored, equal_nan=True)
            assert np.isnan(side[0]).all()
            assert np.isfinite(side[1:]).all()


def test_bands_of_closed_days_are_zero() -> None:
    panel = sample_panel(days=150).rename(columns={"promo": "shut"})
    panel["shut"] = (panel["ds"].dt.day_of_week == 6).astype(float)
    panel.loc[(panel["shut"] == 1) & panel["y"].notna(), "y"] = 0.0
    model = small(max_steps=5).fit(panel, PanelSpec(future=("shut",)))
    low, high = model.quantiles(model.grid_, H)[95]
    sunday = model.grid_.days(H)[-H:].day_of_week == 6
    assert not high[:, sunday].any()
    assert (high[:, ~sunday] > low[:, ~sunday]).all()


def test_bands_need_no_plan_where_no_column_is_known_ahead() -> None:
    model = small(max_steps=2).fit(sample_panel(days=90, ahead=0), PanelSpec())
    assert all(side.shape == (3, H) for sides in model.quantiles(model.grid_, H).values() for side in sides)


def test_promotions_ahead_raise_the_forecast() -> None:
    panel = sample_panel(days=250)
    model = small(max_steps=200).fit(panel, SPEC)
    ahead = panel.loc[panel["y"].isna(), ["unique_id", "ds"]]
    busy, quiet = (model.predict(H, ahead.assign(promo=value))["LSTM"].sum() for value in (1.0, 0.0))
    assert busy > 1.15 * quiet


def test_a_large_panel_is_learned_from_a_part_spread_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecasting.neural.BLOCK", 2)
    model = small(max_steps=2).fit_grid(grid())
    assert model.forecast_grid(grid(), H).shape == (3, H)
    assert model.scales_.numbers
