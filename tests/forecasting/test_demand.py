import numpy as np

from forecasting.demand import closed_days, unrecorded_days
from forecasting.grid import Array


def steady(days: int = 60, n: int = 2) -> Array:
    return np.full((n, days), 9.0)


def test_a_code_with_which_nothing_is_ever_sold_means_closed() -> None:
    y, future = steady(), np.ones((2, 67, 1))
    future[:, 6::7] = 0.0
    y[:, 6::7] = 0.0
    closed = closed_days(y, future)
    assert closed.shape == (2, 67)
    assert np.array_equal(closed, future[:, :, 0] == 0)


def test_a_code_with_some_sales_does_not_mean_closed() -> None:
    y, future = steady(), np.ones((2, 60, 1))
    future[:, 6::7] = 0.0
    y[:, 6::7] = 0.0
    y[0, 6] = 4.0
    assert not closed_days(y, future).any()


def test_codes_say_nothing_where_zeros_are_common_anyway() -> None:
    y, future = steady(), np.ones((2, 60, 1))
    future[:, 6::7] = 0.0
    y[:, 6::7] = 0.0
    y[:, ::3] = 0.0
    assert not closed_days(y, future).any()


def test_a_code_seen_a_few_times_is_not_believed() -> None:
    y, future = steady(), np.ones((2, 60, 1))
    future[:, :4] = 0.0
    y[:, :4] = 0.0
    assert not closed_days(y, future).any()


def test_a_short_break_of_a_steady_seller_is_not_missing_demand() -> None:
    y = steady(200)
    y[0, 50:60] = 0.0
    found = unrecorded_days(y)
    assert found[0, 50:60].all()
    assert found.sum() == 10


def test_a_long_break_and_a_dying_product_are() -> None:
    y = steady(400)
    y[0, 50:66] = 0.0
    y[1, -3:] = 0.0
    assert not unrecorded_days(y).any()
    y[1, -3] = 9.0
    assert unrecorded_days(y)[1, -2:].all()


def test_zeros_of_an_intermittent_seller_are_real() -> None:
    y = steady(60)
    y[:, ::5] = 0.0
    assert not unrecorded_days(y).any()
