import numpy as np
import pytest

from forecasting.arima_order import ALONE, VOTERS, choose_orders, difference_tests, varied
from forecasting.grid import Array

NOTHING = np.zeros((300, 0))


def autoregressive(phi: float, days: int = 300, seed: int = 0) -> Array:
    rng = np.random.default_rng(seed)
    y = np.zeros(days)
    for day in range(1, days):
        y[day] = phi * y[day - 1] + rng.normal()
    return y


def test_a_stationary_series_gets_no_difference_and_a_random_walk_one() -> None:
    still, walk = (difference_tests(autoregressive(phi), NOTHING) for phi in (0.5, 1.0))
    assert (still["d"], still["D"]) == (0, 0)
    assert still["adf_p"] < 0.05 < still["kpss_p"]
    assert walk["d"] == 1
    assert walk["kpss_p"] < 0.05 < walk["adf_p"]


def test_a_weekly_pattern_gets_a_seasonal_difference() -> None:
    y = autoregressive(0.5) + np.tile([0, 0, 0, 0, 1, 3, 2], 43)[:300]
    table = difference_tests(y, NOTHING)
    assert table["weekday_p"] < 1e-6
    assert (table["d"], table["D"]) == (0, 1)


def test_few_series_get_their_own_orders() -> None:
    orders, tables = choose_orders({"a": (autoregressive(0.8), NOTHING), "b": (autoregressive(1.0), NOTHING)})
    assert orders["a"][1] == 0
    assert orders["b"][1] == 1
    assert set(tables) == {"a", "b"}
    assert tables["a"]["order"] == list(orders["a"])


def test_many_series_share_the_orders_that_a_sample_votes_for() -> None:
    series = {f"{i:03d}": (autoregressive(0.7, 120, seed=i), NOTHING[:120]) for i in range(ALONE + 6)}
    orders, tables = choose_orders(series)
    assert len(tables) == VOTERS
    assert set(orders) == set(series)
    assert len(set(orders.values())) == 1


def test_regressors_that_the_differences_wipe_out_are_left_out() -> None:
    weekly = np.tile([1.0, 0, 0, 0, 0, 0, 0], 20)
    other = np.random.default_rng(0).normal(size=140)
    x = np.column_stack([weekly, other])
    assert varied(x, (1, 0, 1, 0, 0, 0)) == [0, 1]
    assert varied(x, (1, 0, 1, 0, 1, 1)) == [1]


def test_a_constant_rest_needs_no_test() -> None:
    table = difference_tests(np.tile([1.0, 2, 3, 4, 5, 6, 7], 20), NOTHING[:140])
    assert table["d"] == 0
    assert table["adf_p"] == pytest.approx(0.0)


def test_sales_of_any_size_are_tested_in_silence() -> None:
    y = np.random.default_rng(0).poisson(50, 140).astype(float)
    y[70] = 1e15
    for scale in (1.0, 1e13):
        table = difference_tests(y * scale, np.zeros((140, 0)))
        assert 0 <= table["adf_p"] <= 1
