import numpy as np
import pytest

from forecasting.drift import cusum, daily_loss, needs_refit, takes_over
from forecasting.grid import Array

RNG = np.random.default_rng(0)


def losses(days: int, times: int, alike: float = 0.3) -> Array:
    """Return (times, days) losses around 10, each a little like that of the day before."""
    mood = RNG.normal(size=(times, days))
    for day in range(1, days):
        mood[:, day] = alike * mood[:, day - 1] + np.sqrt(1 - alike**2) * mood[:, day]
    return np.asarray(10 * np.exp(0.2 * mood))


def alarms(factor: float, alike: float = 0.3) -> float:
    found = losses(70, 600, alike)
    return float(np.mean([needs_refit(factor * row[42:], row[:42], 1, 30).yes for row in found]))


@pytest.mark.parametrize("alike", [0.0, 0.3, 0.5])
def test_usual_errors_are_taken_for_drift_in_at_most_one_month_of_twenty(alike: float) -> None:
    assert alarms(1.0, alike) <= 0.06


def test_errors_that_grew_by_a_third_are_noticed() -> None:
    assert alarms(1.35) >= 0.85


def test_the_reason_names_the_errors() -> None:
    verdict = needs_refit(np.full(10, 20.0), losses(42, 1)[0], 3, 30)
    assert verdict.yes
    assert verdict.reason.startswith("its errors drift: 20 a day, ")
    calm = needs_refit(np.array([]), losses(42, 1)[0], 3, 30)
    assert (calm.yes, calm.reason) == (False, "its errors of 0 days are the usual ones")


def test_an_old_model_and_one_without_a_backtest_are_learned_anew() -> None:
    assert "30 days old" in needs_refit(np.array([]), losses(42, 1)[0], 30, 30).reason
    assert "too short" in needs_refit(np.array([]), np.full(13, 1.0), 0, 30).reason


def test_unknown_days_neither_add_nor_take() -> None:
    reference = losses(42, 1)[0]
    values = np.array([30.0, np.nan, 30.0])
    sums = cusum(values, reference)
    assert sums[1] == sums[0]
    assert sums[2] == pytest.approx(2 * sums[0])


def test_losses_are_means_over_series() -> None:
    y = np.array([[1.0, np.nan, np.nan], [5.0, 2.0, np.nan]])
    assert daily_loss(y, np.full((2, 3), 3.0)).tolist() == pytest.approx([2.0, 1.0, np.nan], nan_ok=True)


def test_a_better_challenger_takes_over_as_soon_as_it_is_shown() -> None:
    champion = losses(7, 1)[0]
    verdict = takes_over(champion, 0.7 * champion)
    assert verdict is not None
    assert verdict.yes
    assert "on 7 days" in verdict.reason


def test_a_week_is_the_least_and_two_weeks_are_enough() -> None:
    champion, other = losses(14, 2)
    assert takes_over(champion[:6], 0.1 * champion[:6]) is None
    worse = takes_over(champion, 1.3 * champion)
    assert worse is not None
    assert not worse.yes
    equal = takes_over(champion, np.where(np.arange(14) % 2, 1.01, 0.99) * champion)
    assert equal is not None
    assert not equal.yes
    assert takes_over(champion[:10], other[:10] + champion[:10].mean() - other[:10].mean()) is None


def test_equals_rarely_take_over() -> None:
    pairs = zip(losses(14, 400), losses(14, 400), strict=True)
    verdicts = [takes_over(a, b) for a, b in pairs]
    assert np.mean([verdict is not None and verdict.yes for verdict in verdicts]) <= 0.1
