import numpy as np
import pandas as pd
import pytest

from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Array, Grid
from forecasting.innovations import (
    OUTLIER,
    autoregression,
    innovations,
    known_regressors,
    lagged,
    relieved,
)


def persistent(coefficients: list[float], days: int = 2000, seed: int = 0) -> Array:
    values = np.random.default_rng(seed).normal(size=days)
    for day in range(len(coefficients), days):
        values[day] += sum(c * values[day - lag] for lag, c in enumerate(coefficients, start=1))
    return values


def test_lags_look_back_and_ahead_and_find_nothing_beyond_the_ends() -> None:
    found = lagged(np.array([1.0, 2.0, 3.0]), np.array([-1, 0, 2, 5]))
    assert found.T.tolist() == [[2, 3, 0], [1, 2, 3], [0, 0, 1], [0, 0, 0]]


@pytest.mark.parametrize("truth", [[], [0.7], [0.5, 0.0, 0.3]])
def test_an_autoregression_finds_its_order_and_leaves_news(truth: list[float]) -> None:
    values = persistent(truth)
    found = autoregression(values, np.ones(2000, dtype=bool), 14, float(np.log(2000)))
    assert found == pytest.approx(truth, abs=0.06)
    news = innovations(values, found)
    assert abs(np.corrcoef(news[1:], news[:-1])[0, 1]) < 0.05


def test_a_short_or_constant_series_gets_no_great_order() -> None:
    assert len(autoregression(persistent([0.5], 60), np.ones(60, dtype=bool), 28, 2.0)) <= 3
    assert len(autoregression(np.zeros(200), np.ones(200, dtype=bool), 28, 2.0)) == 0


def test_what_regressors_say_is_taken_out_and_gaps_say_nothing() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3))
    x[:, 2] = 4.0
    noise = 0.1 * rng.normal(size=300)
    values = np.column_stack([3 + 2 * x[:, 0] + noise, x[:, 1]])
    values[:20] = np.nan
    known = np.isfinite(values[:, 0])
    known[50:60] = False
    left = relieved(values, known, x)
    assert left[20:, 0] == pytest.approx(noise[20:], abs=0.05)
    assert left[20:, 1] == pytest.approx(np.zeros(280), abs=1e-9)
    assert not left[:20].any()


def test_one_wild_day_is_cut() -> None:
    values = np.random.default_rng(0).normal(size=(400, 1))
    values[7] = 1000.0
    left = relieved(values, np.ones(400, dtype=bool), np.zeros((400, 1)))
    assert left.max() < OUTLIER * 51


def test_days_are_told_by_week_festival_plan_and_what_it_was_before() -> None:
    days = pd.date_range("2025-01-01", periods=400)
    promo = np.zeros(400)
    promo[100] = 1.0
    spec = PanelSpec(future=("promo",))
    frame = pd.DataFrame({"unique_id": "a", "ds": days, "y": 1.0, "promo": promo})
    x = known_regressors(Grid.from_frame(validate_panel(frame, spec), spec))[0]
    assert len(x) == 400
    now, before, earlier = x[:, -3:].T
    assert now.nonzero()[0].tolist() == [100]
    assert before.nonzero()[0].tolist() == list(range(101, 108))
    assert earlier.nonzero()[0].tolist() == list(range(108, 115))
    season = np.sin(2 * np.pi * np.arange(400) / 365)[:, None]
    monday = (days.day_of_week == 0).astype(float)[:, None]
    double11 = np.isin(days.strftime("%m-%d"), ["11-09", "11-10", "11-11"]).astype(float)[:, None]
    everything = np.ones(400, dtype=bool)
    assert np.abs(relieved(monday, everything, x)).max() < 1e-9
    assert np.abs(relieved(double11, everything, x)).max() < 1e-9
    assert relieved(season, everything, x).std() < 0.2 * season.std()
