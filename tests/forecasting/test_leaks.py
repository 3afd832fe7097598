import numpy as np
import pytest

from forecasting.grid import Array
from forecasting.leaks import leaks

DAYS = 120


def sales(seed: int = 0) -> Array:
    return np.random.default_rng(seed).poisson(20.0, (3, DAYS)).astype(float)


def ahead(y: Array, days: int) -> Array:
    shifted = np.full_like(y, np.nan)
    shifted[:, :-days] = y[:, days:]
    return shifted


@pytest.mark.parametrize("days", [1, 3, 7])
def test_sales_of_a_later_day_are_found_whatever_their_scale(days: int) -> None:
    y = sales()
    past = np.stack(
        [ahead(y, days), -np.log1p(ahead(y, days)), np.random.default_rng(1).normal(size=y.shape)], 2
    )
    assert leaks(y, past).tolist() == [[True, True, False]] * 3


def test_todays_and_earlier_sales_are_no_leak() -> None:
    y = sales()
    earlier = np.concatenate([np.zeros((3, 2)), y[:, :-2]], axis=1)
    assert not leaks(y, np.stack([y, earlier], axis=2)).any()


def test_a_column_that_foretells_sales_but_for_chance_is_no_leak() -> None:
    said = np.random.default_rng(2).normal(size=(3, DAYS))
    y = np.exp(5 + 0.5 * np.roll(said, 2, axis=1))
    chance = np.random.default_rng(3).poisson(y).astype(float)
    assert leaks(y, said[:, :, None]).all()
    assert not leaks(chance, said[:, :, None]).any()


def test_only_the_series_concerned_is_meant_and_few_days_prove_nothing() -> None:
    y = sales()
    past = np.random.default_rng(1).normal(size=(3, DAYS, 1))
    past[1, :, 0] = ahead(y, 1)[1]
    assert leaks(y, past)[:, 0].tolist() == [False, True, False]
    assert not leaks(y[:, :20], past[:, :20]).any()
