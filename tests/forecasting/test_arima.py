import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from forecasting.arima import ARIMA
from forecasting.checks import SPEC, H, sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid


def grid(days: int = 150, ahead: int = H) -> Grid:
    return Grid.from_frame(validate_panel(sample_panel(days=days, ahead=ahead), SPEC), SPEC)


def test_promotions_ahead_move_the_forecast() -> None:
    panel = sample_panel(days=200)
    model = ARIMA().fit(panel, SPEC)
    ahead = panel.loc[panel["y"].isna(), ["unique_id", "ds"]]
    busy, quiet = (model.predict(H, ahead.assign(promo=value))["ARIMA"] for value in (1.0, 0.0))
    assert (busy / quiet).median() == pytest.approx(1.5, abs=0.15)


def test_update_keeps_the_order_and_estimates_again() -> None:
    model = ARIMA().fit_grid(grid().until(120))
    orders, before = dict(model.orders_), dict(model.coef_)
    model.update(grid())
    assert model.orders_ == orders
    assert all(model.coef_[uid] != before[uid] for uid in before)


def test_seeing_more_days_estimates_nothing_but_moves_the_forecast() -> None:
    model = ARIMA().fit_grid(grid().until(120))
    before = dict(model.coef_)
    early = model.predict(H)
    late = model.see(grid()).predict(H)
    assert model.coef_ == before
    assert late["ds"].min() == early["ds"].min() + pd.Timedelta(days=30)
    assert not np.allclose(late["ARIMA"], early["ARIMA"])


def test_series_it_cannot_fit_fall_back_by_name() -> None:
    panel = sample_panel(days=100, ahead=H)
    known = panel["y"].notna()
    panel.loc[known & (panel["unique_id"] == "a"), "y"] = 4.0
    late = (panel["unique_id"] == "b") & (panel["ds"] < panel["ds"].max() - pd.Timedelta(days=30))
    model = ARIMA().fit(panel[~late], SPEC)
    assert model.fallbacks_ == {
        "a": "ValueError: the series is constant: seasonal naive",
        "b": "only 23 known days, 56 are needed: seasonal naive",
    }
    forecast = model.predict(H)
    assert forecast.query("unique_id == 'a'")["ARIMA"].eq(4.0).all()
    assert set(model.coef_) == {"c"}


def test_unknown_days_do_not_stop_it() -> None:
    panel = sample_panel(days=120, ahead=0)
    panel.loc[panel.index % 9 == 0, "y"] = np.nan
    model = ARIMA().fit(panel, PanelSpec())
    assert model.fallbacks_ == {}
    assert np.isfinite(model.predict(H)["ARIMA"]).all()


def test_only_the_last_days_count() -> None:
    panel = sample_panel(days=200, ahead=H)
    wild = panel.copy()
    old = wild["ds"] < wild["ds"].min() + pd.Timedelta(days=100)
    wild.loc[old, "y"] = wild.loc[old, "y"] + 1.0
    first, second = (ARIMA(max_days=90).fit(df, SPEC).predict(H) for df in (panel, wild))
    pd.testing.assert_frame_equal(first, second)


def test_it_forecasts_what_statsmodels_does_with_the_same_coefficients() -> None:
    made = grid(days=150)
    model = ARIMA().fit_grid(made)
    p, d, q, *seasonal = model.orders_["c"]
    coef = model.coef_["c"]
    used = [name for name in coef if name.startswith("x")]
    calendar, names = made.calendar(H)
    off, work = (calendar[:, names.index(name)] for name in ("off_workday", "on_weekend"))
    x = np.column_stack([off, work, made.future[2, : 150 + H, 0]])[:, [int(name[1:]) for name in used]]
    reference = SARIMAX(made.y[2], x[:150], order=(p, d, q), seasonal_order=(*seasonal, 7))
    params = [*(coef[name] for name in used), *(coef[name] for name in coef if name not in used), 1.0]
    expected = reference.filter(params).forecast(H, exog=x[150:])
    assert model.forecast(made, H)[2] == pytest.approx(expected, rel=1e-2)


def test_a_part_of_the_panel_is_forecast_as_among_all() -> None:
    made = grid()
    model = ARIMA().fit_grid(made)
    assert np.array_equal(model.forecast_grid(made.take([1]), H)[0], model.forecast_grid(made, H)[1])


def test_a_promotion_column_without_variation_does_no_harm() -> None:
    panel = sample_panel(days=100).assign(promo=1.0)
    model = ARIMA().fit(panel, SPEC)
    assert model.fallbacks_ == {}
    assert np.isfinite(model.predict(H)["ARIMA"]).all()


def test_a_growing_series_keeps_growing_no_further_than_twice_its_record() -> None:
    days = pd.date_range("2026-01-01", periods=120)
    panel = pd.DataFrame({"unique_id": "a", "ds": days, "y": np.exp(np.arange(120) / 20.0).round()})
    forecast = ARIMA().fit(panel, PanelSpec()).predict(60)["ARIMA"]
    assert forecast.max() <= 2 * panel["y"].max() + 1e-6
    assert forecast.iloc[:7].mean() > 0.6 * panel["y"].max()


def test_the_tables_tell_what_was_tested() -> None:
    tables = ARIMA().fit_grid(grid()).tables_
    assert set(tables) == {"a", "b", "c"}
    table = tables["c"]
    assert {"adf_p", "kpss_p", "weekday_p", "d", "D", "order", "aicc"} == set(table)
    p, d, q, *seasonal = table["order"]
    best = f"({p},{d},{q})({seasonal[0]},{seasonal[1]},{seasonal[2]})"
    assert min(table["aicc"], key=table["aicc"].get) == best
