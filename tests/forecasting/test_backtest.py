import numpy as np
import pandas as pd
import pytest

from forecasting.backtest import cross_validation, run_backtest, window_starts
from forecasting.checks import SPEC, sample_panel
from forecasting.frame import PanelError, PanelSpec, validate_panel
from forecasting.grid import Array, Grid
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive


class Recorder(SeasonalNaive):
    """Seasonal naive that remembers every grid it was shown."""

    def __init__(self) -> None:
        self.alias = "Recorder"
        self.seen: list[Grid] = []

    def forecast(self, grid: Grid, h: int) -> Array:
        self.seen.append(grid)
        return super().forecast(grid, h)


def grid(days: int = 150) -> Grid:
    return Grid.from_frame(validate_panel(sample_panel(days=days, ahead=0), SPEC), SPEC)


def test_windows_are_consecutive_and_end_at_the_last_day() -> None:
    assert window_starts(100, 14, 3) == [58, 72, 86]
    cv = cross_validation([SeasonalNaive()], sample_panel(days=120, ahead=0), SPEC, 7, 3)
    assert len(cv) == 3 * 3 * 7
    assert cv["ds"].max() == grid(120).cutoff
    assert ((cv["ds"] - cv["cutoff"]).dt.days.between(1, 7)).all()
    one = cv.query("unique_id == 'a'")
    assert one["ds"].diff().dropna().eq(pd.Timedelta(days=1)).all()
    assert one["cutoff"].nunique() == 3


def test_a_short_panel_is_refused_with_what_it_would_need() -> None:
    with pytest.raises(
        PanelError, match="3 windows of 14 days need at least 56 days of history, the panel has 50"
    ):
        window_starts(50, 14, 3)
    with pytest.raises(PanelError, match="at least 1"):
        window_starts(50, 0, 3)


def test_no_sale_and_no_past_value_after_a_cutoff_reaches_a_model() -> None:
    recorder = Recorder()
    backtest = run_backtest([recorder], grid(), 7, n_windows=3)
    assert len(recorder.seen) == 7
    for start, seen in zip(backtest.starts, recorder.seen, strict=True):
        assert seen.y.shape[1] == start
        assert seen.past.shape[1] == start
        assert seen.future.shape[1] >= start + 7


def test_a_feature_whose_row_of_tomorrow_holds_tomorrows_sales_earns_nothing_when_it_is_past() -> None:
    panel = sample_panel(days=250, ahead=0)
    panel["canary"] = panel["y"]
    losses = []
    for spec in (PanelSpec(), PanelSpec(past=("canary",)), PanelSpec(future=("canary",))):
        checked = Grid.from_frame(validate_panel(panel, spec), spec)
        backtest = run_backtest([Regression(h=7)], checked, 7, n_windows=5, calibration=0)
        errors = np.abs(backtest.errors("Regression", slice(None))) / backtest.size[:, :, None]
        losses.append(errors.mean())
    without, past, leaked = losses
    assert past > 0.97 * without
    assert leaked < 0.9 * without


def test_calibration_windows_come_before_and_are_not_reported() -> None:
    backtest = run_backtest([SeasonalNaive()], grid(), 7, n_windows=2, calibration=4)
    assert (len(backtest.starts), backtest.calibration) == (6, 4)
    backtest.add_bands("SeasonalNaive", [80])
    assert backtest.to_frame()["cutoff"].nunique() == 2
    assert run_backtest([SeasonalNaive()], grid(78), 7, n_windows=2).calibration == 1


def test_bands_of_a_window_only_use_what_was_over_by_its_cutoff() -> None:
    calm = run_backtest([SeasonalNaive()], grid(), 7, n_windows=3)
    wild = run_backtest([SeasonalNaive()], grid(), 7, n_windows=3)
    wild.y[-2] += 500.0
    for backtest in (calm, wild):
        backtest.add_bands("SeasonalNaive", [80])
    high, wild_high = (b.bands["SeasonalNaive"][80][1] for b in (calm, wild))
    assert np.array_equal(high[-3:-1], wild_high[-3:-1])
    assert (wild_high[-1] > high[-1]).all()


