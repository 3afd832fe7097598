import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from forecasting.encompassing import encompassing
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
