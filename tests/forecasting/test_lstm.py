import numpy as np
import pandas as pd
import pytest
import torch

from forecasting.backtest import run_backtest
from forecasting.checks import SPEC, H, sample_panel
from forecasting.design import Design, PastDesign
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.lstm import LSTM, _Network, _Windows
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


def windows(window: int = 14, h: int = 3) -> _Windows:
    made = grid(days=100)
    return _Windows(Design(made, h), PastDesign(made), window, h)


def test_a_window_holds_the_days_up_to_its_origin_and_none_later() -> None:
    cut = windows()
    batch = cut.batch(np.array([1]), np.array([60]))
    design = cut.design
    sales = (design.log[1, 47:61] - design.level[1, 60]) / design.scale[1]
    assert batch.behind.shape == (1, 14, cut.width)
    assert batch.behind[0, :, 0].numpy() == pytest.approx(sales, abs=1e-5)
    target = (design.log[1, 61:64] - design.level[1, 60]) / design.scale[1]
    assert batch.target[0].numpy() == pytest.approx(target, abs=1e-5)
    assert batch.known.tolist() == [[1.0, 1.0, 1.0]]


def test_the_base_is_the_mean_of_four_same_weekdays() -> None:
    cut = windows()
    design = cut.design
    base = cut.batch(np.array([0]), np.array([60])).base[0].numpy()
    for k in (1, 2, 3):
        days = [60 + k - 7 * week for week in (1, 2, 3, 4)]
        expected = (design.log[0, days].mean() - design.level[0, 60]) / design.scale[0]
        assert base[k - 1] == pytest.approx(expected, abs=1e-5)


def test_days_before_the_first_are_zero_and_days_after_the_last_unknown() -> None:
    cut = windows()
    early = cut.batch(np.array([0]), np.array([5]))
    assert not early.behind[0, :8].any()
    assert early.behind[0, 8:, 1].tolist() == [1.0] * 6
    late = cut.batch(np.array([0]), np.array([98]))
    assert not late.known.any()


def test_unknown_sales_are_flagged_in_the_window_and_left_out_of_the_loss() -> None:
    panel = sample_panel(days=100, ahead=0)
    first = panel["unique_id"] == "a"
    panel.loc[first & (panel["ds"] == panel["ds"].min() + pd.Timedelta(days=58)), "y"] = np.nan
    panel.loc[first & (panel["ds"] == panel["ds"].min() + pd.Timedelta(days=62)), "y"] = np.nan
    made = Grid.from_frame(validate_panel(panel, SPEC), SPEC)
    batch = _Windows(Design(made, 0), PastDesign(made), 14, 3).batch(np.array([0]), np.array([60]))
    assert batch.behind[0, 11, :2].tolist() == [0.0, 0.0]
    assert batch.known.tolist() == [[1.0, 0.0, 1.0]]


def test_the_untrained_network_adds_nothing_to_the_base() -> None:
    network = _Network(5, 4, 8)
    corrections = network(torch.randn(2, 14, 5), torch.randn(2, 3, 4))
    assert corrections.shape == (2, 3)
    assert not corrections.any()


def test_static_columns_reach_the_head() -> None:
    panel = sample_panel(days=90)
    panel["category"] = panel["unique_id"].map({"a": "tea", "b": "tea", "c": "coffee"})
    with_ = PanelSpec(future=("promo",), static=("category",))
    first, second = (small(max_steps=2).fit(panel, spec) for spec in (with_, PanelSpec(future=("promo",))))
    assert first.network_.width_ahead == second.network_.width_ahead + 1


def test_promotions_ahead_raise_the_forecast() -> None:
    panel = sample_panel(days=250)
    model = small(max_steps=200).fit(panel, SPEC)
    ahead = panel.loc[panel["y"].isna(), ["unique_id", "ds"]]
    busy, quiet = (model.predict(H, ahead.assign(promo=value))["LSTM"].sum() for value in (1.0, 0.0))
    assert busy > 1.15 * quiet
