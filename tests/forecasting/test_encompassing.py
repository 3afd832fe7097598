import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from forecasting.encompassing import counting_noise, encompassing
from forecasting.grid import Array


def alike(shape: tuple[int, ...], decay: float, seed: int) -> Array:
    """Draw noise along the days whose neighbours resemble each other."""
    noise = np.random.default_rng(seed).normal(size=shape)
    for day in range(1, shape[1]):
        noise[:, day] = decay * noise[:, day - 1] + np.sqrt(1 - decay**2) * noise[:, day]
    return noise


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.8])
def test_the_test_keeps_its_size_when_days_depend_on_each_other(decay: float) -> None:
    error, correction = alike((3000, 56), decay, 0), alike((3000, 56), 0.8, 1)
    assert (encompassing(error, correction, 14)[1] < 0.05).mean() == pytest.approx(0.05, abs=0.02)


def test_a_correction_in_a_few_days_is_seen_and_so_is_its_direction() -> None:
    correction = np.zeros((400, 56))
    correction[:, 20:30] = -0.5
    noise = alike((400, 56), 0.2, 0) * 0.3
    statistic, p_value = encompassing(noise + correction, correction, 14)
    assert (p_value < 0.02).mean() > 0.9
    assert (statistic > 0).mean() > 0.99
    assert (encompassing(noise - correction, correction, 14)[0] < 0).mean() > 0.99


def test_one_wild_day_decides_nothing() -> None:
    error, correction = alike((50, 56), 0.0, 0), alike((50, 56), 0.0, 1)
    error[:, 7], correction[:, 7] = 500.0, 1.0
    assert encompassing(error, correction, 14)[1].min() > 1e-3


def test_without_a_correction_or_any_known_day_there_is_nothing_to_test() -> None:
    error, correction = alike((2, 56), 0.0, 0), np.zeros((2, 56))
    error[1], correction[1] = np.nan, 1.0
    assert encompassing(error, correction, 14)[1].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("seed", range(3))
def test_the_slope_is_least_squares(seed: int) -> None:
    rng = np.random.default_rng(seed)
    correction = rng.normal(size=(1, 400))
    error = 0.2 * correction + rng.normal(size=(1, 400))
    statistic, p_value = encompassing(error, correction, 1)
    reference = OLS(np.clip(error[0], -3, 3), correction[0]).fit()
    assert statistic[0] == pytest.approx(reference.tvalues[0], rel=0.15)
    assert p_value[0] == pytest.approx(reference.pvalues[0], rel=0.7, abs=0.01)


def test_units_do_not_matter_to_the_test() -> None:
    error, correction = alike((5, 56), 0.3, 0), alike((5, 56), 0.3, 1)
    plain = encompassing(error, correction, 14)
    scaled = encompassing(error * 1000, correction * 0.01, 14)
    assert scaled[0] == pytest.approx(plain[0])
    assert scaled[1] == pytest.approx(plain[1])


def test_a_correction_in_one_window_proves_little() -> None:
    error, correction = alike((3000, 350), 0.5, 0), np.zeros((3000, 350))
    correction[:, 140:147] = 1.0
    assert (encompassing(error, correction, 14)[1] < 0.001).mean() < 0.002


def test_a_series_whose_own_errors_last_is_not_as_sure_as_the_others() -> None:
    error, correction = alike((2000, 350), 0.0, 0), alike((2000, 350), 0.95, 1)
    error[:200] = alike((200, 350), 0.9, 2)
    certain = encompassing(error, correction, 14)[1] < 0.01
    assert certain[:200].mean() < 0.1
    assert certain[200:].mean() < 0.02


def test_nothing_sold_where_hardly_anything_was_expected_proves_nothing() -> None:
    sold, expected = np.zeros((1, 56)), np.geomspace(0.03, 0.02, 56)[None]
    error, correction = -np.log1p(expected), np.full((1, 56), -0.005)
    assert encompassing(error, correction, 14)[1][0] < 0.01
    assert encompassing(error, correction, 14, counting_noise(sold, expected))[1][0] > 0.1


def test_counts_are_as_uneven_as_chance_and_weights_need_not_be() -> None:
    mean = np.full((1, 20_000), 6.0)
    counts = np.random.default_rng(0).poisson(mean).astype(float)
    counts[0, 0] = np.nan
    seen = np.nanvar(np.log1p(counts))
    assert counting_noise(counts, mean)[0, 1] == pytest.approx(seen, rel=0.2)
    assert counting_noise(counts + 0.5, mean).max() == 0
