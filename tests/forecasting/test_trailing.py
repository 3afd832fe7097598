import numpy as np
import pytest

from forecasting.trailing import carried, trailing_mean


@pytest.mark.parametrize(("count", "step"), [(1, 1), (3, 1), (50, 1), (4, 7)])
def test_trailing_mean_agrees_with_the_plain_way(count: int, step: int) -> None:
    values = np.random.default_rng(0).normal(size=(2, 40))
    values[0, :9] = np.nan
    values[1, 17] = np.nan
    mean = trailing_mean(values, count, step)
    for row in range(2):
        for day in range(40):
            window = [values[row, day - step * back] for back in range(count) if day - step * back >= 0]
            known = [value for value in window if np.isfinite(value)]
            expected = np.mean(known) if known else np.nan
            assert mean[row, day] == pytest.approx(expected, nan_ok=True)


def test_the_last_known_value_is_carried_and_none_backwards() -> None:
    values = np.array([[np.nan, 2.0, np.nan, np.nan, 5.0, np.nan], [np.nan] * 6])
    assert carried(values)[0] == pytest.approx([np.nan, 2, 2, 2, 5, 5], nan_ok=True)
    assert np.isnan(carried(values)[1]).all()
