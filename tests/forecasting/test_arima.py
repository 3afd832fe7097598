import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.arima.model import ARIMA as StatsARIMA

from forecasting.arima import ARIMA, _filled, _independent, choose_order
from forecasting.checks import SPEC, H, sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Array, Grid

NOTHING = np.zeros((300, 0))


def autoregressive(phi: float, days: int = 300, seed: int = 0) -> Array:
    rng = np.random.default_rng(seed)
    y = np.zeros(days)
    for day in range(1, days):
        y[day] = phi * y[day - 1] + rng.normal()
    return y


def test_a_stationary_series_gets_no_difference_and_a_random_walk_one() -> None:
    still, walk = (choose_order(autoregressive(phi), NOTHING, 1) for phi in (0.5, 1.0))
    assert still["order"][1] == 0
    assert still["adf_p"] < 0.05
    assert walk["order"][1] == 1
    assert walk["adf_p"] > 0.05


def test_the_order_has_the_lowest_aic_of_the_table() -> None:
    chosen = choose_order(autoregressive(0.8), NOTHING, 2)
    assert len(chosen["aic"]) == 9
    best = min(chosen["aic"], key=chosen["aic"].get)
    assert f"{chosen['order'][0]},{chosen['order'][2]}" == best
    assert chosen["order"][0] >= 1


def grid(days: int = 150, ahead: int = H) -> Grid:
    return Grid.from_frame(validate_panel(sample_panel(days=days, ahead=ahead), SPEC), SPEC)


def test_promotions_ahead_move_the_forecast() -> None:
    panel = sample_panel(days=200)
    model = ARIMA(max_order=1).fit(panel, SPEC)
    ahead = panel.loc[panel["y"].isna(), ["unique_id", "ds"]]
    busy, quiet = (model.predict(H, ahead.assign(promo=value))["ARIMA"] for value in (1.0, 0.0))
    assert (busy / quiet).median() == pytest.approx(1.5, abs=0.15)


def test_update_keeps_the_order_and_estimates_again() -> None:
    model = ARIMA(max_order=1).fit_grid(grid().until(120))
    orders = {uid: table["order"] for uid, table in model.tables_.items()}
    before = {uid: params.copy() for uid, params in model.params_.items()}
    model.update(grid())
    assert {uid: table["order"] for uid, table in model.tables_.items()} == orders
    assert all(not np.array_equal(model.params_[uid], before[uid]) for uid in before)


def test_series_it_cannot_fit_fall_back_by_name() -> None:
    panel = sample_panel(days=100, ahead=H)
    known = panel["y"].notna()
    panel.loc[known & (panel["unique_id"] == "a"), "y"] = 4.0
    late = (panel["unique_id"] == "b") & (panel["ds"] < panel["ds"].max() - pd.Timedelta(days=30))
    model = ARIMA(max_order=1).fit(panel[~late], SPEC)
    assert model.fallbacks_ == {
        "a": "ValueError: the series is constant: seasonal naive",
        "b": "only 23 known days, 56 are needed: seasonal naive",
    }
    forecast = model.predict(H)
    assert forecast.query("unique_id == 'a'")["ARIMA"].eq(4.0).all()
    assert set(model.params_) == {"c"}


def test_unknown_days_do_not_stop_it() -> None:
    panel = sample_panel(days=120, ahead=0)
    panel.loc[panel.index % 9 == 0, "y"] = np.nan
    model = ARIMA(max_order=1).fit(panel, PanelSpec())
    assert model.fallbacks_ == {}
    assert np.isfinite(model.predict(H)["ARIMA"]).all()


def test_only_the_last_days_count() -> None:
    panel = sample_panel(days=200, ahead=H)
    wild = panel.copy()
    old = wild["ds"] < wild["ds"].min() + pd.Timedelta(days=100)
    wild.loc[old, "y"] = wild.loc[old, "y"] + 1.0
    first, second = (ARIMA(max_order=1, max_days=90).fit(df, SPEC).predict(H) for df in (panel, wild))
    pd.testing.assert_frame_equal(first, second)


def test_it_forecasts_what_statsmodels_does_on_the_same_regressors() -> None:
    made = grid(days=150)
    model = ARIMA(max_order=1).fit_grid(made)
    p, d, q = model.tables_["c"]["order"]
    days = made.days(H)
    weekday = np.eye(7)[days.day_of_week][:, 1:]
    log = np.log1p(made.y[2])
    calendar, names = made.calendar(H)
    off = calendar[:, names.index("off_workday")]
    work = calendar[:, names.index("on_weekend")]
    regressors = np.column_stack([weekday, off, work, made.future[2, : 150 + H]])
    varied = regressors[:150].std(axis=0) > 0
    reference = StatsARIMA(log, regressors[:150][:, varied], order=(p, d, q), trend="n" if d else "c")
    expected = np.expm1(reference.filter(model.params_["c"]).forecast(H, exog=regressors[150:][:, varied]))
    assert model.forecast(made, H)[2] == pytest.approx(expected, rel=1e-6)


def test_regressors_that_repeat_each_other_are_dropped() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 2))
    doubled = np.column_stack([np.ones(50), x[:, 0], 2 * x[:, 0], x[:, 1], x[:, 0] - x[:, 1]])
    assert _independent(doubled) == [1, 3]
    assert _independent(np.zeros((50, 2))) == []


def test_unknown_days_take_the_same_weekday() -> None:
    y = np.arange(28.0)[None].copy()
    y[0, [3, 20]] = np.nan
    filled = _filled(y)[0]
    assert filled[20] == 13.0
    assert filled[3] == 10.0
    assert np.isnan(y[0, 3])
    assert _filled(np.full((1, 9), np.nan)).tolist() == [[0.0] * 9]


def test_a_promotion_column_without_variation_does_no_harm() -> None:
    panel = sample_panel(days=100).assign(promo=1.0)
    model = ARIMA(max_order=1).fit(panel, SPEC)
    assert model.fallbacks_ == {}
    assert np.isfinite(model.predict(H)["ARIMA"]).all()


def test_a_growing_series_keeps_growing_no_further_than_twice_its_record() -> None:
    days = pd.date_range("2026-01-01", periods=120)
    panel = pd.DataFrame({"unique_id": "a", "ds": days, "y": np.exp(np.arange(120) / 20.0).round()})
    forecast = ARIMA(max_order=1).fit(panel, PanelSpec()).predict(60)["ARIMA"]
    assert forecast.max() <= 2 * panel["y"].max() + 1e-6
    assert forecast.iloc[:7].mean() > 0.6 * panel["y"].max()