def test_without_earlier_windows_bands_come_from_the_history() -> None:
    cv = cross_validation([SeasonalNaive()], sample_panel(days=35, ahead=0), SPEC, 7, 3)
    assert (cv["SeasonalNaive-hi-80"] > cv["SeasonalNaive-lo-80"]).mean() > 0.9


def test_series_without_history_at_a_cutoff_are_left_out_of_that_window() -> None:
    panel = sample_panel(days=120, ahead=0)
    late = panel["ds"].max() - pd.Timedelta(days=9)
    young = (panel["unique_id"] == "a") & (panel["ds"] < late)
    cv = cross_validation([SeasonalNaive()], panel[~young], SPEC, 7, 3)
    assert cv.groupby("unique_id")["cutoff"].nunique().to_dict() == {"a": 1, "b": 3, "c": 3}


def test_columns_are_those_of_the_contract() -> None:
    cv = cross_validation(
        [SeasonalNaive(alias="N")], sample_panel(days=80, ahead=0), SPEC, 7, 1, level=(95, 80)
    )
    assert list(cv.columns) == [
        "unique_id", "ds", "cutoff", "y", "N", "N-lo-80", "N-hi-80", "N-lo-95", "N-hi-95",
    ]  # fmt: skip


def test_each_window_is_what_a_model_fitted_by_hand_would_say() -> None:
    panel = sample_panel(days=120, ahead=0)
    cv = cross_validation([Regression(h=7)], panel, SPEC, 7, 3)
    for cutoff in cv["cutoff"].unique():
        shown = panel.copy()
        shown.loc[shown["ds"] > cutoff, ["y", "views"]] = np.nan
        by_hand = Regression(h=7).fit(shown, SPEC).predict(7)["Regression"].to_numpy()
        window = cv[cv["cutoff"] == cutoff].sort_values(["unique_id", "ds"])["Regression"].to_numpy()
        assert window == pytest.approx(by_hand)


def test_several_models_stand_side_by_side() -> None:
    models = [SeasonalNaive(), SeasonalNaive(alias="Twin")]
    cv = cross_validation(models, sample_panel(days=80, ahead=0), SPEC, 7, 2)
    assert cv["SeasonalNaive"].equals(cv["Twin"].rename("SeasonalNaive"))
    assert cv["y"].equals(
        sample_panel(days=80, ahead=0)
        .merge(cv[["unique_id", "ds"]], on=["unique_id", "ds"])
        .sort_values(["unique_id", "ds"], ignore_index=True)["y"]
    )


def test_bands_cover_about_what_they_promise() -> None:
    rng = np.random.default_rng(0)
    days = pd.date_range("2025-01-01", periods=200)
    parts = [
        pd.DataFrame({"unique_id": f"{i:02d}", "ds": days, "y": rng.poisson(30, 200).astype(float)})
        for i in range(40)
    ]
    cv = cross_validation([SeasonalNaive()], pd.concat(parts), PanelSpec(), 14, 3)
    for level in (80, 95):
        inside = cv["y"].between(cv[f"SeasonalNaive-lo-{level}"], cv[f"SeasonalNaive-hi-{level}"])
        assert inside.mean() == pytest.approx(level / 100, abs=0.03)


def test_stockout_days_have_no_truth_to_be_judged_by() -> None:
    panel = sample_panel(days=80, ahead=0)
    panel["stockout"] = (panel["ds"] == panel["ds"].max()).astype(float)
    cv = cross_validation([SeasonalNaive()], panel, SPEC, 7, 1)
    last = cv["ds"] == panel["ds"].max()
    assert not last.any() or cv.loc[last, "y"].isna().all()


def test_future_frames_are_not_needed_because_the_panel_has_the_days() -> None:
    panel = sample_panel(days=80, ahead=0)
    cv = cross_validation([Regression(h=7)], panel, SPEC, 7, 1)
    promoted = cv.merge(panel[["unique_id", "ds", "promo"]], on=["unique_id", "ds"])
    ratio = promoted["Regression"] / promoted.groupby("unique_id")["Regression"].transform("mean")
    assert ratio[promoted["promo"] == 1].mean() > ratio[promoted["promo"] == 0].mean()
