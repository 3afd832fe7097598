import numpy as np
import pytest
from scipy.stats import ttest_1samp

from forecasting.diebold_mariano import block_bootstrap, diebold_mariano, difference_mean
from forecasting.grid import Array


def differences(n: int, days: int, reach: int, shift: float = 0.0, seed: int = 0) -> Array:
    """Make moving averages of ``reach`` days, as errors of forecasts so far ahead are."""
    noise = np.random.default_rng(seed).normal(size=(n, days + reach - 1))
    total = np.cumsum(np.pad(noise, ((0, 0), (1, 0))), axis=1)
    return np.asarray((total[:, reach:] - total[:, :-reach]) / np.sqrt(reach) + shift)


@pytest.mark.parametrize("h", [1, 3, 7])
def test_equal_forecasts_are_told_apart_as_often_as_promised(h: int) -> None:
    _, p_value = diebold_mariano(differences(2000, 200, h), h)
    assert (p_value < 0.05).mean() == pytest.approx(0.05, abs=0.025)


def test_neglecting_the_dependence_of_days_would_find_far_too_much() -> None:
    _, p_value = diebold_mariano(differences(2000, 200, 7), 1)
    assert (p_value < 0.05).mean() > 0.3


def test_a_real_difference_is_found_with_its_sign() -> None:
    statistic, p_value = diebold_mariano(differences(200, 200, 3, shift=-0.5), 3)
    assert (p_value < 0.05).mean() > 0.9
    assert (statistic < 0).all()


def test_one_day_ahead_it_is_nearly_the_t_test() -> None:
    difference = differences(5, 100, 1, shift=0.1)
    statistic, p_value = diebold_mariano(difference, 1)
    reference = ttest_1samp(difference, 0.0, axis=1)
    assert statistic == pytest.approx(reference.statistic, rel=0.01)
    assert p_value == pytest.approx(reference.pvalue, rel=0.02)


def test_the_same_losses_and_too_few_days_say_nothing() -> None:
    difference = np.zeros((3, 30))
    difference[1, :] = np.nan
    difference[2, 4:] = np.nan
    difference[2, :4] = [1, 2, 3, 4]
    statistic, p_value = diebold_mariano(difference, 7)
    assert statistic.tolist() == [0.0, 0.0, 0.0]
    assert p_value.tolist() == [1.0, 1.0, 1.0]


def test_unknown_days_are_left_out() -> None:
    difference = differences(4, 100, 1, shift=0.2)
    gaps = np.concatenate([difference, np.full((4, 20), np.nan)], axis=1)
    assert diebold_mariano(gaps, 1)[0] == pytest.approx(diebold_mariano(difference, 1)[0])


def test_the_interval_holds_the_truth_nearly_as_often_as_promised() -> None:
    low, high = block_bootstrap(differences(1000, 280, 7, shift=0.3), 14)
    assert ((low <= 0.3) & (high >= 0.3)).mean() == pytest.approx(0.90, abs=0.03)


def test_the_interval_is_the_same_on_every_run_and_unknown_without_days() -> None:
    difference = differences(2, 60, 7)
    difference[1] = np.nan
    first, second = block_bootstrap(difference, 7), block_bootstrap(difference, 7)
    assert first[0][0] == second[0][0]
    assert np.isnan(first[0][1])
    assert np.isnan(difference_mean(difference)[1])
