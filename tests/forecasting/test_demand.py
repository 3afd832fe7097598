import numpy as np
import pytest

from forecasting.demand import absurd_days, closed_days, idle_days, idle_weekdays, unrecorded_days
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


def plain_unrecorded(y: Array) -> list[list[bool]]:
    """Find runs of zeros the slow way."""
    found = []
    for series in y:
        steady_seller = (series == 0).sum() < 0.1 * np.isfinite(series).sum()
        days, day = [False] * len(series), 0
        while day < len(series):
            stop = day
            while stop < len(series) and series[stop] == 0:
                stop += 1
            limit = 2 if stop == len(series) else 14
            if steady_seller and 0 < stop - day <= limit:
                days[day:stop] = [True] * (stop - day)
            day = max(stop, day + 1)
        found.append(days)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_unrecorded_days_agree_with_the_slow_way(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.poisson(9, (6, 120)).astype(float) + 1
    for row in range(6):
        start, length = rng.integers(0, 118), rng.integers(1, 18)
        y[row, start : start + length] = 0.0
        y[row, rng.integers(0, 120, rng.integers(0, 9))] = np.nan
    y[5, ::4] = 0.0
    assert unrecorded_days(y).tolist() == plain_unrecorded(y)


def test_several_columns_may_say_closed() -> None:
    y, future = steady(70), np.zeros((2, 70, 2))
    future[:, ::7, 0] = 1.0
    future[:, 3::14, 1] = 2.0
    y[:, ::7] = 0.0
    y[:, 3::14] = 0.0
    closed = closed_days(y, future)
    assert closed[:, ::7].all() == (closed.sum() > 0)
    assert not closed[:, 1::7].any()


def test_unknown_days_and_unknown_codes_do_not_decide() -> None:
    y, future = steady(), np.ones((2, 60, 1))
    future[:, 6::7] = 0.0
    y[:, 6::7] = 0.0
    y[:, 0], future[:, 1] = np.nan, np.nan
    closed = closed_days(y, future)
    assert np.array_equal(closed, future[:, :, 0] == 0)


def test_a_panel_without_known_ahead_columns_never_closes() -> None:
    assert not closed_days(steady(), np.zeros((2, 60, 0))).any()


def test_a_day_without_any_sale_in_a_large_panel_is_a_closed_day() -> None:
    y = np.random.default_rng(0).poisson(0.6, (40, 90)).astype(float)
    y[:, [20, 55]] = 0.0
    assert np.flatnonzero(idle_days(y)).tolist() == [20, 55]
    assert not idle_days(y[:12]).any()


def test_a_weekday_is_idle_when_it_was_in_each_of_the_last_eight_weeks() -> None:
    idle = np.arange(90) % 7 == 3
    assert np.flatnonzero(np.resize(idle_weekdays(idle), 14)).tolist() == [4, 11]
    idle[52] = False
    assert not idle_weekdays(idle).any()
    assert not idle_weekdays(idle[:50]).any()


@pytest.mark.parametrize(("days", "closed"), [(14, 14), (15, 0)])
def test_a_shop_without_sales_for_weeks_is_closed_no_more(days: int, closed: int) -> None:
    y = steady(n=12)
    y[:, -days:] = 0.0
    assert idle_days(y).sum() == closed


def test_only_days_far_beyond_the_usual_are_absurd() -> None:
    y = np.vstack([steady(n=1), steady(n=1), np.zeros((1, 60)), np.full((1, 60), np.nan)])
    y[0, 30], y[1, 30], y[2, 30:40] = 9001.0, 9000.0, 1.0
    y[2, 40] = 1e6
    assert np.argwhere(absurd_days(y)).tolist() == [[0, 30]]
